"""Working days and due days, counted from a table because the State Council moves days.

The first day is not counted, and a limit ends at 24:00 of the last one. The calendar of a
year comes out late in the year before; until then only weekends are known, and a due day
that was counted through such a year is provisional (暂定).
"""

from dataclasses import dataclass
from datetime import date, timedelta

_DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class DueDay:
    """The last day of a limit, and whether a calendar still to come may move it."""

    day: date
    provisional: bool

    def __str__(self) -> str:
        """Return it as people read it."""
        return f"{self.day.isoformat()}{'（暂定）' if self.provisional else ''}"


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days taken off, the weekend days worked, and the years that are announced."""

    holidays: frozenset[date]
    makeup: frozenset[date]
    years: frozenset[int]

    def is_working(self, day: date) -> bool:
        """Tell whether offices work on `day`; in an unannounced year, whether it is a weekday."""
        if day in self.makeup:
            return True
        return day.weekday() < _SATURDAY and day not in self.holidays

    def add_working_days(self, start: date, count: int) -> DueDay:
        """Return the `count`-th working day after `start`; with 0, `start` itself.

        `start` is the day of the event, working or not, and never counted.
        """
        if count < 0:
            message = "a limit cannot be negative"
            raise ValueError(message)
        day, left = start, count
        while left:
            day += _DAY
            left -= self.is_working(day)
        return DueDay(day, self.is_uncertain(start, day))

    def add_calendar_days(self, start: date, count: int, *, roll: bool = True) -> DueDay:
        """Return the `count`-th day after `start`, rolled forward off a day without work.

        `roll` is False for fast aid (小额快救), which does not wait for offices to open, and for
        a public notice (公示), which runs its full days.
        """
        if count < 0:
            message = "a limit cannot be negative"
            raise ValueError(message)
        day = start + timedelta(days=count)
        return self.roll_forward(day) if roll else DueDay(day, provisional=False)

    def roll_forward(self, day: date) -> DueDay:
        """Return `day` if offices work on it, else the next day on which they do."""
        end = day
        while not self.is_working(end):
            end += _DAY
        return DueDay(end, self.is_uncertain(day - _DAY, end))

    def working_day_before(self, end: date, count: int) -> date:
        """Return the `count`-th working day before `end`; with 0, `end` itself."""
        if count < 0:
            message = "a limit cannot be negative"
            raise ValueError(message)
        day, left = end, count
        while left:
            day -= _DAY
            left -= self.is_working(day)
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """Count the working days after `start` up to and including `end`; 0 if `end` is earlier."""
        span = max((end - start).days, 0)
        return sum(self.is_working(start + timedelta(days=n)) for n in range(1, span + 1))

    def is_announced(self, day: date) -> bool:
        """Tell whether the calendar of the year of `day` is known."""
        return day.year in self.years

    def covered_days_ahead(self, today: date) -> int:
        """Count the days after `today` until the announced years end; 0 if today's is not known."""
        year = today.year
        while year in self.years:
            year += 1
        return (date(year, 1, 1) - today - _DAY).days if year > today.year else 0

    def is_uncertain(self, start: date, end: date) -> bool:
        """Tell whether a day after `start` up to `end` lies in a year not announced."""
        first = start + _DAY
        counted = range(first.year, end.year + 1) if first <= end else ()
        return any(year not in self.years for year in counted)
