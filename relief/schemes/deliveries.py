"""When a scheme's file is due, and how late it is. Pure: knows no database and no clock."""

from datetime import date, timedelta

from relief.schemes.types import Rhythm

_MONTHS = {Rhythm.MONTH: 1, Rhythm.QUARTER: 3, Rhythm.TERM: 6, Rhythm.YEAR: 12}
_FIRST_MONTH = {Rhythm.TERM: 3}  # terms begin in March and September


def period_start(every: Rhythm, day: date) -> date:
    """Return the first day of the period that a day lies in.

    >>> period_start(Rhythm.TERM, date(2026, 1, 5)), period_start(Rhythm.YEAR, date(2026, 12, 31))
    (datetime.date(2025, 9, 1), datetime.date(2026, 1, 1))
    """
    length, first = _MONTHS[every], _FIRST_MONTH.get(every, 1) - 1
    months = day.year * 12 + day.month - 1 - first
    start = months // length * length + first
    return date(start // 12, start % 12 + 1, 1)


def period_end(every: Rhythm, day: date) -> date:
    """Return the first day after the period that a day lies in.

    >>> period_end(Rhythm.TERM, date(2026, 1, 5)), period_end(Rhythm.QUARTER, date(2026, 12, 31))
    (datetime.date(2026, 3, 1), datetime.date(2027, 1, 1))
    """
    start = period_start(every, day)
    months = start.year * 12 + start.month - 1 + _MONTHS[every]
    return date(months // 12, months % 12 + 1, 1)


def due_on(every: Rhythm, due_days: int, day: date) -> date:
    """Return the last day on which the file of the period of a day comes in time."""
    return period_end(every, day) + timedelta(days=due_days - 1)


def days_late(every: Rhythm, due_days: int, *, newest: date, on: date) -> int:
    """Return for how many days the period after the newest one that came has been overdue."""
    return max(0, (on - due_on(every, due_days, period_end(every, newest))).days)
