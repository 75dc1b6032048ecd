"""Households and persons as of any day: as believed then, as true then, and both at once."""

from datetime import date, datetime, timedelta

from sqlalchemy import select, text

from relief.core.clock import CHINA
from relief.registry.models import ImportBatch, Membership
from relief.registry.queries.as_of_rows import Presence, Untold
from relief.registry.types import Category
from tests.support.past import (
    CHILD,
    FATHER,
    FIRST,
    FOURTH,
    MOTHER,
    SECOND,
    THIRD,
    WEST_VILLAGE,
    home_as_of,
    months,
    names,
    person_as_of,
    places,
)
from tests.support.source import VILLAGE, undo


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
    once = home_as_of(session, home, true=date(2026, 2, 1)).enrolments
    assert [place.once for place in once] == [True, False]
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
