"""A whole load goes to a successor at once."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from relief.accounts.models import Account
from relief.audit.models import AuditEvent
from relief.core.scope import Scope, subtree
from relief.visits import queries
from relief.visits.errors import NothingToTransfer, RatioExceeded, SuccessorIsSame
from relief.visits.types import EndKind
from tests import factories
from tests.support.helping import JANUARY, Steward, said
from tests.support.settings import START

TODAY = START.date()
OTHER = said("帮乙", 901)


@pytest.fixture
def desk(session, steward):
    return Steward(session, steward.id)


@pytest.fixture
def homes(session, cipher):
    return [factories.make_household(session, cipher) for _ in range(3)]


def test_a_load_goes_with_its_notes_and_first_contacts(session, desk, homes):
    one, two, coming = homes
    first = desk.give(one.id)
    desk.give(two.id, said("帮丙", 902))
    desk.give(two.id)
    desk.give(coming.id, from_on=TODAY + timedelta(days=5), until_on=TODAY + timedelta(days=9))

    found = desk.transfer(desk.helper().id, OTHER)

    assert (found.households, found.had_already) == (3, 0)
    assert found.helper_id == desk.helper("帮乙").id
    assert desk.helping(one.id) == [("帮乙", True)]
    assert desk.helping(two.id) == [("帮丙", True), ("帮乙", False)]
    [made, old] = desk.of(one.id)
    assert (made.notes, made.from_on) == ("须每周联系", TODAY)
    assert (old.end_kind, old.end_reason, old.until_on) == (
        EndKind.TRANSFERRED, "调离", TODAY - timedelta(days=1),
    )  # fmt: skip
    assert desk.row(made.id).after_id == first
    [later, never] = desk.of(coming.id)
    assert (later.from_on, later.until_on) == (TODAY + timedelta(days=5), TODAY + timedelta(days=9))
    assert never.from_on is None
    told = session.scalars(
        select(AuditEvent.action).where(AuditEvent.action.like("%transferred"))
    ).all()
    assert sorted(told) == ["helper:transferred", *["household:helper_transferred"] * 3]
    with pytest.raises(NothingToTransfer):
        desk.transfer(desk.helper().id, OTHER)


def test_where_the_successor_helps_already_nothing_is_made_twice(desk, homes):
    one, two, _ = homes
    desk.give(one.id)
    desk.give(one.id, OTHER)
    desk.give(two.id)

    found = desk.transfer(desk.helper().id, OTHER)

    assert (found.households, found.had_already) == (2, 1)
    assert desk.helping(one.id) == [("帮乙", True)]
    assert desk.helping(two.id) == [("帮乙", True)]


def test_a_successor_who_comes_later_begins_today(desk, homes):
    later = TODAY + timedelta(days=40)
    desk.give(homes[0].id)
    coming = desk.give(homes[0].id, OTHER, from_on=later, first=False)

    found = desk.transfer(desk.helper().id, OTHER)

    assert (found.households, found.had_already) == (1, 0)
    assert desk.helping(homes[0].id) == [("帮乙", True)]
    [until_then] = [row for row in desk.of(homes[0].id) if row.helps]
    assert (until_then.from_on, until_then.until_on) == (TODAY, later - timedelta(days=1))
    assert desk.row(coming).days.lower == later


def test_a_successor_who_would_stop_sooner_goes_on(desk, homes):
    desk.give(homes[0].id)
    desk.give(homes[0].id, OTHER, until_on=TODAY + timedelta(days=9))

    desk.transfer(desk.helper().id, OTHER)

    terms = [(row.from_on, row.until_on) for row in desk.of(homes[0].id) if row.name == "帮乙"]
    assert terms == [
        (JANUARY, TODAY + timedelta(days=9)), (TODAY + timedelta(days=10), None),
    ]  # fmt: skip


def test_a_successor_who_helps_already_becomes_first_contact(desk, homes):
    desk.give(homes[0].id)
    desk.give(homes[0].id, said("帮丙", 902))
    desk.give(homes[0].id, OTHER)

    desk.transfer(desk.helper().id, OTHER)

    assert desk.helping(homes[0].id) == [("帮乙", True), ("帮丙", False)]


def test_the_limit_holds_for_the_successor(session, cipher, desk, homes):
    for home in (factories.make_household(session, cipher) for _ in range(8)):
        desk.give(home.id, OTHER)
    for home in homes:
        desk.give(home.id)
    helper = desk.helper().id

    with pytest.raises(RatioExceeded, match="11 户"), session.begin_nested():
        desk.transfer(helper, OTHER)
    assert desk.helping(homes[0].id) == [("帮甲", True)]

    assert desk.transfer(helper, OTHER, over_reason="暂无他人可接").households == 3


def test_nobody_succeeds_oneself(desk, homes):
    desk.give(homes[0].id)

    with pytest.raises(SuccessorIsSame):
        desk.transfer(desk.helper().id, said())


def test_what_is_in_another_county_stays_with_whoever_has_it(session, cipher, desk, homes):
    away = factories.make_household(session, cipher, region=210303001001)
    desk.give(homes[0].id)
    desk.give(away.id)
    helper = desk.helper().id
    desk.actor = factories.actor_of(session.get_one(Account, desk.actor.id))
    object.__setattr__(desk.actor, "scope", Scope((subtree(210302000000),), None))

    assert desk.transfer(helper, OTHER).households == 1

    assert desk.helping(away.id) == [("帮甲", True)]


def test_a_load_takes_as_many_statements_as_one_household(session, cipher, desk, homes):
    third = said("帮丁", 903)
    desk.give(homes[0].id)
    alone = count(session, lambda: desk.transfer(desk.helper().id, OTHER))
    for home in homes:
        desk.give(home.id, third)

    many = count(session, lambda: desk.transfer(desk.helper("帮丁").id, said("帮戊", 904)))

    assert many == alone


def count(session, work):
    sent = []

    def note(_connection, _cursor, statement, *_rest):
        sent.append(statement)

    event.listen(session.connection(), "before_cursor_execute", note)
    work()
    event.remove(session.connection(), "before_cursor_execute", note)
    return len(sent)


def test_a_household_that_is_given_on_from_a_day_is_one(session, desk, homes):
    desk.give(homes[0].id, until_on=TODAY + timedelta(days=9))
    desk.give(homes[0].id, from_on=TODAY + timedelta(days=10))
    helper = desk.helper().id

    found = desk.transfer(helper, OTHER)

    assert (found.households, found.had_already) == (1, 0)
    told = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "helper:transferred")
    ).one()
    assert told.details["households"] == 1
    again = desk.transfer(found.helper_id, said())
    assert (again.households, again.had_already) == (1, 0)


def test_who_has_all_of_it_already_takes_over_whatever_the_limit_says(session, cipher, desk):
    for home in (factories.make_household(session, cipher) for _ in range(11)):
        desk.give(home.id, OTHER, over_reason="暂无他人可接")
    desk.give(home.id)

    found = desk.transfer(desk.helper().id, OTHER)

    assert (found.households, found.had_already) == (1, 1)


def test_what_goes_on_from_a_day_counts_once(session, cipher, desk):
    *ten, last = [factories.make_household(session, cipher) for _ in range(11)]
    ends, follows = TODAY + timedelta(days=9), TODAY + timedelta(days=10)
    for home in ten:
        desk.give(home.id, until_on=ends)

    for home in ten:
        desk.give(home.id, from_on=follows, until_on=follows)
    with pytest.raises(RatioExceeded, match="11 户"):
        desk.give(last.id, from_on=follows)
    desk.give(last.id, from_on=follows + timedelta(days=1))

    helper, scope = desk.helper().id, desk.actor.scope
    detail = queries.helper_detail(session, scope=scope, helper_id=helper, on=TODAY)
    assert detail.households == 11
    shown, cursor = [], None
    while not shown or cursor:
        page = queries.load_of(
            session, scope=scope, helper_id=helper, on=TODAY, limit=3, cursor=cursor
        )
        shown += page.items
        cursor = page.next_cursor
    assert [row.id for row in shown] == sorted(home.id for home in (*ten, last))
    assert {row.until_on for row in shown} == {ends, None}
