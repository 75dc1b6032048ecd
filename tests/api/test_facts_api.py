"""What is found out in a case, the calculation from it, and decisions that follow it or depart."""

import uuid

import pytest
from sqlalchemy import func, select

from relief.audit.models import AuditEvent
from relief.core.findings import Grade
from relief.core.ids import new_id
from relief.funds.models import Entitlement
from relief.registry.models import Person
from relief.review.checks.models import CaseFinding
from relief.review.facts.models import CaseFact
from relief.review.models import CaseDecision
from tests.support.settings import START

RIGHT = {
    "urban_household": 1, "household_members": 3, "household_income_month": 183600,
    "property_within_rule": 1, "place_within_rule": 1,
    "in_extreme_hardship": 0,
}  # fmt: skip
LESS = {key: RIGHT[key] for key in ("urban_household", "household_members")}


def find(office, case, values, *, who=("D01", "clerk"), proof="工资流水和户口簿", **headers):
    sent = [{"kind": kind, "value": value, "proof": proof} for kind, value in values.items()]
    return office.client(*who).post(
        f"/v1/cases/{case}/facts", json={"facts": sent}, headers=headers
    )


def refused(answer, status, code):
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.json
    return answer.json.get("detail", "") + answer.json["title"]


@pytest.fixture
def case(office):
    return office.apply("S01")["case"]["id"]


def decide(office, case, **sent):
    given = {"granted": True, "reason": "符合条件"} | sent
    return office.client("D01", "approver").post(f"/v1/cases/{case}/decision", json=given)


def test_a_case_tells_at_once_what_its_rule_asks_for(office, case):
    told = office.show(case)["facts"]

    assert told["facts"] == []
    assert {one["code"]: one["value"] for one in told["asked"]} == dict.fromkeys(RIGHT)
    assert told["calculation"]["eligible"] == "unknown"
    assert "家庭月收入" in told["calculation"]["missing"]
    assert office.show(office.apply("S22")["case"]["id"])["facts"] is None


def test_facts_are_worked_out_step_by_step(office, case):
    done = find(office, case, RIGHT)

    assert done.status_code == 200, done.json
    told = done.json["facts"]
    sums = told["calculation"]
    assert (sums["eligible"], sums["amount_fen"], sums["missing"]) == ("yes", 56400, [])
    steps = {one["code"]: one for one in sums["steps"]}
    assert steps["percap"]["text"] == "家庭月收入 1,836 元 ÷ 共同生活家庭成员人数 3 人"
    assert steps["income_below"]["text"] == "家庭月人均收入 612 元 < 适用的低保标准 800 元"
    assert steps["income_below"]["holds"] is True
    assert steps["income_below"]["source"] == "社会救助法第十八条"
    assert steps["gap"]["value"] == "188 元"
    assert steps["amount"]["value"] == "564 元"
    standards = [one["name"] for one in sums["parameters"]]
    assert standards == ["dibao_std_rural_month", "dibao_std_urban_month"]
    [income] = [one for one in told["facts"] if one["kind"] == "household_income_month"]
    assert (income["text"], income["proof"]) == ("1,836 元", "工资流水和户口簿")
    assert income["superseded"] is False
    assert income["found_by"]


def test_a_newer_fact_takes_the_place_of_an_older_one_which_stays(office, case, session):
    find(office, case, RIGHT)
    office.clock.advance(days=1)
    done = find(office, case, {"household_income_month": 210000}, proof="复核的工资流水")

    told = done.json["facts"]
    assert told["calculation"]["amount_fen"] == 30000
    both = [one for one in told["facts"] if one["kind"] == "household_income_month"]
    assert [(one["value"], one["superseded"]) for one in both] == [(183600, True), (210000, False)]
    assert session.scalar(select(func.count()).select_from(CaseFact)) == len(RIGHT) + 1


def test_the_timeline_and_the_trail_name_what_was_found_and_no_value(office, case, session):
    done = find(office, case, LESS)

    last = done.json["timeline"][-1]
    assert (last["step"], last["note"]) == ("facts_found", "适用城市标准、共同生活家庭成员人数")
    events = session.scalars(select(AuditEvent).where(AuditEvent.action == "case:facts_found"))
    [event] = events
    assert str(event.subject_id) == case


