"""A helper binds the own phone, by a code that their staff account shows."""

import pytest
from sqlalchemy import select, update

from relief.accounts.models import Account, AccountRole
from relief.accounts.types import Role
from relief.audit.models import AuditEvent
from relief.bindings.models import HelperBinding, MiniAccount
from relief.core.ids import new_id
from tests import factories
from tests.support.people import Person


def told(answer):
    return answer.status_code, answer.json["code"]


@pytest.fixture
def staff(session):
    account = factories.make_account(session, Role.HELPER, department="D01", region="210302000000")
    session.commit()
    return account


@pytest.fixture
def desk(staff, signed_in):
    return signed_in(Person(staff.id, staff.username))


def bind(phone, code, **more):
    return phone.call("POST", "/helper-binding", json={"code": code}, **more)


@pytest.fixture
def code(desk):
    answer = desk.post("/v1/me/helper-code")
    assert answer.status_code == 201
    return answer.json["code"]


@pytest.fixture
def bound(phone, code):
    assert bind(phone, code).status_code == 201
    return phone


def roles(phone):
    return phone.get("/me").json["roles"]


def test_the_code_of_the_screen_binds_the_phone(phone, code, staff, session):
    answer = bind(phone, f" {code.lower()} ".strip())

    assert (answer.status_code, answer.json) == (201, {"role": "helper"})
    assert roles(phone) == ["helper"]
    events = session.scalars(
        select(AuditEvent).where(AuditEvent.action.like("account:mini%"))
    ).all()
    assert {event.action for event in events} == {"account:mini_code_issued", "account:mini_bound"}
    assert {event.subject_id for event in events} == {staff.id}


def test_a_code_is_good_once_and_for_minutes(phone, new_phone, desk, code, clock):
    clock.advance(minutes=10)
    assert told(bind(phone, code)) == (422, "helper-code-invalid")
    older = desk.post("/v1/me/helper-code").json["code"]
    newer = desk.post("/v1/me/helper-code").json["code"]
    assert told(bind(phone, older)) == (422, "helper-code-invalid")
    assert bind(phone, newer).status_code == 201
    other = new_phone()
    other.sign_in()
    other.agree()
    assert told(bind(other, newer)) == (422, "helper-code-invalid")


def test_guessing_is_stopped(phone, code, clock):
    for _ in range(5):
        assert told(bind(phone, "ABCDEFGHJK")) == (422, "helper-code-invalid")

    assert told(bind(phone, code)) == (429, "too-many-attempts")


def test_a_repeated_request_is_answered_as_before(phone, code):
    answers = [bind(phone, code, key="once") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]


def test_one_helper_has_one_phone(bound, desk, new_phone):
    assert told(desk.post("/v1/me/helper-code")) == (409, "helper-already-bound")
    for _ in range(2):
        assert desk.delete("/v1/me/helper-binding").status_code == 204
    assert roles(bound) == []

    fresh = desk.post("/v1/me/helper-code").json["code"]
    assert bind(bound, fresh).status_code == 201


def test_one_phone_has_one_helper(bound, session, signed_in):
    second = factories.make_account(session, Role.HELPER, department="D01", region="210302000000")
    session.commit()
    code = signed_in(Person(second.id, second.username)).post("/v1/me/helper-code").json["code"]

    assert told(bind(bound, code)) == (409, "already-bound")


def test_the_phone_lets_go(bound, session):
    for _ in range(2):
        assert bound.call("DELETE", "/helper-binding").status_code == 204

    assert roles(bound) == []
    assert (
        len(
            session.scalars(
                select(AuditEvent).where(AuditEvent.action == "account:mini_unbound")
            ).all()
        )
        == 1
    )


def test_a_helper_whose_account_is_disabled_is_none_from_then_on(bound, staff, session, clock):
    session.execute(update(Account).where(Account.id == staff.id).values(disabled_at=clock()))
    session.commit()

    assert roles(bound) == []


def test_who_lost_the_role_is_no_helper_and_the_phone_binds_anew(bound, staff, session, signed_in):
    session.query(AccountRole).filter_by(account_id=staff.id).delete()
    second = factories.make_account(session, Role.HELPER, department="D01", region="210302000000")
    session.commit()
    assert roles(bound) == []

    code = signed_in(Person(second.id, second.username)).post("/v1/me/helper-code").json["code"]

    assert bind(bound, code).status_code == 201
    assert roles(bound) == ["helper"]
    ended = select(AuditEvent.subject_id).where(AuditEvent.action == "account:mini_unbound")
    assert session.scalars(ended).all() == [staff.id]


def test_a_helper_who_bound_another_phone_meanwhile_is_told_so(
    phone, new_phone, code, staff, session, clock
):
    mine = session.scalars(select(MiniAccount.id)).one()
    new_phone().sign_in()
    others = session.scalars(select(MiniAccount.id).where(MiniAccount.id != mine)).one()
    session.add(
        HelperBinding(id=new_id(clock()), account_id=others, staff_id=staff.id, bound_at=clock())
    )
    session.commit()

    assert told(bind(phone, code)) == (409, "helper-already-bound")
    assert roles(phone) == []


def test_a_code_of_who_is_no_helper_any_more_binds_nothing(phone, code, staff, session):
    session.query(AccountRole).filter_by(account_id=staff.id).delete()
    session.commit()

    assert told(bind(phone, code)) == (422, "helper-code-invalid")
    assert roles(phone) == []
