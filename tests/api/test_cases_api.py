"""Every scheme from its entry to a decision, over HTTP, with the days by hand.

One applies for most; whom a roster names is entered by one act, and who stands at a counter by
their number (tests/support/entering.py).
"""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from relief.funds.models import Entitlement
from relief.schemes.models import Procedure, ProcedureStage, Scheme
from relief.schemes.types import StageKind
from tests.support.entering import CONFIRMED, enter, entry_of
from tests.support.people import CITY

# Applied for on Monday 2026-11-23, every stage ended on the day on which it could be; a notice that
# began then is over on Tuesday 2026-12-01. Counted by hand on a calendar from the catalogue's
# limits: stage → due day, then the day of the whole. "~": provisional, since 2027 is not announced.
MONDAY, OVER = "2026-11-23", "2026-12-01"
WAYS = {
    "W_DB30": (
        {
            "ACCEPT": "11-24", "KIN_FLAG": "11-23", "INV_START": "11-26", "CHK_START": "11-26",
            "JOINT": "11-30", "FIRST_OPN": "12-03", "PUBLIC": "12-01", "CONFIRM": "12-15",
            "NOTICE": "12-04",
        },
        "2027-01-04~", OVER,
    ),
    "W_TK": (
        {
            "ACCEPT": "11-24", "INV": "12-14", "JOINT": "11-30", "PUBLIC": "12-01",
            "CONFIRM": "12-22", "NOTICE": "12-04",
        },
        None, OVER,
    ),
    "W_QUICK": ({"REGISTER": "11-24", "PAY": "11-26", "SECOND": "11-24"}, "2026-11-26", MONDAY),
    "W_LS_ZC": (
        {
            "ACCEPT": "11-24", "EXPCHK": "12-02", "JOINT": "11-30", "PUBLIC": "12-01",
            "CONFIRM": "12-08",
        },
        "2026-12-21", OVER,
    ),
    "W_GX": (
        {"ACCEPT": "11-24", "INV": "12-09", "JOINT": "11-30", "CONFIRM": "12-07"},
        "2027-01-04~", MONDAY,
    ),
    "W_CHILD": (
        {"ACCEPT": "11-24", "CHECK": "12-14", "JOINT": "11-30", "CONFIRM": "12-14"},
        "2027-01-04~", MONDAY,
    ),
    "W_CJ2": (
        {
            "ACCEPT": "11-24", "FIRST": "11-30", "CL": "11-30", "JOINT": "11-30",
            "CONFIRM": "11-30",
        },
        "2026-12-21", MONDAY,
    ),
    "W_YL": (
        {"ACCEPT": "11-24", "APPLY": "12-14", "JOINT": "11-30", "CONFIRM": "12-07"},
        "2027-01-04~", MONDAY,
    ),
    "W_EDU": (
        {
            "ACCEPT": "12-07", "MATCH": "11-30", "JOINT": "11-30", "PUBLIC": "12-01",
            "CONFIRM": "12-08",
        },
        "2027-01-04~", OVER,
    ),
    "W_ZF": (
        {
            "ACCEPT": "11-24", "MZCHK": "12-07", "ZJCHK": "12-14", "JOINT": "11-30",
            "PUBLIC": "12-01", "CONFIRM": "12-15",
        },
        "2027-02-15~", OVER,
    ),
    "W_STD20": (
        {
            "ACCEPT": "11-24", "MATCH": "11-26", "JOINT": "11-30", "CONFIRM": "11-30",
            "NOTICE": "11-26",
        },
        "2026-12-21", MONDAY,
    ),
    # Who is confirmed: nothing is compared again, and the whole has 17 working days.
    "W_STD20 of a confirmed": (
        {"ACCEPT": "11-24", "JOINT": "11-30", "CONFIRM": "11-30", "NOTICE": "11-26"},
        "2026-12-16", MONDAY,
    ),
    "W_FY": ({"REVIEW": "11-30", "ASSIGN": "11-26"}, "2026-11-30", MONDAY),
}  # fmt: skip
# What may take 45 working days instead of 30, by the stage that needs the 15 more: which last days
# move, to where. Counted by hand: 15 for the filing of kin, 18 for survey and comparison to begin,
# 20 for the departments, 23 for the first opinion, 27 for the survey of heavy expenditure, 25 for
# the confirmation. Nobody knows yet whether 2027-01-01 is a day off, so what passes it says "~".
LONGER, LATER = "2027-01-25~", "2027-01-05~"
EXTENDED = {
    ("W_DB30", "KIN_FLAG"): {"KIN_FLAG": "2026-12-14", "FIRST_OPN": "2026-12-24"},
    ("W_DB30", "INV_START"): {"INV_START": "2026-12-17", "FIRST_OPN": "2026-12-24"},
    ("W_DB30", "CHK_START"): {"CHK_START": "2026-12-17", "FIRST_OPN": "2026-12-24"},
    ("W_DB30", "JOINT"): {"JOINT": "2026-12-21", "CONFIRM": LATER},
    ("W_DB30", "FIRST_OPN"): {"FIRST_OPN": "2026-12-24"},
    ("W_DB30", "CONFIRM"): {"CONFIRM": LATER},
    ("W_GX", "INV"): {"INV": "2026-12-30"},
    ("W_GX", "JOINT"): {"JOINT": "2026-12-21", "CONFIRM": "2026-12-28"},
    ("W_GX", "CONFIRM"): {"CONFIRM": "2026-12-28"},
}
# Scheme: its procedure, who decides, how many departments review, from when, up to when.
NEXT_YEAR, DECEMBER, NOVEMBER = "2027-01-01", "2026-12-01", "2026-11-01"
YEAR, TERM = "2026-01-01", "2026-09-01"
VERSIONS = {"W_QUICK": 2, "W_DB30": 2}  # the others have had one
SCHEMES = {
    "S01": ("W_DB30", "D01", 5, NEXT_YEAR, None),
    "S02": ("W_TK", "D01", 5, NEXT_YEAR, None),
    "S03": ("W_QUICK", "D01", 0, MONDAY, "2026-11-24"),
    "S04": ("W_LS_ZC", "D01", 3, OVER, "2026-12-02"),
    "S05": ("W_DB30", "D01", 5, OVER, None),
    "S06": ("W_GX", "D01", 4, MONDAY, "2027-11-23"),
    "S07": ("W_CHILD", "D01", 4, DECEMBER, None),
    "S08": ("W_CHILD", "D01", 4, DECEMBER, None),
    "S09": ("W_CJ2", "D01", 2, NOVEMBER, None),
    "S10": ("W_CJ2", "D01", 3, NOVEMBER, None),
    "S11": ("W_STD20", "D01", 3, DECEMBER, None),
    "S12": ("W_QUICK", "D01", 0, MONDAY, "2026-11-24"),
    "S13": ("W_STD20", "D01", 3, YEAR, None),
    "S14": ("W_STD20", "D01", 2, MONDAY, "2026-11-24"),
    "S15": ("W_STD20", "D02", 4, YEAR, None),
    "S16": ("W_YL", "D02", 3, MONDAY, "2026-11-24"),
    "S17": ("W_EDU", "D03", 3, TERM, None),
    "S18": ("W_EDU", "D03", 3, TERM, None),
    "S19": ("W_EDU", "D03", 4, TERM, None),
    "S20": ("W_EDU", "D03", 4, TERM, None),
    "S21": ("W_ZF", "D04", 2, NEXT_YEAR, None),
    "S22": ("W_ZF", "D04", 4, OVER, "2026-12-02"),
    "S23": ("W_STD20", "D05", 3, DECEMBER, None),
    "S24": ("W_STD20", "D05", 4, YEAR, None),
    "S25": ("W_STD20", "D06", 3, MONDAY, "2026-11-24"),
    "S26": ("W_STD20", "D07", 4, MONDAY, "2026-11-24"),
    "S27": ("W_FY", "D08", 0, MONDAY, "2026-11-24"),
    "S28": ("W_STD20", "D09", 6, YEAR, None),
    "S29": ("W_STD20", "D10", 2, MONDAY, "2026-11-24"),
    "S30": ("W_STD20", "D11", 3, YEAR, None),
    "S31": ("W_STD20", "D12", 4, MONDAY, "2026-11-24"),
    "S32": ("W_STD20", "D13", 4, YEAR, None),
    "S33": ("W_STD20", "D13", 3, MONDAY, "2026-11-24"),
}


