"""Two at one moment about the payee of a case; and what the database itself lets others see."""

import threading

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from relief.accounts.types import Role
from relief.core import viewer
from relief.core.config import normalise_url
from relief.core.errors import Conflict
from relief.core.ids import new_id
from relief.core.privacy.models import SecretValue
from relief.core.scope import Scope, subtree
from relief.core.viewer import Viewer
from relief.funds.payees.models import CasePayee
from relief.funds.payees.types import AccountForm, PayeeKind, PayeeState
from relief.notifications.models import Channel, OutboxMessage
from relief.review.paying import acts
from relief.review.paying.entering import Payee
from tests.integration.test_case_races import MANY, all_try, inside, people, submit
from tests.support.database import accounts_on
from tests.support.paying import guardian
from tests.support.settings import CIPHER, START
from tests.support.waiting import at_once

__all__ = ["inside", "people"]  # the fixtures


def entered(serial):
    given = guardian(serial)
    kinds = {"kind": PayeeKind(given["kind"]), "form": AccountForm(given["form"])}
    return Payee(**given | kinds)


def enter(case, actor, serial=2):
    return lambda session: acts.propose(
        session, actor=actor, case_id=case, cipher=CIPHER, payee=entered(serial),
        reason="首次登记", now=START,
    )  # fmt: skip


def answer(case, actor, payee_id, *, confirmed=True):
    return lambda session: acts.answer(
        session, actor=actor, case_id=case, payee_id=payee_id, confirmed=confirmed,
        reason="与原件一致", now=START,
    )  # fmt: skip


@pytest.fixture
def case(inside, people):
    person, staff = people
    return inside(submit(person, staff))


def test_of_many_who_enter_one_at_once_one_does(inside, people, case):
    _, staff = people

    done, late = all_try(inside, enter(case, staff["D01", Role.CLERK]))

    assert (len(done), late) == (1, ["payee-open"] * (MANY - 1))


def test_of_two_who_confirm_at_once_one_does_and_the_phone_is_told_once(inside, people, case):
    _, staff = people
    payee_id = inside(enter(case, staff["D01", Role.CLERK]))
    pair = [staff["D01", Role.REVIEWER], staff["D01", Role.APPROVER]]
    told, lock = [], threading.Lock()

    def one(place):
        try:
            inside(answer(case, pair[place], payee_id, confirmed=place == 0))
        except Conflict as error:
            with lock:
                told.append(error.code)

    at_once(one, threads=2)

    assert told == ["payee-not-proposed"]

    def look(session):
        row = session.get_one(CasePayee, payee_id)
        after = session.scalar(
            select(func.count())
            .select_from(OutboxMessage)
            .where(OutboxMessage.channel == Channel.SMS, OutboxMessage.title == "收款账户已生效")
        )
        return row.state, after

    assert inside(look) in {(PayeeState.IN_FORCE, 1), (PayeeState.REFUSED, 0)}


def test_the_database_shows_a_payee_and_its_number_to_the_payer_alone(
    inside, people, case, spare_database_url
):
    _, staff = people
    payee_id = inside(enter(case, staff["D01", Role.CLERK]))
    number = inside(lambda session: session.get_one(CasePayee, payee_id).number_id)
    web = accounts_on(spare_database_url)["web"]

    def seen(region, department):
        who = Viewer(new_id(START), Scope((subtree(region),), department))
        engine = create_engine(normalise_url(web))
        token = viewer.current.set(who)
        try:
            with Session(engine) as session:
                return [
                    session.scalar(select(func.count()).where(column == row_id))
                    for column, row_id in ((CasePayee.id, payee_id), (SecretValue.id, number))
                ]
        finally:
            viewer.current.reset(token)
            engine.dispose()

    assert seen(210302000000, None) == [1, 1]
    assert seen(210302000000, "D01") == [1, 1]
    assert seen(210302000000, "D13") == [0, 0]  # takes part, and does not pay
    assert seen(210303000000, None) == [0, 0]
