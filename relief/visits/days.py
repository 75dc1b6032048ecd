"""From which day to which an assignment holds. Pure."""

import itertools
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from sqlalchemy.dialects.postgresql import Range

from relief.visits.errors import AssignmentDays


def days_of(from_on: date, until_on: date | None, *, today: date) -> Range[date]:
    """Return the days from one to the end of another, or without end. Raises AssignmentDays."""
    if until_on is None:
        return Range(from_on, None)
    # The last day that there is has none after it, up to which it could be kept.
    if not from_on <= until_on >= today or until_on == date.max:
        raise AssignmentDays
    return Range(from_on, until_on + timedelta(days=1))


def until(days: Range[date], today: date) -> Range[date]:
    """Return the days that an assignment had which ends today: none, if it was to come.

    One that had run out before keeps its last day.
    """
    if days.lower is None or days.lower >= today:
        return Range(empty=True)
    return Range(days.lower, min(days.upper or today, today))


def still(days: Range[date], today: date) -> Range[date]:
    """Return the days of an assignment from today on, for whoever takes it over."""
    assert days.lower is not None  # noqa: S101  # only an ended one has no first day
    return Range(max(days.lower, today), days.upper)


def uncovered(days: Range[date], taken: Iterable[Range[date]]) -> Sequence[Range[date]]:
    """Return the parts of a period, which has a first day, that none of others covers, in order."""
    found: list[Range[date]] = []
    rest = days
    there = [each for each in taken if each.overlaps(days)]
    for each in sorted(there, key=lambda one: one.lower or date.min):
        assert rest.lower is not None  # noqa: S101  # of `days`, or the end of another
        if each.lower is not None and rest.lower < each.lower:
            found.append(Range(rest.lower, each.lower))
        if each.upper is None or (rest.upper is not None and each.upper >= rest.upper):
            return found
        rest = Range(max(rest.lower, each.upper), rest.upper)
    return [*found, rest]


def most_at_once(terms: Iterable[Range[date]], during: Range[date]) -> int:
    """Return how many of some periods hold at most on one day of another, which has a first day."""
    assert during.lower is not None  # noqa: S101  # its first day
    changes: list[tuple[date, int]] = []
    for days in terms:
        if days.overlaps(during):
            changes.append((max(days.lower or during.lower, during.lower), 1))
            if days.upper is not None:
                changes.append((days.upper, -1))  # sorted before what begins on that day
    return max(itertools.accumulate(change for _, change in sorted(changes)), default=0)


def is_over(days: Range[date], today: date) -> bool:
    """Tell whether an assignment has no day left."""
    return days.isempty or (days.upper is not None and days.upper <= today)
