"""Households and persons as of any day: as believed then, as true then, and both at once."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, text

from relief.core.clock import CHINA
from relief.core.scope import Scope, subtree
from relief.registry.errors import DayToCome, HouseholdNotFound, NoDay, PersonNotFound
from relief.registry.merging.service import merge
from relief.registry.models import Household, ImportBatch, Membership, Person
from relief.registry.queries import as_of
from relief.registry.queries.as_of_rows import Presence, Untold
from relief.registry.types import Category
from tests.support.source import VILLAGE, number, send, undo

CITY, EAST, WEST = 210300000000, 210302000000, 210303000000
WEST_VILLAGE = 210303002001
ALL = Scope((subtree(CITY),), None)
BORN, CHILD_BORN = date(1980, 3, 4), date(2024, 6, 7)
FIRST, SECOND, THIRD, FOURTH = (
    datetime(2026, month, 10, 9, 0, tzinfo=CHINA) for month in (6, 7, 8, 9)
)
TODAY = datetime(2026, 11, 23, 9, 0, tzinfo=CHINA)
FATHER = {"name": "王建国", "number": number(BORN, 1), "relation": "02", "household_number": "1"}
MOTHER = {"name": "李秀英", "number": number(BORN, 2), "relation": "10", "household_number": "1"}
CHILD = {"name": "王小宝", "number": number(CHILD_BORN, 3), "relation": "20"}


def months(year, *given):
    return [(date(year, month, 1), 100_00) for month in given]


@pytest.fixture
def registry(session, cipher):
    """`registry.send(when, "S01", row, …)` loads a file and merges at that moment."""

    class Registry:
        def send(self, when, scheme, *rows):
            batch = send(session, cipher, scheme, *rows, now=when)
            self.merge(when)
            return batch

        def take_back(self, when, batch):
            undo(session, batch)
            session.get_one(ImportBatch, batch).undone_at = when
            self.merge(when)

        def merge(self, when):
            merge(session, actor_id=None, now=when)
            session.flush()
            session.expire_all()

        def household(self, householder="王建国"):
            return session.scalars(
                select(Household.id).where(Household.householder_name == householder)
            ).one()

        def person(self, name):
            return session.scalars(select(Person.id).where(Person.name == name)).one()

    return Registry()


def home_as_of(session, household_id, *, believed=None, true=None, scope=ALL):
    days = as_of.asked(believed_on=believed, true_on=true, now=TODAY)
    return as_of.household_as_of(session, scope=scope, household_id=household_id, days=days)


def person_as_of(session, person_id, *, believed=None, true=None, scope=ALL):
    days = as_of.asked(believed_on=believed, true_on=true, now=TODAY)
    return as_of.person_as_of(session, scope=scope, person_id=person_id, days=days)


def names(view):
    return [member.name for member in view.members]


def places(view):
    return [(place.person_name, place.scheme.code) for place in view.enrolments]


def test_what_was_believed_on_a_day_is_what_the_registry_said_then(session, registry):
    registry.send(FIRST, "S01", FATHER | {"records": months(2026, 5), "address": "甲街1号"})
    registry.send(SECOND, "S01", MOTHER | {"records": months(2026, 6)})
    registry.send(THIRD, "S02", FATHER | {"records": months(2026, 7), "address": "乙街2号"})
    home = registry.household()

    before = home_as_of(session, home, believed=date(2026, 6, 9))
    first = home_as_of(session, home, believed=date(2026, 6, 10))
    second = home_as_of(session, home, believed=date(2026, 8, 9))
    now = home_as_of(session, home, believed=date(2026, 11, 23))

    assert (before.known, before.members) == (False, ())
    assert (names(first), first.address) == (["王建国"], "甲街1号")
    assert (names(second), second.address) == (["王建国", "李秀英"], "甲街1号")
    assert places(second) == [("李秀英", "S01"), ("王建国", "S01")]
    assert (second.category, now.category) == (
        Category.MINIMUM_ALLOWANCE,
        Category.EXTREME_HARDSHIP,
    )
    assert places(now) == [("李秀英", "S01"), ("王建国", "S01"), ("王建国", "S02")]
    assert [place.total_fen for place in second.enrolments] == [100_00, 100_00]
    assert Untold.ORIGINS in second.untold


def test_a_day_ends_at_midnight_in_china(session, registry):
    late = datetime(2026, 6, 10, 23, 59, 59, tzinfo=CHINA)
    registry.send(late, "S01", FATHER)
    registry.send(late + timedelta(seconds=1), "S01", MOTHER)

    view = home_as_of(session, registry.household(), believed=date(2026, 6, 10))

    assert names(view) == ["王建国"]


def everything_believed(session, households, people, days):
    return [
        *(home_as_of(session, home, believed=day) for home in households for day in days),
        *(person_as_of(session, person, believed=day) for person in people for day in days),
        *(
            home_as_of(session, home, believed=day, true=date(2026, 5, 3))
            for home in households
            for day in days
        ),
    ]


def test_nothing_later_changes_what_was_believed_on_an_earlier_day(session, registry):
    """Imports, merges, a move to another county, undo down to nothing, and beginning anew."""
    family = registry.send(
        FIRST,
        "S01",
        FATHER | {"records": months(2026, 4, 5), "address": "甲街1号"},
        MOTHER | {"records": months(2026, 5)},
        CHILD | {"records": months(2026, 5), "household_number": "1"},
    )
    registry.send(SECOND, "S18", CHILD | {"records": [(date(2026, 3, 1), 500_00)]})
    homes = [registry.household()]
    people = [registry.person(name) for name in ("王建国", "李秀英", "王小宝")]
    days = [date(2026, 6, 9), date(2026, 6, 10), date(2026, 7, 9), date(2026, 7, 10)]
    believed = everything_believed(session, homes, people, days)
    assert [view.known for view in believed[:4]] == [False, True, True, True]

    moved = registry.send(
        THIRD,
        "S28",
        *(
            {**who, "household_number": "9", "relation": relation, "region_code": WEST_VILLAGE,
             "address": "别处", "records": [(date(2026, 1, 1), 1)]}
            for who, relation in ((MOTHER, "02"), (CHILD, "20"))
        ),
    )  # fmt: skip
    rows = everything_believed(session, homes, people, days)
    assert [_without_place(view) for view in rows] == [_without_place(v) for v in believed]

    registry.take_back(FOURTH, family)
    registry.take_back(FOURTH + timedelta(days=1), moved)
    for batch in session.scalars(select(ImportBatch.id)):
        undo(session, batch)
    registry.merge(FOURTH + timedelta(days=2))
    assert session.scalar(select(Membership)) is None
    rows = everything_believed(session, homes, people, days)
    assert [_without_place(view) for view in rows] == [_without_place(v) for v in believed]

    registry.send(FOURTH + timedelta(days=3), "S01", FATHER | {"records": months(2026, 8)})
    rows = everything_believed(session, homes, people, days)
    assert [_without_place(view) for view in rows] == [_without_place(v) for v in believed]


def _without_place(view):
    """All that is told; where the record is now decides who may see it, and is told to nobody."""
    return {name: getattr(view, name) for name in view.__dataclass_fields__ if name != "place_code"}


def test_a_former_member_is_in_the_household_of_then_only(session, registry):
    registry.send(FIRST, "S01", FATHER, MOTHER)
    old = session.scalars(select(ImportBatch.id)).one()
    home = registry.household()
    undo(session, old)
    send_again = [
        FATHER,
        {**MOTHER, "household_number": "2", "relation": "02", "region_code": WEST_VILLAGE},
    ]
    registry.send(SECOND, "S01", *send_again)

    then = home_as_of(session, home, believed=date(2026, 6, 30))
    now = home_as_of(session, home, believed=date(2026, 7, 30))
    mother = person_as_of(session, registry.person("李秀英"), believed=date(2026, 6, 30))

    assert (names(then), names(now)) == (["王建国", "李秀英"], ["王建国"])
    assert (mother.household_id, mother.householder_name, mother.member.relation) == (
        home,
        "王建国",
        "10",
    )


def test_true_on_a_day_is_what_the_records_cover(session, registry):
    registry.send(
        FIRST,
        "S01",
        FATHER | {"records": months(2025, 11, 12) + months(2026, 1, 4, 5)},
        CHILD | {"records": months(2026, 4, 5), "household_number": "1"},
    )
    registry.send(
        FIRST, "S28", FATHER | {"records": [(date(2025, 1, 1), 1), (date(2026, 1, 1), 1)]}
    )
    registry.send(FIRST, "S03", FATHER | {"records": [(date(2026, 2, 14), 800_00)]})
    home = registry.household()

    def true(*day):
        view = home_as_of(session, home, true=date(*day))
        return places(view), view.category

    monitored = ("王建国", "S28")
    assert true(2024, 12, 31) == ([], Category.OTHER)
    assert true(2025, 10, 31) == ([monitored], Category.MONITORED)
    assert true(2025, 11, 1)[0] == [("王建国", "S01"), monitored]
    assert true(2026, 1, 31)[1] is Category.MINIMUM_ALLOWANCE
    # A month without 低保, and with a single aid: the next strongest identity.
    assert true(2026, 2, 1) == ([("王建国", "S03"), monitored], Category.MONITORED)
    assert true(2026, 4, 1)[0] == [("王小宝", "S01"), ("王建国", "S01"), monitored]


def test_members_are_told_by_when_the_lists_named_them(session, registry):
    registry.send(
        FIRST,
        "S01",
        FATHER | {"records": months(2026, 1, 2, 3, 4, 5)},
        MOTHER | {"records": months(2026, 1, 2), "died_on": date(2026, 2, 20)},
        CHILD | {"records": months(2026, 4), "household_number": "1"},
    )
    home = registry.household()

    def presence(*day):
        view = home_as_of(session, home, true=date(*day))
        return {member.name: member.presence for member in view.members}

    assert presence(2024, 1, 1) == {
        "王建国": Presence.NOT_YET, "李秀英": Presence.NOT_YET, "王小宝": Presence.UNBORN,
    }  # fmt: skip
    assert presence(2026, 2, 20) == {
        "王建国": Presence.NAMED, "李秀英": Presence.NAMED, "王小宝": Presence.NOT_YET,
    }  # fmt: skip
    assert presence(2026, 5, 1) == {
        "王建国": Presence.NAMED, "李秀英": Presence.DEAD, "王小宝": Presence.NO_LONGER,
    }  # fmt: skip
    view = home_as_of(session, home, true=date(2026, 5, 1))
    assert {Untold.ADDRESS, Untold.RELATION, Untold.FORMER_MEMBERS, Untold.UNNAMED} == set(
        view.untold
    )


def test_who_was_in_no_list_is_said_to_be_so(session, registry):
    registry.send(FIRST, "S01", FATHER, MOTHER)
    session.execute(text("UPDATE enrolment SET spells = '{}'"))

    view = home_as_of(session, registry.household(), true=date(2026, 5, 1))

    assert {member.presence for member in view.members} == {Presence.NEVER}
    assert view.members[0].named is None


def test_a_list_that_does_not_reach_the_day_is_assumed_to_go_on_and_said_so(session, registry):
    registry.send(FIRST, "S01", FATHER | {"records": months(2026, 4, 5)})
    home = registry.household()

    in_time = home_as_of(session, home, true=date(2026, 5, 31))
    soon = home_as_of(session, home, true=date(2026, 7, 15))
    long_after = home_as_of(session, home, true=date(2026, 11, 1))

    assert [(place.assumed, in_time.late) for place in in_time.enrolments] == [(False, [])]
    assert [place.assumed for place in soon.enrolments] == [True]
    assert [(late.tag.code, late.until) for late in soon.late] == [("S01", date(2026, 6, 1))]
    assert soon.members[0].presence is Presence.NAMED
    assert (long_after.enrolments, long_after.category) == ([], Category.OTHER)
    assert [late.until for late in long_after.late] == [date(2026, 6, 1)]
    assert long_after.members[0].presence is Presence.NO_LONGER


def test_what_was_true_on_a_day_as_believed_on_another(session, registry):
    """A file that came late tells of a month that nobody knew of before."""
    registry.send(FIRST, "S01", FATHER | {"records": months(2026, 4)})
    registry.send(THIRD, "S01", FATHER | {"records": months(2026, 5, 6, 7)})
    registry.send(THIRD, "S02", FATHER | {"records": months(2026, 4)})
    home = registry.household()

    then = home_as_of(session, home, true=date(2026, 4, 15), believed=date(2026, 6, 30))
    now = home_as_of(session, home, true=date(2026, 4, 15))

    assert (places(then), then.category) == ([("王建国", "S01")], Category.MINIMUM_ALLOWANCE)
    assert (places(now), now.category) == (
        [("王建国", "S01"), ("王建国", "S02")],
        Category.EXTREME_HARDSHIP,
    )
    late = home_as_of(session, home, true=date(2026, 6, 15), believed=date(2026, 6, 30))
    assert [place.assumed for place in late.enrolments] == [True]
    assert home_as_of(session, home, true=date(2026, 6, 15)).enrolments[0].assumed is False


def test_a_file_that_was_taken_back_reached_as_far_as_then(session, registry):
    registry.send(FIRST, "S01", FATHER | {"records": months(2026, 4)})
    wrong = registry.send(SECOND, "S01", MOTHER | {"records": months(2026, 5)})
    registry.take_back(THIRD, wrong)
    home = registry.household()

    then = home_as_of(session, home, true=date(2026, 5, 2), believed=date(2026, 7, 20))
    now = home_as_of(session, home, true=date(2026, 5, 2))

    assert (places(then), places(now)) == ([("李秀英", "S01")], [("王建国", "S01")])
    assert (then.late, now.enrolments[0].assumed) == ([], True)


def test_a_person_as_of_a_day(session, registry):
    registry.send(
        FIRST,
        "S01",
        FATHER | {"records": months(2026, 4), "address": "甲街1号", "ethnicity": "11"},
    )
    registry.send(SECOND, "S02", FATHER | {"records": months(2026, 5), "phone": "13800138000"})
    father = registry.person("王建国")

    before = person_as_of(session, father, believed=date(2026, 6, 1))
    then = person_as_of(session, father, believed=date(2026, 6, 30))
    now = person_as_of(session, father, true=date(2026, 5, 2))

    assert (before.known, before.member) == (False, None)
    assert (then.member.name, then.address, then.ethnicity) == ("王建国", "甲街1号", "11")
    assert (then.registered, now.registered) == (["citizen_id"], ["citizen_id", "phone"])
    assert (then.region_code, "解放社区" in then.region_name) == (VILLAGE, True)
    assert [place.scheme.code for place in now.enrolments] == ["S01", "S02"]
    assert now.member.presence is Presence.NAMED
    assert [list_.tag.code for list_ in now.late] == ["S01"]


def test_a_department_is_told_of_its_own_places_and_of_no_category(session, registry):
    registry.send(FIRST, "S01", FATHER | {"phone": "13800138000"})
    registry.send(FIRST, "S21", FATHER | {"account": None})
    housing = Scope((subtree(EAST),), "D04")
    home, father = registry.household(), registry.person("王建国")
    settings = {"regions": "{[210302000000,210303000000)}", "department": "D04"}
    session.execute(
        text(
            "SELECT set_config('relief.regions', :regions, true),"
            " set_config('relief.department', :department, true)"
        ),
        settings,
    )

    believed = home_as_of(session, home, believed=date(2026, 7, 1), scope=housing)
    true = home_as_of(session, home, true=date(2026, 10, 1), scope=housing)
    person = person_as_of(session, father, true=date(2026, 10, 1), scope=housing)

    assert places(believed) == places(true) == [("王建国", "S21")]
    assert believed.category is Category.MINIMUM_ALLOWANCE
    assert (true.category, Untold.CATEGORY in true.untold) == (None, True)
    assert person.registered == ["citizen_id", "phone"]
    assert Untold.CATEGORY not in person.untold


@pytest.mark.parametrize(
    "scope", [Scope((subtree(WEST),), None), Scope((subtree(EAST),), "D04"), Scope((), None)]
)
def test_who_may_not_see_the_present_may_not_see_the_past(session, registry, scope):
    registry.send(FIRST, "S01", FATHER)

    with pytest.raises(HouseholdNotFound):
        home_as_of(session, registry.household(), believed=date(2026, 7, 1), scope=scope)
    with pytest.raises(PersonNotFound):
        person_as_of(session, registry.person("王建国"), believed=date(2026, 7, 1), scope=scope)


def test_the_past_of_what_is_gone_is_shown_where_it_was_last(session, registry):
    batch = registry.send(FIRST, "S01", FATHER)
    home, father = registry.household(), registry.person("王建国")
    registry.take_back(SECOND, batch)
    day = date(2026, 6, 20)

    assert names(home_as_of(session, home, believed=day)) == ["王建国"]
    assert person_as_of(session, father, believed=day).member.name == "王建国"
    assert home_as_of(session, home, believed=date(2026, 7, 20)).known is False
    assert person_as_of(session, father, true=day).known is False
    for scope in (Scope((subtree(WEST),), None), Scope((subtree(EAST),), "D01")):
        with pytest.raises(HouseholdNotFound):
            home_as_of(session, home, believed=day, scope=scope)
        with pytest.raises(PersonNotFound):
            person_as_of(session, father, believed=day, scope=scope)


@pytest.mark.parametrize(
    ("regions", "department", "seen"),
    [
        ("{[210302000000,210303000000)}", "", True),
        ("{[210303000000,210304000000)}", "", False),
        ("{[210302000000,210303000000)}", "D01", True),
        ("{[210302000000,210303000000)}", "D04", False),
        ("{}", "", False),
    ],
)
def test_the_database_itself_shows_no_ones_past_to_strangers(
    session, registry, regions, department, seen
):
    registry.send(FIRST, "S01", FATHER)
    home, father = registry.household(), registry.person("王建国")
    session.execute(text("SET LOCAL SESSION AUTHORIZATION relief_test_web"))
    session.execute(
        text(
            "SELECT set_config('relief.regions', :regions, true),"
            " set_config('relief.department', :department, true)"
        ),
        {"regions": regions, "department": department},
    )
    query = text("SELECT count(*) > 0 FROM registry_as_of(:kind, :record, 'infinity')")

    found = [
        session.scalar(query, {"kind": kind, "record": record})
        for kind, record in (("household", home), ("person", father))
    ]

    session.execute(text("SET LOCAL SESSION AUTHORIZATION DEFAULT"))
    assert found == [seen, seen]


def test_a_day_is_asked_for_and_is_not_to_come():
    with pytest.raises(NoDay):
        as_of.asked(believed_on=None, true_on=None, now=TODAY)
    for days in (
        {"believed_on": date(2026, 11, 24), "true_on": None},
        {"believed_on": None, "true_on": date(2026, 11, 24)},
    ):
        with pytest.raises(DayToCome):
            as_of.asked(**days, now=TODAY)


def test_the_number_of_queries_does_not_grow_with_the_household(session, registry, assert_queries):
    registry.send(FIRST, "S01", FATHER)
    home, father = registry.household(), registry.person("王建国")
    with assert_queries(4):
        home_as_of(session, home, believed=date(2026, 7, 1))
    registry.send(SECOND, "S01", MOTHER, CHILD | {"household_number": "1"})
    with assert_queries(4):
        home_as_of(session, home, true=date(2026, 7, 1))
    with assert_queries(4):
        person_as_of(session, father, true=date(2026, 7, 1))
