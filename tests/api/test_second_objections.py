"""The second signer of fast aid objects: who granted it and the county see it."""

import pytest
from sqlalchemy import select

from relief.accounts.models import Account, AccountRole
from relief.accounts.types import Role
from relief.notifications.models import OutboxMessage
from tests.api.test_second_signature import GRANTED, SIGN
from tests.support.people import CITY, TIEXI, enrol
from tests.support.settings import START

OBJECTED = {"outcome": "objected", "opinion": "金额偏高，须说明"}


@pytest.fixture
def on_duty(office, session):
    """Who registers and decides alone."""
    office.client("D01", "clerk")
    both = office.accounts["D01", "clerk", "210302000000"]
    session.add(
        AccountRole(account_id=both, role=Role.APPROVER, post="operations", granted_at=START)
    )
    enrol(session, session.get_one(Account, both), Role.APPROVER)
    session.commit()
    return office.client("D01", "clerk")


@pytest.fixture
def case(office, on_duty):
    office.client("D01", "leader")
    found = office.apply("S03")["case"]["id"]
    on_duty.post(f"/v1/cases/{found}/stages/REGISTER/end", json={"outcome": "passed"})
    assert on_duty.post(f"/v1/cases/{found}/decision", json=GRANTED).status_code == 200
    return found


def sign(office, case, **said):
    answer = office.client("D01", "clerk", region=CITY).post(SIGN.format(case), json=said)
    assert answer.status_code == 200, answer.json


def seen(client):
    answer = client.get("/v1/second-objections")
    assert answer.status_code == 200, answer.json
    return answer.json["items"]


def told(session):
    session.rollback()
    return {
        row.recipient_id for row in session.scalars(select(OutboxMessage)) if "异议" in row.title
    }


def test_who_granted_and_the_county_are_told_and_see_why(office, session, on_duty, case):
    sign(office, case, **OBJECTED)

    [own] = seen(on_duty)
    assert (own["case_id"], own["reason"], own["own"]) == (case, "金额偏高，须说明", True)
    [county] = seen(office.client("D01", "leader"))
    assert (county["reason"], county["own"]) == ("金额偏高，须说明", False)
    granted, leader = (office.accounts["D01", who, "210302000000"] for who in ("clerk", "leader"))
    assert told(session) == {granted, leader}


def test_who_signs_without_objection_tells_nobody(office, session, on_duty, case):
    sign(office, case, outcome="passed")

    assert (seen(on_duty), told(session)) == ([], set())


@pytest.mark.parametrize(
    ("role", "region"), [("leader", TIEXI), ("clerk", "210302002000"), ("reviewer", CITY)]
)
def test_it_is_neither_another_countys_nor_a_bystanders(office, case, role, region):
    sign(office, case, **OBJECTED)

    assert seen(office.client("D01", role, region=region)) == []


def explain(office, on_duty, case):
    """Report that the emergency is over, and explain what was done."""
    reported = on_duty.post(
        f"/v1/cases/{case}/events",
        json={"event": "emergency_end", "happened_on": "2026-11-23", "told": "已搬回家中"},
    )
    assert reported.status_code == 200, reported.json
    office.clock.advance(minutes=5)
    ended = on_duty.post(
        f"/v1/cases/{case}/stages/BACKFILL/end",
        json={"outcome": "passed", "opinion": "三口人租房一月，按租金给付"},
    )
    assert ended.status_code == 200, ended.json


def test_what_was_explained_is_answered(office, on_duty, case):
    sign(office, case, **OBJECTED)
    assert len(seen(on_duty)) == 1

    explain(office, on_duty, case)

    assert seen(on_duty) == []


def test_what_was_explained_before_is_explained_again(office, on_duty, case):
    explain(office, on_duty, case)
    office.clock.advance(minutes=5)
    sign(office, case, **OBJECTED)
    assert len(seen(on_duty)) == 1

    explain(office, on_duty, case)

    assert seen(on_duty) == []