def test_the_same_request_again_enters_nothing_twice(office, case, session):
    key = {"Idempotency-Key": "found-once"}
    first = find(office, case, LESS, **key)
    again = find(office, case, LESS, **key)

    assert (first.status_code, again.json) == (200, first.json)
    assert session.scalar(select(func.count()).select_from(CaseFact)) == len(LESS)


@pytest.mark.parametrize(
    ("values", "code", "says"),
    [
        ({"household_members": 0}, "fact-out-of-bounds", "须在 1 人 至 30 人 之间"),
        ({"household_members": 31}, "fact-out-of-bounds", "民发〔2021〕57号第七条"),
        ({"household_income_month": 10**8 + 1}, "fact-out-of-bounds", "至 1,000,000 元"),
        ({"urban_household": 2}, "fact-out-of-bounds", "适用城市标准"),
        ({"care_months": 6}, "fact-not-asked", "个人信息保护法第六条"),
        ({"age": 70}, "fact-not-asked", "计算规则不需要登记“年龄”"),
        ({"check_authorised": 1}, "fact-not-asked", "计算规则不需要登记“已签署核对授权书”"),
        ({"favourite_colour": 1}, "fact-not-asked", "favourite_colour"),
    ],
)
def test_only_what_the_rule_needs_is_taken_and_within_its_bounds(
    office, case, session, values, code, says
):
    answer = find(office, case, LESS | values)

    assert says in refused(answer, 422, code)
    assert session.scalar(select(func.count()).select_from(CaseFact)) == 0


def test_a_fact_twice_at_one_time_is_none(office, case):
    twice = [{"kind": "household_members", "value": value, "proof": "户口簿"} for value in (3, 4)]
    answer = office.client("D01", "clerk").post(f"/v1/cases/{case}/facts", json={"facts": twice})

    assert "共同生活家庭成员人数" in refused(answer, 422, "fact-twice")


@pytest.mark.parametrize(
    "facts",
    [[], [{"kind": "household_members", "value": 3}],
     [{"kind": "household_members", "value": 3.5, "proof": "户口簿"}],
     [{"kind": "household_members", "value": -1, "proof": "户口簿"}],
     [{"kind": "household_members", "value": 3, "proof": "有"}]],
)  # fmt: skip
def test_a_fact_is_whole(office, case, facts):
    answer = office.client("D01", "clerk").post(f"/v1/cases/{case}/facts", json={"facts": facts})

    assert answer.status_code == 422


def test_facts_are_entered_by_whom_the_case_waits_for_and_until_it_ends(office, case):
    hand = office.apply("S22")["case"]["id"]

    assert "没有计算规则" in refused(find(office, hand, LESS), 409, "scheme-without-rule")
    refused(find(office, case, LESS, who=("D01", "approver")), 403, "not-yours")
    assert find(office, case, LESS, who=("D04", "reviewer")).status_code == 404
    office.client("D01", "clerk").post(f"/v1/cases/{case}/withdraw", json={"reason": "不再需要"})
    refused(find(office, case, LESS), 409, "case-closed")


@pytest.fixture
def ready(office, case):
    """A case whose facts are known and that waits for its decision."""
    find(office, case, RIGHT)
    office.go_on(case)
    return case


def test_a_decision_that_follows_the_rule_needs_no_more_and_keeps_the_sum(office, ready, session):
    done = decide(office, ready, amount_fen=56400, departs="本来就一致")

    assert done.status_code == 200, done.json
    assert done.json["decision"]["departs"] is None  # it does not
    kept = session.scalars(select(CaseDecision)).one().calculation
    assert (kept["eligible"], kept["amount_fen"], kept["on"]) == ("yes", 56400, "2026-12-01")
    assert {one["kind"]: one["value"] for one in kept["facts"]} == RIGHT
    assert done.json["facts"]["calculation"]["steps"] == kept["steps"]
    assert done.json["facts"]["asked"] == []
    assert session.scalars(select(Entitlement)).one().per == "household"


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"amount_fen": 56401}, "按规则计算为 564 元，决定为 564.01 元"),
        ({"amount_fen": 0}, "按规则计算为 564 元，决定为 0 元"),
        ({"granted": False}, "按规则符合条件，金额为 564 元，决定不予救助"),
    ],
)
def test_a_decision_that_departs_says_why(office, ready, session, sent, says):
    told = refused(decide(office, ready, **sent), 422, "departure-unexplained")
    assert says in told
    assert "按标准补差（民发〔2021〕57号第二十三条）" in told
    assert session.scalar(select(func.count()).select_from(CaseDecision)) == 0

    done = decide(office, ready, departs="按一事一议会议纪要", **sent)

    assert done.json["decision"]["departs"] == "按一事一议会议纪要"
    assert session.scalars(select(CaseDecision)).one().calculation["amount_fen"] == 56400