def test_all_thirty_three_go_their_way(session):
    assert set(SCHEMES) == set(session.scalars(select(Scheme.code)))
    assert len(SCHEMES) == 33
    of_confirmed = {f"{SCHEMES[one][0]} of a confirmed" for one in CONFIRMED}
    assert {row[0] for row in SCHEMES.values()} | of_confirmed == set(WAYS)
    entries = {one.code: one.entry.value for one in session.scalars(select(Scheme))}
    assert entries == {code: entry_of(code) for code in SCHEMES}


def told(case: dict[str, Any]) -> str | None:
    due = case["due_on"]
    return due and f"{due}{'~' if case['due_provisional'] else ''}"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_scheme_goes_from_its_entry_to_a_decision(office, session, scheme):
    way, decider, reviewers, starts, ends = SCHEMES[scheme]
    by_hand, whole, decided = WAYS[f"{way} of a confirmed" if scheme in CONFIRMED else way]
    case = enter(office, session, scheme)
    ready = office.go_on(case)
    assert [one["kind"] for one in ready["stages"] if one["status"] == "open"] == ["confirmation"]
    due = told(ready["case"])

    done = office.decide(case, decider)

    assert done.status_code == 200, done.json
    assert (done.json["procedure"], due) == (f"{way}@{VERSIONS.get(way, 1)}", whole)
    gone = [one for one in done.json["stages"] if one["status"] != "left_out"]
    days = {one["code"]: one["due_on"] for one in gone}
    assert days == {code: f"2026-{day}" for code, day in by_hand.items()}
    # A notice hangs for its full days up to a Monday, and is ended the working day after.
    hung = {one["code"]: one["hangs_until"] for one in gone if one["hangs_until"]}
    assert hung == ({"PUBLIC": "2026-11-30"} if "PUBLIC" in by_hand else {})
    assert not any(one["due_provisional"] for one in gone)
    joint = [one for one in done.json["stages"] if one["kind"] == "joint"]
    assert len({one["department_code"] for one in joint}) == reviewers
    assert done.json["decision"]["decided_at"].startswith(decided)
    [entitled] = session.scalars(select(Entitlement))
    assert (entitled.amount_fen, entitled.period.lower) == (56400, date.fromisoformat(starts))
    assert entitled.period.upper == (ends and date.fromisoformat(ends))


