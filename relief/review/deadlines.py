"""When a stage of a case is due: its limit, the days on which its clock stood, the last day.

The day of the event is not counted, and a limit ends at 24:00 of its last day in Asia/Shanghai.
A public notice has two last days: that on which it still hangs, before which nobody may end it, and
that by which it is to be ended. The second is counted from the first, and only after it is it late.
While papers are asked for the clock stands: the day on which they are asked for still counts, the
day on which they come does not. Who asks on the last day has one more when they have come, since
nothing may be ended meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from relief.core.clock import CHINA
from relief.core.workdays import Calendar, DueDay
from relief.schemes.types import DayType

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a stage may take, in working or calendar days.

    `rolls`: a limit in calendar days that ends on a day off ends on the next working day. Not for
    fast aid, which does not wait for offices to open, nor for a notice, which runs its full days.
    """

    days: int
    unit: DayType
    rolls: bool = True


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stands after `since` up to and including `until`; without it, still."""

    since: date
    until: date | None = None

    def covers(self, day: date) -> bool:
        """Tell whether the clock stands on a day."""
        return self.since < day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Clock:
    """The clock of one stage. `begun`: the day of the event that started it.

    `unsure`: a calendar still to come may move that day itself.
    """

    begun: date
    limit: Limit
    pauses: Sequence[Pause] = ()
    unsure: bool = False

    def longer(self, days: int) -> "Clock":
        """Return the clock with so many more days: of a limit that was extended."""
        return replace(self, limit=replace(self.limit, days=self.limit.days + days))

    def without_pauses(self) -> "Clock":
        """Return the clock as if it had never stood: what is always shown beside it."""
        return replace(self, pauses=())


def due(calendar: Calendar, clock: Clock) -> DueDay | None:
    """Return the last day of a limit; None while the clock stands and the limit is not used up."""
    day = _past_asking(calendar, clock, reached(calendar, clock, clock.limit.days))
    if day is None:
        return None
    if clock.limit.unit is DayType.WORKING:
        return DueDay(day, clock.unsure or calendar.is_uncertain(clock.begun, day))
    if not clock.limit.rolls:
        return DueDay(day, provisional=False)
    end = day
    while not calendar.is_working(end) or _stands(clock, end):
        if _stands_for_good(clock, end):
            return None
        end += _DAY
    # Of a limit in calendar days only the day on which it ends depends on the calendar.
    return DueDay(end, calendar.is_uncertain(day - _DAY, end))


def after_notice(hangs_until: DueDay, closing: int, pauses: Sequence[Pause]) -> Clock:
    """Return the clock of ending a notice, which begins when it has hung its full days.

    `closing`: in how many working days. Nobody may end it while papers are asked for, so this
    clock stands then; the notice itself hangs on.
    """
    limit = Limit(closing, DayType.WORKING)
    return Clock(hangs_until.day, limit, pauses, unsure=hangs_until.provisional)


def reached(calendar: Calendar, clock: Clock, days: int) -> date | None:
    """Return the day that is the so many-th of a limit; None if the clock stands before it."""
    day: date | None = clock.begun
    for _ in range(days):
        day = _next_counted(calendar, clock, day)
    return day


def _next_counted(calendar: Calendar, clock: Clock, day: date | None) -> date | None:
    """Return the first day after one that counts; None if none will, as far as is known."""
    while day is not None and not _stands_for_good(clock, day):
        day += _DAY
        if _counts(calendar, clock, day):
            return day
    return None


def _past_asking(calendar: Calendar, clock: Clock, day: date | None) -> date | None:
    """Return the last day, or the one instead of it if papers were asked for on it."""
    while asked := next((one for one in clock.pauses if one.since == day != one.until), None):
        day = _next_counted(calendar, clock, asked.until)
    return day


def used(calendar: Calendar, clock: Clock, on: date) -> int:
    """Count the days of the limit that are over when `on` ends; more than the limit if late."""
    span = max((on - clock.begun).days, 0)
    days = (clock.begun + timedelta(days=number) for number in range(1, span + 1))
    return sum(_counts(calendar, clock, day) for day in days)


def left(calendar: Calendar, clock: Clock, on: date) -> int:
    """Return how many days of the limit are left when `on` ends; less than 0 if it is late.

    0 means that `on` is the last day, or that a limit which rolls ends after days off.
    """
    return clock.limit.days - used(calendar, clock, on)


def begins_at(day: date) -> datetime:
    """Return the instant at which a day begins in China."""
    return datetime.combine(day, time(), tzinfo=CHINA)


def ends_at(day: date) -> datetime:
    """Return the instant at which a day is over in China: what is not done by then is late."""
    return begins_at(day + _DAY)


def _counts(calendar: Calendar, clock: Clock, day: date) -> bool:
    is_counted = clock.limit.unit is DayType.CALENDAR or calendar.is_working(day)
    return is_counted and not _stands(clock, day)


def _stands(clock: Clock, day: date) -> bool:
    return any(pause.covers(day) for pause in clock.pauses)


def _stands_for_good(clock: Clock, day: date) -> bool:
    """Tell whether no day after this one will count, as far as is known."""
    return any(pause.until is None and pause.since <= day for pause in clock.pauses)
