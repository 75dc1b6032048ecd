"""Fast small aid: one officer on duty may grant it alone, and another signs afterwards."""

import pytest

from relief.accounts.models import Account, AccountRole
from relief.accounts.types import Role
from relief.review.models import CaseDecision
from tests.support.people import enrol
from tests.support.referring import to_case
from tests.support.settings import START

GRANTED = {
    "granted": True,
    "amount_fen": 50_000,
    "reason": "房屋失火，急需安置",
    "departs": "情况紧急，事后补充说明",
}
SIGN = "/v1/cases/{}/stages/SECOND/end"


@pytest.fixture
def on_duty(office, session):
    """A program of someone who registers and decides; the account that `office` has for clerks."""
    office.client("D01", "clerk")
    both = office.accounts["D01", "clerk", "210302000000"]
    session.add(
        AccountRole(account_id=both, role=Role.APPROVER, post="operations", granted_at=START)
    )
    enrol(session, session.get_one(Account, both), Role.APPROVER)
    session.commit()
    return office.client("D01", "clerk")


@pytest.fixture
def granted(office, on_duty):
    case = office.apply("S03")["case"]["id"]
    on_duty.post(f"/v1/cases/{case}/stages/REGISTER/end", json={"outcome": "passed"})
    done = on_duty.post(f"/v1/cases/{case}/decision", json=GRANTED)
    assert done.status_code == 200, done.json
    return case


def stage_of(office, case):
    [stage] = [one for one in office.show(case)["stages"] if one["code"] == "SECOND"]
    return stage


def other(office):
    """Someone else of the township."""
    return office.client("D01", "clerk", region="210300000000")


def test_one_officer_grants_and_another_is_asked_to_sign_by_the_next_working_day(
    office, session, granted
):
    assert session.query(CaseDecision).count() == 1
    stage = stage_of(office, granted)
    assert (stage["status"], stage["due_on"], stage["limit"]) == ("open", "2026-11-24", 1)


def test_who_granted_does_not_sign(office, on_duty, granted):
    answer = on_duty.post(SIGN.format(granted), json={"outcome": "passed"})

    assert (answer.status_code, answer.json["code"]) == (403, "four-eyes")
    assert "作出决定以外的人签字" in answer.json["detail"]
    assert stage_of(office, granted)["status"] == "open"


def test_another_signs_or_says_what_is_wrong(office, granted):
    unsaid = other(office).post(SIGN.format(granted), json={"outcome": "objected"})
    signed = other(office).post(
        SIGN.format(granted), json={"outcome": "objected", "opinion": "金额偏高，须说明"}
    )

    assert unsaid.status_code == 422
    assert signed.status_code == 200, signed.json
    stage = stage_of(office, granted)
    assert (stage["outcome"], stage["opinion"]) == ("objected", "金额偏高，须说明")


def test_it_may_be_decided_by_two_from_the_start(office):
    case = to_case(office, office.household())
    office.go_on(case)

    assert office.decide(case, "D01").status_code == 200
    answer = office.client("D01", "approver").post(SIGN.format(case), json={"outcome": "passed"})
    assert answer.status_code == 403
    signed = office.client("D01", "clerk").post(SIGN.format(case), json={"outcome": "passed"})
    assert signed.status_code == 200
