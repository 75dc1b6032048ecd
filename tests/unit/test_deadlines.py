"""When limits end, counted day by day by another calendar than ours: the package's own tables."""

from datetime import UTC, date, datetime, timedelta

import chinese_calendar
import pytest

import seeds
from relief.core import documents
from relief.core.workdays import DueDay
from relief.review import deadlines
from relief.review.deadlines import Clock, Limit, Pause
from relief.schemes.types import DayType
from tests.unit.test_workdays import CALENDAR

WORKING, CALENDAR_DAYS = DayType.WORKING, DayType.CALENDAR
FIRST, LAST = date(2024, 1, 1), date(2026, 12, 31)
STARTS = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
# Of the catalogue: every limit and total in it, and what an extension adds up to.
LIMITS = [Limit(days, WORKING) for days in (0, 1, 3, 5, 7, 8, 10, 12, 15, 20, 30, 45, 60)]
LIMITS += [Limit(days, CALENDAR_DAYS) for days in (3, 7)]
LIMITS += [Limit(days, CALENDAR_DAYS, rolls=False) for days in (1, 3, 7)]


def day(text):
    return date.fromisoformat(text)


def limits_of(procedure):
    """What a procedure of the catalogue counts: its total, longer and shorter, and its stages."""
    total = procedure["total"]
    rolls = total.get("rolls", True)
    for name in ("limit", "extended", "delegated_total"):
        if total.get(name) is not None:
            yield Limit(total[name], DayType(total["day_type"]), rolls=rolls)
    for stage in procedure["stages"]:
        runs_out = rolls and stage["kind"] != "public_notice"
        yield Limit(stage["limit"], DayType(stage["day_type"]), rolls=runs_out)


def test_every_limit_of_the_catalogue_is_tried():
    procedures = documents.read(seeds.path("reference/catalogue.yaml"))["procedures"].values()
    versions = [one for kept in procedures for one in (kept if isinstance(kept, list) else [kept])]
    found = {limit for one in versions for limit in limits_of(one)}

    assert len(found) > 10
    assert {one for one in found if one.unit is CALENDAR_DAYS} <= set(LIMITS)
    # Of working days none rolls: they end on one.
    assert {one.days for one in found if one.unit is WORKING} <= {
        one.days for one in LIMITS if one.unit is WORKING
    }


def stands(day, pauses):
    return any(p.since < day and (p.until is None or day <= p.until) for p in pauses)


def following(day, limit, pauses):
    """The next day that counts, or the day after all that are announced."""
    while day < LAST:
        day += timedelta(days=1)
        works = limit.unit is CALENDAR_DAYS or chinese_calendar.is_workday(day)
        if works and not stands(day, pauses):
            return day
    return LAST + timedelta(days=1)


def by_hand(start, limit, pauses=()):
    """The last day, counted one by one; None where it lies after the last year announced."""
    now = start
    for _ in range(limit.days):
        now = following(now, limit, pauses)
    while asked_today := [p for p in pauses if p.since == now and p.until != now]:
        now = following(asked_today[0].until, limit, pauses)  # one more when they have come
    if limit.unit is CALENDAR_DAYS and limit.rolls:
        while now <= LAST and (not chinese_calendar.is_workday(now) or stands(now, pauses)):
            now += timedelta(days=1)
    return now if now <= LAST else None


@pytest.mark.parametrize("limit", LIMITS, ids=lambda one: f"{one.days}{one.unit}{one.rolls:d}")
def test_from_every_day_of_three_years_the_official_calendar_agrees(limit):
    compared = 0
    for start in STARTS:
        found = deadlines.due(CALENDAR, Clock(start, limit))
        expected = by_hand(start, limit)
        if expected is None:
            assert found.day > LAST
            assert found.provisional or not limit.rolls
        else:
            assert found == DueDay(expected, provisional=False), start
            compared += 1
    assert compared > 1000


@pytest.mark.parametrize("limit", LIMITS, ids=lambda one: f"{one.days}{one.unit}{one.rolls:d}")
def test_with_pauses_over_weekends_holidays_and_month_ends_it_agrees_too(limit):
    compared = 0
    for number, start in enumerate(STARTS):
        asked = start + timedelta(days=number % 9)
        again = asked + timedelta(days=20 + number % 5)
        pauses = (
            Pause(asked, asked + timedelta(days=number % 17)),
            Pause(again, again + timedelta(days=number % 3)),
        )
        found = deadlines.due(CALENDAR, Clock(start, limit, pauses))
        expected = by_hand(start, limit, pauses)
        if expected is None:
            assert found.day > LAST, (start, pauses)
            assert found.provisional or not limit.rolls
        else:
            assert found == DueDay(expected, provisional=False), (start, pauses)
            compared += 1
    assert compared > 900


