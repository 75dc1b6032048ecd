"""Assignments, when households are put together or taken apart, and when a file is taken back."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.dialects.postgresql import Range

from relief.audit.models import AuditEvent
from relief.core.ids import new_id
from relief.registry.dependants import Homes, Move
from relief.registry.models import Membership
from relief.registry.types import Verdict
from relief.visits.dependants import Assignments
from relief.visits.types import EndKind
from tests import factories
from tests.support.deciding import Desk
from tests.support.helping import JANUARY, Steward, said
from tests.support.settings import START
from tests.support.source import number

FATHER = {"name": "王建国", "number": number(date(1980, 3, 4), 1)}
CHILD = {"name": "王小宝", "born_on": date(2015, 6, 7), "number": FATHER["number"]}
OTHER = said("帮乙", 901)


@pytest.fixture
def registry(session, cipher, steward):
    desk = Desk(session, cipher, steward.id)
    desk.file("S01", FATHER)
    desk.file("S18", CHILD)
    return desk


@pytest.fixture
def desk(session, steward):
    return Steward(session, steward.id)


def home(registry, name):
    registry.session.expire_all()
    return registry.session.get_one(Membership, registry.person(name)).household_id


def moved(session):
    return session.scalars(
        select(AuditEvent.action).where(AuditEvent.action.like("household:helper_moved"))
    ).all()


def test_an_assignment_goes_with_its_household_and_back(session, registry, desk):
    father, child = home(registry, "王建国"), home(registry, "王小宝")
    made = desk.give(child)

    act = registry.answer(Verdict.SAME)
    assert desk.helping(father) == [("帮甲", True)]
    assert desk.of(child) == []
    assert len(moved(session)) == 1

    registry.withdraw(act)
    assert desk.of(father) == []
    [back] = desk.of(home(registry, "王小宝"))
    assert (back.id, back.is_first) == (made, True)


def test_two_of_one_helper_become_one_and_two_again(registry, desk):
    father, child = home(registry, "王建国"), home(registry, "王小宝")
    desk.give(father, OTHER)
    kept, folded = desk.give(father), desk.give(child)

    act = registry.answer(Verdict.SAME)
    assert desk.helping(father) == [("帮乙", True), ("帮甲", False)]
    assert desk.row(folded).folded_into == kept

    registry.withdraw(act)
    assert desk.helping(father) == [("帮乙", True), ("帮甲", False)]
    assert desk.helping(home(registry, "王小宝")) == [("帮甲", True)]
    assert desk.row(folded).folded_into is None


def test_of_a_household_that_nobody_is_left_of_it_ends(session, registry, desk):
    child = home(registry, "王小宝")
    made = desk.give(child)

    registry.undo(registry.batch("S18"))

    row = desk.row(made)
    assert (row.end_kind, row.ended_by, row.is_first) == (EndKind.HOUSEHOLD_GONE, None, False)
    assert row.days.upper == desk.today
    ended = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "household:helper_ended")
    ).one()
    assert (ended.subject_id, ended.actor_id) == (child, None)


def test_a_file_that_is_taken_back_takes_no_household_that_others_name(registry, desk):
    father = home(registry, "王建国")
    again = registry.file("S16", FATHER)
    made = desk.give(father)

    registry.undo(again)

    assert home(registry, "王建国") == father
    assert [one.id for one in desk.of(father) if one.helps] == [made]


def follow(session, *moves, gone=None):
    return Assignments().follow(
        session, moves=(), gone={}, homes=Homes([Move(*move) for move in moves], gone or {}),
        now=START,
    )  # fmt: skip


@pytest.fixture
def three(session, cipher):
    return [factories.make_household(session, cipher).id for _ in range(3)]


def test_what_was_folded_counts_again_when_the_other_goes(desk, three, session):
    one, two, away = three
    first, second = desk.give(one), desk.give(two)
    record = desk.row(first).identity_id
    follow(session, gone={two: one})
    assert desk.row(second).folded_into == first

    follow(session, (record, one, away))

    assert desk.helping(one) == [("帮甲", True)]
    assert [row.id for row in desk.of(one)] == [second]
    assert [row.id for row in desk.of(away)] == [first]


def test_an_ended_one_does_not_hide_one_that_runs(desk, three, session):
    one, two, _ = three
    desk.give(one, OTHER)
    over, runs = desk.give(one), desk.give(two, from_on=date(2026, 3, 1))
    desk.end(over)

    follow(session, gone={two: one})

    assert ("帮甲", False) in desk.helping(one)
    assert (desk.row(runs).folded_into, desk.row(over).folded_into) == (None, runs)


def test_the_one_that_lasts_longer_counts_and_leads(desk, three, session):
    one, two, _ = three
    short, long = desk.give(one, until_on=desk.today), desk.give(two, first=False)

    follow(session, gone={two: one})

    assert [(row.id, row.until_on, row.is_first) for row in desk.of(one)] == [(long, None, True)]
    assert desk.row(short).folded_into == long


def test_one_that_is_to_come_counts_from_today_where_another_runs_already(desk, three, session):
    one, two, _ = three
    soon = desk.today + timedelta(days=9)
    desk.give(one, until_on=soon)
    coming = desk.give(two, from_on=desk.today + timedelta(days=5))

    follow(session, gone={two: one})

    assert [(row.id, row.from_on, row.until_on, row.helps) for row in desk.of(one)] == [
        (coming, desk.today, None, True),
    ]  # fmt: skip


def test_whoever_ends_one_ends_what_is_folded_into_it(registry, desk):
    father, child = home(registry, "王建国"), home(registry, "王小宝")
    kept, folded = desk.give(father), desk.give(child)
    act = registry.answer(Verdict.SAME)

    desk.end(kept)

    row = desk.row(folded)
    assert (row.folded_into, row.end_kind, row.end_reason) == (kept, EndKind.ENDED, "已经脱困")
    assert (row.ended_by, row.days.upper) == (desk.actor.id, desk.today)
    registry.withdraw(act)
    assert desk.helping(home(registry, "王小宝")) == []


def test_a_transfer_takes_what_is_folded_too(desk, three, session):
    one, two, _ = three
    desk.give(one)
    folded = desk.give(two)
    follow(session, gone={two: one})

    desk.transfer(desk.helper().id, OTHER)

    row = desk.row(folded)
    assert (row.end_kind, row.end_reason) == (EndKind.TRANSFERRED, "调离")


def test_one_that_ran_out_before_its_household_is_gone_keeps_its_last_day(registry, desk):
    made = desk.give(home(registry, "王小宝"), until_on=desk.today)
    desk.row(made).days = Range(JANUARY, date(2026, 6, 1))
    desk.session.flush()

    registry.undo(registry.batch("S18"))

    row = desk.row(made)
    assert (row.end_kind, row.days.upper) == (EndKind.HOUSEHOLD_GONE, date(2026, 6, 1))


def test_who_was_first_contact_stays_it(desk, three, session):
    one, two, _ = three
    desk.give(one, OTHER)
    chosen = desk.give(one, first=True)

    follow(session, gone={one: two})

    assert next((row.id, row.is_first) for row in desk.of(two)) == (chosen, True)


def test_the_past_goes_too_and_periods_one_after_the_other_stay_two(desk, three, session):
    one, two, _ = three
    before = desk.give(one, until_on=desk.today)
    desk.end(before)
    desk.give(two, from_on=desk.today + timedelta(days=1))

    follow(session, gone={one: two})

    assert sorted(row.from_on for row in desk.of(two)) == [
        JANUARY, desk.today + timedelta(days=1),
    ]  # fmt: skip
    assert all(desk.row(row.id).folded_into is None for row in desk.of(two))


def test_households_without_helpers_are_passed_over(session, three):
    one, two, _ = three

    assert follow(session) == ()
    assert follow(session, (new_id(START), one, two), gone={one: two}) == ()
    assert moved(session) == []


def test_many_households_take_as_many_statements_as_one(session, cipher, desk):
    def work(count):
        homes = [factories.make_household(session, cipher).id for _ in range(count)]
        for household in homes:
            desk.give(household, OTHER, over_reason="邻近几户")
        heir = factories.make_household(session, cipher).id
        sent = []
        event.listen(
            session.connection(), "before_cursor_execute", lambda *given: sent.append(given[2])
        )
        follow(session, gone=dict.fromkeys(homes, heir))
        return sum(not one.startswith(("INSERT", "SAVEPOINT", "RELEASE")) for one in sent)

    assert work(1) == work(6)