# Not extended: what comes before acceptance or after the decision, nor a notice.
FIXED = {StageKind.ACCEPTANCE, StageKind.PUBLIC_NOTICE, StageKind.TELLING}


def test_every_stage_that_may_take_longer_is_in_the_table(session):
    may = session.execute(
        select(Procedure.code, ProcedureStage.code)
        .join(
            ProcedureStage,
            (ProcedureStage.procedure_code == Procedure.code)
            & (ProcedureStage.procedure_version == Procedure.version),
        )
        .where(Procedure.extended_limit.is_not(None), ProcedureStage.kind.not_in(FIXED))
    )
    assert {tuple(row) for row in may} == set(EXTENDED)


@pytest.mark.parametrize(
    ("scheme", "stage"),
    [(one, stage) for one in SCHEMES for way, stage in EXTENDED if way == SCHEMES[one][0]],
)
def test_a_stage_that_takes_longer_goes_to_its_decision_too(office, session, scheme, stage):
    way, decider, *_ = SCHEMES[scheme]
    by_hand, usual_whole, decided = WAYS[way]
    usual = {code: f"2026-{day}" for code, day in by_hand.items()}
    moved = EXTENDED[way, stage]
    case = enter(office, session, scheme)
    if stage == "CONFIRM":
        office.go_on(case)
    else:
        [accepting] = [one for one in office.show(case)["stages"] if one["status"] == "open"]
        assert office.end(case, accepting).status_code == 200
    mine = next(one for one in office.show(case)["stages"] if one["code"] == stage)
    asked = office.client(mine["department_code"], mine["role"]).post(
        f"/v1/cases/{case}/extension", json={"stage": stage, "reason": "须异地核查"}
    )
    assert asked.status_code == 200, asked.json
    agreed = office.client(mine["department_code"], "approver", region=CITY).post(
        f"/v1/cases/{case}/extension/answer", json={"agreed": True, "reason": "情况属实"}
    )
    assert agreed.status_code == 200, agreed.json

    ready = office.go_on(case)

    whole = ready["case"]
    assert (told(whole), f"{whole['due_usual_on']}~") == (LONGER, usual_whole)
    done = office.decide(case, decider)
    assert done.status_code == 200, done.json
    assert done.json["decision"]["decided_at"].startswith(decided)
    gone = [one for one in done.json["stages"] if one["status"] != "left_out"]
    assert {(one["code"], told(one)) for one in gone} == set((usual | moved).items())
    assert {(one["code"], one["due_usual_on"]) for one in gone if one["due_usual_on"]} == {
        (code, usual[code]) for code in moved
    }