def test_the_day_of_asking_counts_and_the_day_of_the_papers_does_not():
    # Monday to Friday; asked on Tuesday, and the papers come on Thursday.
    clock = Clock(
        day("2026-11-23"), Limit(3, WORKING), (Pause(day("2026-11-24"), day("2026-11-26")),)
    )

    assert deadlines.due(CALENDAR, clock).day == day("2026-11-30")
    assert deadlines.due(CALENDAR, clock.without_pauses()).day == day("2026-11-26")
    assert [deadlines.used(CALENDAR, clock, day(f"2026-11-{n}")) for n in range(23, 31)] == [
        0, 1, 1, 1, 2, 2, 2, 3,
    ]  # fmt: skip


def test_a_pause_that_begins_and_ends_on_one_day_costs_nothing():
    clock = Clock(
        day("2026-11-23"), Limit(3, WORKING), (Pause(day("2026-11-24"), day("2026-11-24")),)
    )

    assert deadlines.due(CALENDAR, clock) == deadlines.due(CALENDAR, clock.without_pauses())


@pytest.mark.parametrize("limit", [Limit(3, WORKING), Limit(5, CALENDAR_DAYS)])
def test_while_papers_are_asked_for_nothing_is_due(limit):
    clock = Clock(day("2026-11-23"), limit, (Pause(day("2026-11-24")),))

    assert deadlines.due(CALENDAR, clock) is None
    assert deadlines.used(CALENDAR, clock, day("2027-11-24")) == 1
    assert deadlines.left(CALENDAR, clock, day("2027-11-24")) == limit.days - 1


@pytest.mark.parametrize("limit", [Limit(0, WORKING), Limit(1, WORKING), Limit(1, CALENDAR_DAYS)])
def test_who_asks_on_the_last_day_has_one_more_when_the_papers_have_come(limit):
    monday = day("2026-11-23")
    asked = monday + timedelta(days=limit.days)
    open_ = Clock(monday, limit, (Pause(asked),))
    came = Clock(monday, limit, (Pause(asked, day("2026-11-26")),))

    assert deadlines.due(CALENDAR, open_) is None
    assert deadlines.due(CALENDAR, came).day == day("2026-11-27")


def test_what_was_late_before_the_papers_were_asked_for_stays_late():
    clock = Clock(day("2026-11-23"), Limit(1, WORKING), (Pause(day("2026-11-25")),))

    assert deadlines.due(CALENDAR, clock).day == day("2026-11-24")


def test_a_calendar_limit_that_ends_on_a_day_off_waits_for_the_papers_too():
    # It ends on Saturday; asked on that day, so that Monday is not known to count.
    asked = Pause(day("2026-11-28"))
    clock = Clock(day("2026-11-23"), Limit(5, CALENDAR_DAYS), (asked,))

    assert deadlines.due(CALENDAR, clock) is None


def test_what_is_late_is_less_than_nothing_left():
    clock = Clock(day("2026-11-23"), Limit(2, WORKING))

    left = [deadlines.left(CALENDAR, clock, day(f"2026-11-{n}")) for n in (20, 23, 24, 25, 26, 27)]
    assert left == [2, 2, 1, 0, -1, -2]


def test_a_limit_that_runs_into_a_year_not_announced_says_so():
    due = deadlines.due(CALENDAR, Clock(day("2026-12-25"), Limit(10, WORKING)))

    assert due == DueDay(day("2027-01-08"), provisional=True)


def test_a_notice_runs_its_full_days_whatever_the_calendar():
    due = deadlines.due(CALENDAR, Clock(day("2026-12-28"), Limit(7, CALENDAR_DAYS, rolls=False)))

    assert due == DueDay(day("2027-01-04"), provisional=False)


def test_a_day_is_over_at_midnight_in_china():
    assert deadlines.ends_at(day("2026-11-30")) == datetime(2026, 11, 30, 16, tzinfo=UTC)
