"""When somebody is told of a limit: as it runs out, and after it has passed (催办)."""

import math
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from relief.core.workdays import Calendar
from relief.review import deadlines
from relief.review.deadlines import Clock
from relief.schemes.models import ReminderRule
from relief.schemes.types import Moment


def moments(
    calendar: Calendar, clock: Clock, due_on: date, rules: Sequence[ReminderRule]
) -> Iterator[tuple[str, datetime]]:
    """Yield the code of each rule with the instant at which it is to be told of a limit.

    A limit is not said to run out on the day of its event, nor in shares once it is said by days:
    of a short one only the last warning is left.
    """
    by_days = date.max
    for rule in sorted(rules, key=lambda one: one.moment is Moment.SHARE):
        if rule.moment is Moment.AFTER:
            passed = calendar.add_working_days(due_on, int(rule.value)).day
            yield rule.code, deadlines.ends_at(passed)
        elif day := _warning(calendar, clock, due_on, rule):
            if rule.moment is Moment.BEFORE:
                by_days = min(by_days, day)
            elif day >= by_days:
                continue
            yield rule.code, deadlines.begins_at(day)


def _warning(calendar: Calendar, clock: Clock, due_on: date, rule: ReminderRule) -> date | None:
    """Return the day on which a rule warns before a limit has passed, if it does."""
    if rule.moment is Moment.BEFORE:
        day: date | None = calendar.working_day_before(due_on, int(rule.value))
    else:
        day = deadlines.reached(calendar, clock, math.ceil(clock.limit.days * rule.value))
    return day if day is not None and clock.begun < day < due_on else None
