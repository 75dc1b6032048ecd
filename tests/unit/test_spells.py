"""Spells, the reach of lists, and the years of a household: decisions without a database."""

import uuid
from datetime import date

import pytest
from sqlalchemy.dialects.postgresql import Range

from relief.console.past.months import month_table
from relief.registry import periods
from relief.registry.queries import spells
from relief.registry.queries.lists import SchemeList
from relief.registry.queries.months import MonthSum, unpack
from relief.registry.queries.rows import (
    AidMonthRow,
    AidRow,
    EnrolmentRow,
    HouseholdDetail,
    HouseholdRow,
    MemberRow,
    SchemeTag,
    Spell,
)
from relief.registry.queries.yearly import YearPerson, by_year
from relief.registry.types import Category

ONE, TWO = uuid.UUID(int=1), uuid.UUID(int=2)


def a_list(code="S01", period="monthly", until=None, category=None):
    return SchemeList(
        tag=SchemeTag(code, code),
        department_code="D01",
        department_name="民政局",
        period=period,
        category=category,
        until=until,
    )


@pytest.mark.parametrize(
    ("day", "period", "until"),
    [
        (date(2026, 12, 31), "monthly", date(2027, 1, 1)),
        (date(2026, 9, 1), "per_term", date(2027, 3, 1)),
        (date(2026, 5, 20), "yearly", date(2027, 5, 1)),
        (date(2026, 5, 20), "one_off", date(2026, 6, 1)),
        (date(2026, 5, 20), "per_event", date(2026, 6, 1)),
    ],
)
def test_a_record_covers_its_period_in_whole_months(day, period, until):
    assert periods.covered_until(day, period) == until


def test_spells_are_read_from_a_column_and_from_the_history():
    spell = Spell(date(2026, 1, 1), date(2026, 3, 1))

    assert spells.of_ranges([Range(date(2026, 1, 1), date(2026, 3, 1))]) == [spell]
    assert spells.parse("{[2026-01-01,2026-03-01),[2026-05-01,2026-06-01)}")[0] == spell
    assert spells.parse("{}") == spells.parse(None) == []


def test_a_spell_holds_its_first_day_and_not_its_end():
    spell = Spell(date(2026, 1, 1), date(2026, 3, 1))

    assert [date(2025, 12, 31) in spell, date(2026, 1, 1) in spell] == [False, True]
    assert [spell.last_on in spell, date(2026, 3, 1) in spell] == [True, False]
    assert spell.last_on == date(2026, 2, 28)
    assert "2026-01-05" not in spell


UNTIL = date(2026, 6, 1)
RUNNING = [Spell(date(2026, 1, 1), UNTIL)]


@pytest.mark.parametrize(
    ("day", "period", "expected"),
    [
        (date(2025, 12, 31), "monthly", None),
        (date(2026, 5, 31), "monthly", False),
        (date(2026, 6, 1), "monthly", True),  # the list does not reach it
        (date(2026, 8, 1), "monthly", True),  # 61 days later
        (date(2026, 8, 2), "monthly", None),  # 62
        (date(2027, 6, 1), "yearly", True),
        (date(2027, 6, 2), "yearly", None),
        (date(2026, 6, 1), "one_off", None),  # given once: nothing goes on
        (date(2026, 5, 31), "one_off", False),
    ],
)
def test_a_place_goes_on_for_a_while_after_the_end_of_the_list(day, period, expected):
    found = spells.standing(RUNNING, day, a_list(period=period, until=UNTIL))

    assert (found and found.assumed) == expected


def test_who_was_out_at_the_end_of_the_list_is_not_taken_to_go_on():
    earlier = [Spell(date(2026, 1, 1), date(2026, 5, 1))]

    assert spells.standing(earlier, date(2026, 6, 10), a_list(until=UNTIL)) is None


def test_without_a_list_nobody_stands_in_it():
    assert spells.standing(RUNNING, date(2026, 5, 1), a_list(until=None)) is None
    assert spells.has_ended(RUNNING[0], a_list(until=None)) is False


def test_a_place_that_ends_with_the_list_has_not_ended():
    assert spells.has_ended(RUNNING[0], a_list(until=UNTIL)) is False
    assert spells.has_ended(RUNNING[0], a_list(until=date(2026, 7, 1))) is True


def test_the_strongest_identity_decides():
    monitored = a_list(category=Category.MONITORED)
    allowance = a_list(category=Category.MINIMUM_ALLOWANCE)

    assert spells.strongest([monitored, a_list(), allowance]) is Category.MINIMUM_ALLOWANCE
    assert spells.strongest([]) is Category.OTHER


@pytest.mark.parametrize(
    ("months", "times", "fen", "expected"),
    [
        (0, None, None, []),
        (0b1, None, None, [MonthSum(1, 1, 600)]),
        (0b1000_0000_0001, None, None, [MonthSum(1, 1, 300), MonthSum(12, 1, 300)]),
        (0b110, [1, 2], None, [MonthSum(2, 1, 300), MonthSum(3, 2, 300)]),
        (0b110, None, [0, 600], [MonthSum(2, 1, 0), MonthSum(3, 1, 600)]),
    ],
)
def test_months_are_unpacked(months, times, fen, expected):
    assert list(unpack(months, amount_fen=600, times=times, fen=fen)) == expected


