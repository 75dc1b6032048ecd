"""At which instants somebody is told of a limit, written out by hand from the calendar of 2026."""

from datetime import date
from decimal import Decimal

import pytest

from relief.core.clock import CHINA
from relief.review import deadlines, reminders
from relief.review.deadlines import Clock, Limit, Pause
from relief.schemes.models import ReminderRule
from relief.schemes.types import DayType, Moment
from tests.unit.test_workdays import CALENDAR


def rule(code, moment, value):
    return ReminderRule(code=code, moment=Moment(moment), value=Decimal(value))


RULES = [
    rule("share", "share", "0.7"),
    rule("day_before", "before", "1"),
    rule("overdue", "after", "0"),
    rule("county", "after", "1"),
    rule("city", "after", "3"),
]


def told(begun, days, unit="wd", *, rolls=True, pauses=(), rules=RULES):
    """Each rule with the minute in China at which it is told."""
    clock = Clock(date.fromisoformat(begun), Limit(days, DayType(unit), rolls), pauses)
    due = deadlines.due(CALENDAR, clock)
    found = reminders.moments(CALENDAR, clock, due.day, rules)
    return {code: at.astimezone(CHINA).strftime("%m-%d %H:%M") for code, at in found}


def test_ten_working_days_are_told_of_five_times():
    # Begun on Monday 2 November: the seventh day is Wednesday the 11th, the last Monday the 16th.
    assert told("2026-11-02", 10) == {
        "share": "11-11 00:00",
        "day_before": "11-13 00:00",  # the Friday before, not the Sunday
        "overdue": "11-17 00:00",  # on the minute
        "county": "11-18 00:00",
        "city": "11-20 00:00",
    }


@pytest.mark.parametrize(
    ("days", "warned"),
    [
        (1, {}),  # due tomorrow: it has only just begun
        (2, {"day_before": "11-03 00:00"}),
        (3, {"day_before": "11-04 00:00"}),
        (5, {"day_before": "11-06 00:00"}),  # seven tenths are the fourth day, too
        (7, {"share": "11-09 00:00", "day_before": "11-10 00:00"}),
    ],
)
def test_a_short_limit_is_not_warned_of_twice_on_one_day(days, warned):
    found = told("2026-11-02", days)

    assert {code: at for code, at in found.items() if code in ("share", "day_before")} == warned
    assert {"overdue", "county", "city"} <= set(found)


def test_before_a_long_holiday_the_warning_comes_on_the_last_day_of_work():
    # National Day of 2026: off from 1 to 7 October; work begins again on Thursday the 8th.
    found = told("2026-09-23", 5)

    assert found["day_before"] == "09-30 00:00"
    assert found["overdue"] == "10-09 00:00"


def test_fast_aid_passes_on_a_sunday_and_is_told_of_then():
    assert told("2026-11-05", 3, "cd", rolls=False) == {
        "day_before": "11-06 00:00",  # due on Sunday the 8th; who works on Friday can still act
        "overdue": "11-09 00:00",
        "county": "11-10 00:00",
        "city": "11-12 00:00",
    }


def test_days_on_which_the_clock_stood_do_not_bring_a_warning_nearer():
    pause = Pause(date(2026, 11, 4), date(2026, 11, 11))

    found = told("2026-11-02", 10, pauses=[pause])

    assert found["share"] == "11-18 00:00"
    assert found["overdue"] == "11-24 00:00"


def test_a_city_without_a_rule_by_days_is_still_warned_by_shares():
    assert told("2026-11-02", 10, rules=RULES[:1]) == {"share": "11-11 00:00"}


def test_a_city_may_warn_on_several_days_in_any_order():
    rules = [rule("one", "before", "1"), rule("four", "before", "4"), *RULES[:1]]

    # Seven tenths are the 11th; four working days before the end are the 10th, and say it first.
    assert told("2026-11-02", 10, rules=rules) == {"one": "11-13 00:00", "four": "11-10 00:00"}
