"""When a job is due: the time since the last due moment is its window, done once.

A window is named by its first moment. Whoever looks later, after a stop, a failure or a
change of leader, finds the same window and does it if nobody has: a daily job that slept
through its hour runs as soon as someone is awake.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from relief.core.clock import CHINA

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)


class Schedule(Protocol):
    """Names the window that a moment lies in."""

    @property
    def period(self) -> timedelta:
        """Return how long a window lasts."""

    def window(self, moment: datetime) -> datetime:
        """Return the first moment of the window that `moment` lies in."""


@dataclass(frozen=True, slots=True)
class Every:
    """Again and again, from one fixed moment on."""

    period: timedelta

    def window(self, moment: datetime) -> datetime:
        """Return the last multiple of the period."""
        return moment - (moment - _EPOCH) % self.period


@dataclass(frozen=True, slots=True)
class Daily:
    """Once a day, from this hour on in China."""

    hour: int
    period: timedelta = _DAY

    def window(self, moment: datetime) -> datetime:
        """Return the last time the hour struck."""
        local = moment.astimezone(CHINA)
        struck = local.replace(hour=self.hour, minute=0, second=0, microsecond=0)
        return (struck if struck <= local else struck - _DAY).astimezone(UTC)