def test_what_is_refused_entitles_to_nothing_and_says_why(office, session):
    case = office.apply("S09")["case"]["id"]
    office.go_on(case)

    done = office.decide(case, "D01", granted=False, reason="不在低保家庭中")

    assert (done.status_code, done.json["case"]["status"]) == (200, "decided")
    assert done.json["decision"]["reason"] == "不在低保家庭中"
    assert "国发〔2015〕52号" in done.json["decision"]["legal"]
    assert session.scalar(select(func.count()).select_from(Entitlement)) == 0


def test_the_worklist_shows_each_what_waits_for_them_the_most_urgent_first(office):
    slow = office.apply("S17")["case"]["id"]  # the school has ten working days
    quick = office.apply("S03", office.household(name="李四"))["case"]["id"]

    clerk = office.client("D01", "clerk").get("/v1/my-turn").json["items"]
    school = office.client("D03", "reviewer").get("/v1/my-turn").json["items"]
    first = office.client("D01", "clerk").get("/v1/my-turn?limit=1").json

    assert [(one["case"]["id"], one["code"]) for one in clerk] == [(quick, "REGISTER")]
    assert [(one["case"]["id"], one["due_on"]) for one in school] == [(slow, "2026-12-07")]
    assert first["next_cursor"] is None
    assert office.client("D04", "reviewer").get("/v1/my-turn").json["items"] == []


def test_the_worklist_goes_on_page_by_page(office):
    cases = [office.apply("S03", office.household(name=f"户{n}"))["case"]["id"] for n in range(3)]
    client, cursor, seen = office.client("D01", "clerk"), "", []
    while cursor is not None:
        page = client.get(f"/v1/my-turn?limit=1&cursor={cursor}").json
        seen += [one["case"]["id"] for one in page["items"]]
        cursor = page["next_cursor"]

    assert sorted(seen) == sorted(cases)


@pytest.mark.parametrize(
    "cursor", ["nonsense", "2026-11-23.nonsense", "x.018f0000-0000-7000-8000-000000000000"]
)
def test_a_cursor_that_is_none_is_refused(office, cursor):
    answer = office.client("D01", "clerk").get(f"/v1/my-turn?cursor={cursor}")

    assert (answer.status_code, answer.json["code"]) == (422, "bad-cursor")


def test_a_repeated_submission_is_answered_as_the_first_was(office):
    client, home = office.client("D01", "clerk"), office.household()
    sent = {"person_id": str(home.person_id), "scheme": "S01", "need": "家庭困难"}
    sent["authorisations"] = [office.signed(home)]

    first, second = (
        client.post("/v1/cases", json=sent, headers={"Idempotency-Key": "one"}) for _ in range(2)
    )
    without = client.post("/v1/cases", json=sent)

    assert (first.status_code, second.json) == (201, first.json)
    assert (without.status_code, without.json["code"]) == (409, "case-open")


def test_the_list_is_narrowed_by_status_and_scheme(office):
    first = office.apply("S01")["case"]["id"]
    office.clock.advance(seconds=1)
    other = office.apply("S09", office.household(name="李四"))["case"]["id"]
    client = office.client("D01", "reviewer")
    client.post(f"/v1/cases/{other}/withdraw", json={"reason": "申请人撤回"})

    def ids(query):
        return [one["id"] for one in client.get(f"/v1/cases?{query}").json["items"]]

    assert (ids(""), ids("status=withdrawn"), ids("scheme=S01")) == (
        [other, first],
        [other],
        [first],
    )
