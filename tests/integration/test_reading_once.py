"""What is read once in a transaction, and when it is read anew."""

from datetime import date

import pytest
from sqlalchemy import select, text, update

from relief.core import locks
from relief.organisation import queries as organisation
from relief.organisation.models import CalendarDay, Department
from relief.schemes import queries as schemes
from relief.schemes.models import Parameter

DAY = date(2026, 11, 30)


@pytest.fixture
def known(session):
    """A session that has read the calendar, and the session's way to ask for it again."""
    organisation.calendar(session)
    return session


def working(session, day: date) -> bool:
    return organisation.calendar(session).is_working(day)


def test_it_is_asked_once(known, assert_queries):
    with assert_queries(0):
        organisation.calendar(known)
    schemes.parameters(known, on=DAY)
    with assert_queries(0):
        schemes.parameter(known, "kin_circle", on=DAY)


def test_another_question_is_asked(known, assert_queries):
    schemes.plans(known, on=DAY)
    with assert_queries(2):
        schemes.plans(known, on=date(2026, 1, 1))


def test_a_new_row_is_read(known):
    before = working(known, DAY)
    known.add(CalendarDay(day=DAY, kind="holiday" if before else "makeup", name="临时"))
    known.flush()

    assert working(known, DAY) is not before


@pytest.mark.parametrize("undone", [True, False])
def test_what_was_read_in_a_nested_transaction_is_forgotten_if_it_is_undone(known, undone):
    before = working(known, DAY)
    nested = known.begin_nested()
    known.add(CalendarDay(day=DAY, kind="holiday" if before else "makeup", name="临时"))
    known.flush()
    assert working(known, DAY) is not before
    if undone:
        nested.rollback()

    assert (working(known, DAY) is before) is undone


def test_a_changed_row_is_read(known):
    row = schemes.parameters(known, on=DAY)["kin_circle"]
    known.execute(
        update(Parameter).where(Parameter.name == row.name).values(unit="another")
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    known.expire_all()

    assert schemes.parameters(known, on=DAY)["kin_circle"].unit == "another"


@pytest.mark.parametrize(
    "wait",
    [
        lambda session: locks.hold(session, "something"),
        lambda session: session.scalars(select(Department).limit(1).with_for_update()).all(),
    ],
    ids=["named", "row"],
)
def test_who_waited_for_a_lock_reads_anew(known, wait, assert_queries):
    wait(known)

    with assert_queries(2):
        organisation.calendar(known)


def test_other_writes_let_it_stand(known, assert_queries):
    known.execute(update(Department).values(name=Department.name))
    known.execute(text("SELECT 1"))

    with assert_queries(0):
        organisation.calendar(known)


def test_the_next_transaction_reads_anew(known, assert_queries):
    known.rollback()

    with assert_queries(2):
        organisation.calendar(known)