def test_a_table_of_months_has_a_line_for_each_person_and_scheme():
    def row(person, code, month, fen):
        return AidMonthRow(
            person_id=person, person_name=str(person)[-1], scheme=SchemeTag(code, code),
            year=2026, month=month, times=1, amount_fen=fen,
        )  # fmt: skip

    table = month_table([row(ONE, "S01", 1, 5), row(ONE, "S01", 3, 5), row(TWO, "S01", 3, 0)])

    assert [(line.person_name, line.times, line.amount_fen) for line in table.lines] == [
        ("1", 2, 10),
        ("2", 1, 0),
    ]
    assert [cell is not None for cell in table.lines[0].cells[:3]] == [True, False, True]
    assert (table.totals[2], table.times, table.amount_fen) == (5, 3, 10)


def detail(*places, members=((ONE, "甲", None), (TWO, "乙", None)), aid=()):
    """`places`: (person, scheme, spell, …)."""
    home = HouseholdRow(
        id=uuid.UUID(int=9), number="1", region_code=1, region_name="", address=None,
        householder_id=ONE, householder_name="甲", phone=None, member_count=2,
        category=Category.OTHER, schemes=(),
    )  # fmt: skip
    return HouseholdDetail(
        household=home,
        origins={},
        members=[
            MemberRow(
                id=who, name=name, relation=None, sex=None, born_on=None, died_on=died_on,
                citizen_id=None, phone=None,
            )
            for who, name, died_on in members
        ],
        enrolments=[
            EnrolmentRow(
                person_id=who, person_name="甲" if who == ONE else "乙",
                scheme=SchemeTag(code, code), department_code="D01", department_name="民政局",
                first_on=None, last_on=None, record_count=1, total_fen=0, last_fen=None,
                spells=given, ended_on=None, ended_by=None,
            )
            for who, code, *given in places
        ],
        aid=[
            AidRow(scheme=SchemeTag(code, code), year=year, times=times, amount_fen=fen)
            for code, year, times, fen in aid
        ],
        sources=(),
        changes=(),
    )  # fmt: skip


LISTS = {
    "S01": a_list("S01", until=date(2026, 11, 1), category=Category.MINIMUM_ALLOWANCE),
    "S28": a_list("S28", "yearly", until=date(2027, 1, 1), category=Category.MONITORED),
    "S03": a_list("S03", "one_off", until=date(2026, 11, 1)),
}
TODAY = date(2026, 11, 23)


def told(*places, moved=(), **more):
    rows = by_year(detail(*places, **more), LISTS, today=TODAY, moved=moved)
    return {
        row.year: {
            "joined": [who.name for who in row.joined],
            "left": [who.name for who in row.left],
            "died": [who.name for who in row.died],
            "moved": [who.name for who in row.moved],
            "begun": [(place.person_name, place.scheme.code) for place in row.begun],
            "ended": [(place.person_name, place.scheme.code) for place in row.ended],
            "category": row.category,
            "aid": (row.times, row.amount_fen),
        }
        for row in rows
    }


def quiet(category, **more):
    names = ("joined", "left", "died", "moved", "begun", "ended")
    return {name: [] for name in names} | {"aid": (0, 0), "category": category} | more


def test_the_years_of_a_household():
    years = told(
        (
            ONE,
            "S01",
            Spell(date(2024, 5, 1), date(2025, 3, 1)),
            Spell(date(2026, 2, 1), date(2026, 11, 1)),
        ),
        (TWO, "S28", Spell(date(2024, 1, 1), date(2025, 1, 1))),
        aid=[("S01", 2024, 8, 800), ("S28", 2024, 1, 5), ("S01", 2026, 9, 900)],
    )

    assert years == {
        2026: quiet(Category.MINIMUM_ALLOWANCE, begun=[("甲", "S01")], aid=(9, 900)),
        2025: quiet(Category.OTHER, ended=[("甲", "S01")]),
        2024: quiet(
            Category.MINIMUM_ALLOWANCE,
            joined=["甲", "乙"],
            left=["乙"],
            begun=[("甲", "S01"), ("乙", "S28")],
            ended=[("乙", "S28")],
            aid=(9, 805),
        ),
    }
    assert list(years) == [2026, 2025, 2024]


def test_a_household_of_which_no_record_speaks_has_no_years():
    assert told() == {}


def test_who_was_placed_elsewhere_is_told_in_the_year_of_it():
    years = told(moved=[(date(2025, 7, 1), YearPerson(TWO, "丙"))])

    assert years == {
        2026: quiet(Category.OTHER),
        2025: quiet(Category.OTHER, moved=["丙"]),
    }


def test_who_died_did_not_leave():
    years = told(
        (ONE, "S01", Spell(date(2026, 1, 1), date(2026, 4, 1))),
        members=((ONE, "甲", date(2026, 3, 9)),),
    )

    assert (years[2026]["died"], years[2026]["left"]) == (["甲"], [])


def test_aid_that_is_given_once_is_no_place_and_tells_of_no_leaving():
    years = told(
        (ONE, "S03", Spell(date(2025, 6, 1), date(2025, 7, 1))), aid=[("S03", 2025, 1, 800)]
    )

    assert years[2025] == quiet(Category.OTHER, joined=["甲"], aid=(1, 800))


def test_a_year_to_come_that_records_speak_of_is_told():
    years = told((ONE, "S01"), aid=[("S01", 2027, 1, 5)])

    assert list(years) == [2027]
    assert years[2027] == quiet(Category.OTHER, aid=(1, 5))
