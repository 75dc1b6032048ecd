"""Tries to bind that fail: what is counted, and what the trail tells of them."""

import pytest
from sqlalchemy import select

from relief.audit.models import AuditEvent
from relief.bindings.models import MiniAccount

PHONE_PATH = "/wxa/business/getuserphonenumber"
HOUSEHOLD = "/household-binding"


def told(answer):
    return answer.status_code, answer.json["code"]


def try_household(phone):
    code = phone.wechat.ctl("POST", f"people/{phone.openid}/phone", {"phone": "13800000000"})
    given = {"scene": "never-was", "phone_code": code["code"]}
    return phone.call("POST", HOUSEHOLD, json=given)


def try_helper(phone):
    return phone.call("POST", "/helper-binding", json={"code": "ABCDEFGHJK"})


def events(session, action):
    return session.scalars(
        select(AuditEvent).where(AuditEvent.action == f"mini_account:{action}")
    ).all()


@pytest.mark.parametrize(
    ("attempt", "why"),
    [(try_household, "household-code-invalid"), (try_helper, "helper-code-invalid")],
)
def test_a_try_that_failed_is_in_the_trail(phone, session, attempt, why):
    assert told(attempt(phone)) == (422, why)

    [event] = events(session, "bind_failed")
    account_id = session.scalars(select(MiniAccount.id)).one()
    assert (event.subject_id, event.actor_id) == (account_id, account_id)
    assert event.details == {"why": why}


def test_a_phone_code_that_wechat_refused_is_in_the_trail(phone, session):
    given = {"scene": "never-was", "phone_code": "none"}

    answer = phone.call("POST", HOUSEHOLD, json=given)

    assert answer.status_code == 422
    [event] = events(session, "bind_failed")
    assert event.details == {"why": answer.json["code"]}


def test_when_a_block_begins_it_is_in_the_trail_once(phone, session, clock):
    for _ in range(5):
        assert try_helper(phone).status_code == 422
    for _ in range(2):
        assert told(try_helper(phone)) == (429, "too-many-attempts")
        clock.advance(minutes=1)

    assert len(events(session, "bind_blocked")) == 1
    assert len(events(session, "bind_failed")) == 5


def test_tries_do_not_count_while_wechat_is_away(phone, session, wechat):
    wechat.arm(path=PHONE_PATH, times=500, errcode=40001)
    for _ in range(8):
        assert try_household(phone).status_code == 503

    assert told(try_helper(phone)) == (422, "helper-code-invalid")
    assert events(session, "bind_blocked") == []
    assert [event.details["why"] for event in events(session, "bind_failed")] == [
        "helper-code-invalid"
    ]
