"""A colleague stands in during leave: in whose name, until when, and where never."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from relief.accounts.models import Account, AccountRegion, AccountRole
from relief.accounts.types import Role
from relief.audit.models import AuditEvent
from relief.jobs.deadlines import watch_deadlines
from relief.notifications.models import OutboxMessage
from relief.review.kin.models import CaseRecusal
from tests.support.people import CITY

HERE = "210302000000"
LEAVE = {"from_on": "2026-11-23", "until_on": "2026-11-27", "reason": "年休假"}


def account(office, department="D01", role="approver", region=HERE):
    """The account of someone, made if there is none; named by department and role."""
    office.client(department, role, region=region)
    return office.accounts[department, role, region]


def delegate(office, to, role="approver", *, headers=None, **given):
    sent = LEAVE | {"delegate_id": str(to)} | given
    return office.client("D01", role).post("/v1/me/delegations", json=sent, headers=headers)


def standing(office, role):
    return office.client("D01", role).get("/v1/me/delegations").json


def refused(answer, status, code):
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.json
    return answer.json.get("detail", "") + answer.json["title"]


def decide(office, case, role="reviewer"):
    sent = {"granted": True, "amount_fen": 56400, "reason": "符合条件", "departs": "没有查明"}
    return office.client("D01", role).post(f"/v1/cases/{case}/decision", json=sent)


@pytest.fixture
def names(office, session):
    """Names by which lists tell the approver 王主任 from the reviewer 李科员."""
    office.bind("reviewer")
    for role, name in (("approver", "王主任"), ("reviewer", "李科员")):
        session.execute(
            update(Account)
            .where(Account.id == account(office, role=role))
            .values(display_name=name)
        )
    session.commit()


@pytest.fixture
def waiting(office, session):
    """Aid that waits for the approver; the reviewer had no part in it, and nobody signs after."""
    session.execute(text("DELETE FROM procedure_stage WHERE code = 'SECOND'"))
    session.commit()
    case = office.apply("S03")["case"]["id"]
    office.go_on(case)
    return case


@pytest.fixture
def away(office, names):
    """The approver is on leave, and the reviewer stands in."""
    answer = delegate(office, account(office, role="reviewer"))
    assert answer.status_code == 200, answer.json
    return answer.json


def test_who_stands_in_sees_and_acts_in_the_name_of_both(office, session, waiting, away):
    [row] = [
        one
        for one in office.client("D01", "reviewer").get("/v1/my-turn").json["items"]
        if one["case"]["id"] == waiting
    ]
    assert (row["code"], row["acting_for"]) == ("PAY", "王主任")

    done = decide(office, waiting)

    assert done.status_code == 200, done.json
    told = {
        one["step"]: (one["actor"], one["acting_for"])
        for one in done.json["timeline"]
        if one["step"] in {"submitted", "decided"}
    }
    assert told == {"submitted": ("测试人员", None), "decided": ("李科员", "王主任")}
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "case:decided")).one()
    assert event.actor_id == account(office, role="reviewer")
    assert event.details["acting_for"] == str(account(office))


def test_both_are_shown_what_was_delegated_and_the_trail_keeps_it(office, session, away):
    [given], [received] = away["given"], standing(office, "reviewer")["received"]
    assert given == received
    assert (given["delegator"], given["delegate"]) == ("王主任", "李科员")
    assert (given["from_on"], given["until_on"]) == ("2026-11-23", "2026-11-27")
    assert given["in_force"] is True
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "delegation:given")).one()
    assert event.details["delegate"] == str(account(office, role="reviewer"))
    [told] = session.scalars(select(OutboxMessage.recipient_id)).all()
    assert told == account(office, role="reviewer")


@pytest.mark.parametrize(("days", "status"), [(4, 200), (5, 403)])
def test_it_ends_by_itself_when_its_last_day_is_over(office, waiting, away, days, status):
    office.clock.advance(days=days)

    assert decide(office, waiting).status_code == status


def test_who_stands_in_for_an_approver_needs_a_second_factor_too(office, waiting):
    assert delegate(office, account(office, role="reviewer")).status_code == 200

    refused(decide(office, waiting), 403, "enrolment-required")


def test_before_its_first_day_it_gives_nothing(office, names, waiting):
    delegate(office, account(office, role="reviewer"), from_on="2026-11-24")
    refused(decide(office, waiting), 403, "forbidden")

    office.clock.advance(days=1)

    assert decide(office, waiting).status_code == 200


def test_withdrawn_it_ends_at_once(office, session, waiting, away):
    path = f"/v1/me/delegations/{away['given'][0]['id']}/withdraw"
    refused(office.client("D01", "reviewer").post(path), 404, "delegation-not-found")

    back = office.client("D01", "approver").post(path)

    assert back.json["given"][0]["in_force"] is False
    refused(decide(office, waiting), 403, "forbidden")
    refused(office.client("D01", "approver").post(path), 409, "delegation-over")
    assert session.scalar(select(AuditEvent.id).where(AuditEvent.action == "delegation:withdrawn"))
    # The days are free again.
    assert delegate(office, account(office, role="reviewer")).status_code == 200


def test_what_is_over_is_not_withdrawn(office, away):
    office.clock.advance(days=5)
    path = f"/v1/me/delegations/{away['given'][0]['id']}/withdraw"

    refused(office.client("D01", "approver").post(path), 409, "delegation-over")


def test_who_stands_in_is_never_the_second_pair_of_eyes_of_their_own_work(office, away):
    case = office.apply("S09")["case"]["id"]
    office.go_on(case)  # the reviewer gave the department's opinion

    said = refused(decide(office, case), 403, "four-eyes")

    assert "不相容岗位分离" in said


def test_nor_of_the_work_of_whom_they_stand_in_for(office, session, names, waiting):
    # The approver on leave entered the application, as a clerk that he also is.
    grant(session, account(office), Role.CLERK)
    case = office.client("D01", "approver").post(
        "/v1/cases",
        json={
            "person_id": str(office.household().person_id), "scheme": "S03", "need": "家庭困难",
        },
    ).json["case"]["id"]  # fmt: skip
    office.go_on(case)
    delegate(office, account(office, role="reviewer"))

    refused(decide(office, case), 403, "four-eyes")
    assert decide(office, waiting).status_code == 200


def test_nor_is_who_was_stood_in_for(office, session, names):
    # The clerk stands in for the reviewer, who approves too: neither confirms afterwards.
    grant(session, account(office, role="reviewer"), Role.APPROVER)
    office.bind("clerk")
    delegate(office, account(office, role="clerk"), "reviewer")
    case = office.apply("S09")["case"]["id"]
    clerk = office.client("D01", "clerk")
    clerk.post(f"/v1/cases/{case}/stages/ACCEPT/end", json={"outcome": "passed"})
    joint = clerk.post(f"/v1/cases/{case}/stages/JOINT/end", json={"outcome": "passed"})
    assert joint.json["timeline"][-1]["acting_for"] == "李科员"
    office.go_on(case)

    refused(decide(office, case), 403, "four-eyes")
    assert decide(office, case, "approver").status_code == 200


def grant(session, account_id, role):
    account = session.get_one(Account, account_id)
    session.add(
        AccountRole(
            account_id=account_id, role=role, post=account.post, granted_at=account.created_at
        )
    )
    session.commit()


def test_a_lock_of_either_holds(office, session, clock, waiting, away):
    for whose in (account(office), account(office, role="reviewer")):
        lock = CaseRecusal(case_id=waiting, account_id=whose, reason="邻居", at=clock())
        session.add(lock)
        session.commit()

        items = office.client("D01", "reviewer").get("/v1/my-turn").json["items"]
        assert waiting not in {one["case"]["id"] for one in items}
        said = refused(decide(office, waiting), 403, "stood-back")
        assert ("王主任应当回避" in said) == (whose == account(office))

        session.delete(lock)
        session.commit()


def test_where_one_of_two_is_locked_the_other_is_stood_in_for(
    office, session, clock, waiting, away
):
    other = account(office, region=CITY)
    session.execute(
        update(AccountRegion).where(AccountRegion.account_id == other).values(code=HERE)
    )
    session.execute(update(Account).where(Account.id == other).values(display_name="张主任"))
    session.add(CaseRecusal(case_id=waiting, account_id=account(office), reason="邻居", at=clock()))
    session.commit()
    sent = LEAVE | {"delegate_id": str(account(office, role="reviewer"))}
    client = office.client("D01", "approver", region=CITY)
    assert client.post("/v1/me/delegations", json=sent).status_code == 200

    done = decide(office, waiting)

    assert done.status_code == 200, done.json
    [line] = [one for one in done.json["timeline"] if one["step"] == "decided"]
    assert line["acting_for"] == "张主任"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"from_on": "2026-11-22"}, "从今天或以后"),
        ({"until_on": "2026-11-22"}, "从今天或以后"),
        ({"until_on": "2026-12-24"}, "一次最多委托 31 天"),
    ],
)
def test_the_days_are_sensible(office, given, says):
    said = refused(
        delegate(office, account(office, role="reviewer"), **given), 422, "delegation-days"
    )
    assert says in said


def test_only_to_a_colleague_of_the_same_office(office, session):
    for department, role, region in (
        ("D02", "reviewer", HERE), ("D01", "reviewer", CITY), ("D01", "auditor", HERE),
        ("D01", "approver", HERE),
    ):  # fmt: skip
        other = account(office, department, role, region)
        refused(delegate(office, other), 422, "not-colleague")
    gone = account(office, role="clerk")
    session.execute(update(Account).where(Account.id == gone).values(disabled_at=office.clock()))
    session.commit()
    refused(delegate(office, gone), 422, "not-colleague")


def test_colleagues_are_told(office, names):
    told = standing(office, "approver")

    told_names = {one["name"] for one in told["colleagues"]}
    assert "李科员" in told_names
    assert "王主任" not in told_names
    assert (told["given"], told["received"]) == ([], [])


def test_one_at_a_time(office, away):
    clerk = account(office, role="clerk")

    refused(delegate(office, clerk, until_on="2026-11-23"), 409, "delegated-before")

    later = {"from_on": "2026-11-28", "until_on": "2026-11-30"}
    assert delegate(office, clerk, **later).status_code == 200


def test_there_is_no_chain(office, away):
    clerk = account(office, role="clerk")
    refused(delegate(office, clerk, "reviewer"), 409, "delegation-chain")
    refused(delegate(office, account(office), "clerk"), 409, "delegation-chain")

    later = {"from_on": "2026-11-28", "until_on": "2026-11-30"}
    assert delegate(office, clerk, "reviewer", **later).status_code == 200


def test_it_gives_what_is_of_cases_and_nothing_else(office, session, names):
    grant(session, account(office), Role.STEWARD)
    nothing = "00000000-0000-0000-0000-000000000001"
    path, sent = f"/v1/cases/{nothing}/decision", {"granted": False, "reason": "不符合"}
    assert office.client("D01", "clerk").post(path, json=sent).status_code == 403
    office.bind("clerk")

    delegate(office, account(office, role="clerk"))

    clerk = office.client("D01", "clerk")
    assert clerk.post(path, json=sent).status_code == 404
    assert clerk.get("/v1/link-reviews").status_code == 403
    yes = {"approve": True, "reason": "情况属实"}
    answer = clerk.post(f"/v1/access-requests/{nothing}/decision", json=yes)
    assert answer.status_code == 403


@pytest.mark.parametrize("gone", ["department", "disabled", "region", "role"])
def test_it_holds_only_while_the_office_is_the_same(office, session, waiting, away, gone):
    approver = account(office)
    one = Account.id == approver
    change = {
        "department": update(Account).where(one).values(department_code="D02"),
        "disabled": update(Account).where(one).values(disabled_at=office.clock()),
        "region": update(AccountRegion)
        .where(AccountRegion.account_id == approver)
        .values(code="210303000000"),
        "role": update(AccountRole).where(AccountRole.account_id == approver).values(role="clerk"),
    }[gone]

    session.execute(change)
    session.commit()

    assert decide(office, waiting).status_code == 403


def test_reminders_reach_who_stands_in(office, session, waiting, away):
    office.clock.advance(days=4 - 1)
    watch_deadlines(session, now=office.clock() + timedelta(hours=16))

    titles = session.execute(
        select(OutboxMessage.title).where(
            OutboxMessage.recipient_id == account(office, role="reviewer")
        )
    ).scalars()
    assert "办理已经逾期" in set(titles)


def test_who_stands_in_asks_for_papers_for_the_other(office, session, away):
    case = office.apply("S09")["case"]["id"]
    office.go_on(case)
    reviewer = office.client("D01", "reviewer")

    asked = reviewer.post(f"/v1/cases/{case}/pause", json={"missing": "收入证明"}).json

    assert asked["timeline"][-1]["acting_for"] == "王主任"


def test_sent_twice_it_is_delegated_once(office, names):
    key = {"Idempotency-Key": "k1"}
    other = account(office, role="reviewer")

    answers = [delegate(office, other, headers=key) for _ in "12"]

    assert [one.status_code for one in answers] == [200, 200]
    assert len(standing(office, "approver")["given"]) == 1
