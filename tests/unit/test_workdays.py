"""Counting working days over the calendars of 2024 to 2026."""

import csv
from datetime import date, timedelta

import pytest

import seeds
from relief.core.workdays import Calendar, DueDay


def announced() -> Calendar:
    with seeds.path("reference/workdays.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return Calendar(
        holidays=frozenset(date.fromisoformat(r["date"]) for r in rows if r["kind"] == "holiday"),
        makeup=frozenset(date.fromisoformat(r["date"]) for r in rows if r["kind"] == "makeup"),
        years=frozenset({2024, 2025, 2026}),
    )


CALENDAR = announced()


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    "makeup", ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]
)
def test_a_makeup_day_of_2026_is_a_working_weekend_day(makeup):
    assert day(makeup).weekday() >= 5

    assert CALENDAR.is_working(day(makeup))


def test_2026_has_no_makeup_day_but_these_six():
    assert sum(makeup.year == 2026 for makeup in CALENDAR.makeup) == 6


@pytest.mark.parametrize("off", sorted(CALENDAR.holidays))
def test_a_holiday_is_no_working_day(off):
    assert not CALENDAR.is_working(off)


@pytest.mark.parametrize(
    ("year", "count"),
    [(2024, 251), (2025, 248), (2026, 248)],
)
def test_a_year_has_its_number_of_working_days(year, count):
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))

    assert sum(CALENDAR.is_working(one) for one in days if one.year == year) == count


@pytest.mark.parametrize(
    ("start", "count", "due"),
    [
        ("2026-11-23", 0, "2026-11-23"),  # nothing to count
        ("2026-11-23", 1, "2026-11-24"),  # the first day is not counted
        ("2026-11-20", 1, "2026-11-23"),  # Friday: over the weekend
        ("2026-11-21", 1, "2026-11-23"),  # an event on a Saturday
        ("2026-11-23", 5, "2026-11-30"),
        ("2025-12-31", 1, "2026-01-04"),  # over the new year to a makeup Sunday
        ("2025-12-31", 2, "2026-01-05"),
        ("2026-02-13", 1, "2026-02-14"),  # a makeup Saturday before the Spring Festival
        ("2026-02-14", 1, "2026-02-24"),  # over nine days off
        ("2026-02-27", 1, "2026-02-28"),  # a makeup Saturday at the month's end
        ("2026-02-28", 1, "2026-03-02"),
        ("2026-04-03", 1, "2026-04-07"),
        ("2026-04-30", 1, "2026-05-06"),
        ("2026-05-08", 1, "2026-05-09"),
        ("2026-06-18", 1, "2026-06-22"),
        ("2026-09-18", 1, "2026-09-20"),  # Friday to a makeup Sunday
        ("2026-09-24", 1, "2026-09-28"),
        ("2026-09-30", 1, "2026-10-08"),
        ("2026-10-09", 1, "2026-10-10"),
        ("2026-10-10", 30, "2026-11-20"),
        ("2026-12-30", 1, "2026-12-31"),  # the last day that is certain
    ],
)
def test_working_days_are_counted_from_the_day_after(start, count, due):
    assert CALENDAR.add_working_days(day(start), count) == DueDay(day(due), provisional=False)


@pytest.mark.parametrize(
    ("start", "count", "due"),
    [
        ("2026-12-31", 1, "2027-01-01"),  # known to be a weekday only
        ("2026-12-30", 2, "2027-01-01"),
        ("2026-12-25", 10, "2027-01-08"),
        ("2027-01-04", 1, "2027-01-05"),
        ("2027-01-01", 1, "2027-01-04"),
        ("2023-12-29", 1, "2024-01-02"),  # counted through two days of a year not loaded
    ],
)
def test_a_limit_that_runs_through_a_year_not_announced_is_provisional(start, count, due):
    assert CALENDAR.add_working_days(day(start), count) == DueDay(day(due), provisional=True)


def test_a_limit_of_no_days_is_certain_in_any_year():
    due = CALENDAR.add_working_days(day("2027-06-01"), 0)

    assert due == DueDay(day("2027-06-01"), provisional=False)


@pytest.mark.parametrize("add", [CALENDAR.add_working_days, CALENDAR.add_calendar_days])
def test_a_negative_limit_is_refused(add):
    with pytest.raises(ValueError, match="negative"):
        add(day("2026-11-23"), -1)


@pytest.mark.parametrize(
    ("given", "due", "provisional"),
    [
        ("2026-11-23", "2026-11-23", False),
        ("2026-11-21", "2026-11-23", False),
        ("2026-10-01", "2026-10-08", False),
        ("2026-10-10", "2026-10-10", False),  # a makeup Saturday
        ("2026-12-31", "2026-12-31", False),
        ("2027-01-02", "2027-01-04", True),
        ("2027-01-04", "2027-01-04", True),
    ],
)
def test_a_day_without_work_rolls_forward(given, due, provisional):
    assert CALENDAR.roll_forward(day(given)) == DueDay(day(due), provisional)


def test_a_calendar_limit_that_ends_on_a_holiday_rolls_forward():
    due = CALENDAR.add_calendar_days(day("2026-09-24"), 7)

    assert due == DueDay(day("2026-10-08"), provisional=False)


def test_fast_aid_and_notices_run_their_plain_days():
    due = CALENDAR.add_calendar_days(day("2026-12-30"), 3, roll=False)

    assert due == DueDay(day("2027-01-02"), provisional=False)


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        ("2026-11-23", "2026-11-23", 0),
        ("2026-11-23", "2026-11-24", 1),
        ("2026-11-20", "2026-11-23", 1),
        ("2026-09-30", "2026-10-10", 3),
        ("2026-11-24", "2026-11-23", 0),
    ],
)
def test_working_days_between_leave_the_first_day_out(start, end, count):
    assert CALENDAR.working_days_between(day(start), day(end)) == count


@pytest.mark.parametrize(
    ("today", "ahead"),
    [
        ("2026-11-22", 39),
        ("2026-12-31", 0),
        ("2026-01-01", 364),
        ("2025-12-31", 365),  # all of 2026
        ("2027-01-01", 0),
        ("2023-12-31", 0),
    ],
)
def test_the_days_covered_ahead_end_with_the_announced_years(today, ahead):
    assert CALENDAR.covered_days_ahead(day(today)) == ahead


def test_a_day_is_announced_with_its_year():
    assert CALENDAR.is_announced(day("2026-12-31"))
    assert not CALENDAR.is_announced(day("2027-01-01"))


@pytest.mark.parametrize("start", [date(2026, 1, 1) + timedelta(days=n) for n in range(0, 360, 13)])
def test_counting_forward_and_between_agree(start):
    due = CALENDAR.add_working_days(start, 7).day

    assert CALENDAR.working_days_between(start, due) == 7
    assert CALENDAR.is_working(due)


@pytest.mark.parametrize(
    ("end", "count", "before"),
    [
        ("2026-11-16", 1, "2026-11-13"),  # over a weekend
        ("2026-10-08", 1, "2026-09-30"),  # over the National Day
        ("2026-10-12", 2, "2026-10-09"),  # Saturday the 10th was worked
        ("2026-11-15", 0, "2026-11-15"),
    ],
)
def test_working_days_are_counted_back_too(end, count, before):
    assert CALENDAR.working_day_before(day(end), count) == day(before)


def test_nothing_is_counted_back_by_less_than_no_days():
    with pytest.raises(ValueError, match="negative"):
        CALENDAR.working_day_before(day("2026-11-16"), -1)