def test_granting_against_a_condition_names_it(office, case):
    find(office, case, RIGHT | {"household_income_month": 240000})
    office.go_on(case)

    told = refused(decide(office, case, amount_fen=10000), 422, "departure-unexplained")

    assert "按规则不符合条件：人均收入低于低保标准（社会救助法第十八条）" in told
    assert decide(office, case, amount_fen=10000, departs="单人保").status_code == 200


def test_refusing_who_is_not_eligible_departs_from_nothing(office, case, session):
    find(office, case, RIGHT | {"household_income_month": 240000})
    office.go_on(case)

    done = decide(office, case, granted=False, reason="收入高于标准")

    assert done.json["decision"]["departs"] is None
    assert session.scalars(select(CaseDecision)).one().calculation["eligible"] == "no"


def test_granting_while_a_fact_is_missing_names_it(office, case):
    find(office, case, LESS)
    office.go_on(case)

    told = refused(decide(office, case, amount_fen=56400), 422, "departure-unexplained")

    assert "按规则还不能计算，待查明：" in told
    assert "家庭月收入" in told
    assert decide(office, case, granted=False, reason="不配合核对").status_code == 200


def test_an_identity_is_confirmed_with_nothing_to_pay(office, session):
    case = office.apply("S05")["case"]["id"]
    edge = {key: RIGHT[key] for key in (*LESS, "property_within_rule")}
    find(office, case, edge | {"household_income_month": 300000})
    office.go_on(case)

    assert "计算为 0 元" in refused(
        decide(office, case, amount_fen=1), 422, "departure-unexplained"
    )
    assert decide(office, case, amount_fen=0).status_code == 200


def test_an_age_follows_from_the_case_and_one_that_is_unknown_is_named(office, session):
    home = office.household()
    session.get_one(Person, home.person_id).born_on = None
    session.commit()
    told = office.apply("S02", home)["facts"]

    assert "年龄" in told["calculation"]["missing"]
    assert "age" not in {one["code"] for one in told["asked"]}


def test_that_all_agreed_to_be_checked_follows_from_the_case(office, case, session):
    find(office, case, RIGHT)
    agreed = office.show(case)["facts"]["calculation"]
    session.add(
        CaseFinding(
            id=new_id(START), case_id=uuid.UUID(case), check_code="A07", key="another",
            grade=Grade.BLOCK, message="缺少一名成员的核对授权书", evidence={}, rule="社会救助法",
            found_at=START,
        )
    )  # fmt: skip
    session.commit()
    wanting = office.show(case)["facts"]["calculation"]

    assert (agreed["eligible"], wanting["eligible"]) == ("yes", "no")
    holds = [
        next(one["holds"] for one in sums["steps"] if one["code"] == "authorised")
        for sums in (agreed, wanting)
    ]
    assert holds == [True, False]


def test_who_found_out_a_fact_does_not_decide(office, case):
    office.go_on(case)
    found = find(office, case, RIGHT, who=("D01", "approver"))
    sent = {"granted": True, "amount_fen": 56400, "reason": "符合条件"}

    own = decide(office, case, amount_fen=56400)
    other = office.client("D01", "approver", region="210300000000")
    done = other.post(f"/v1/cases/{case}/decision", json=sent)

    assert found.status_code == 200, found.json
    assert "不相容岗位分离" in refused(own, 403, "four-eyes")
    assert done.status_code == 200, done.json
