"""When a telephone may be told something. Pure: knows no database and no clock."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from relief.core.clock import CHINA, local_date

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The parameters of a day. Hours are of the day in China, 0 to 24.

    `quiet_from` may be later than `quiet_until`: then the night is quiet. The same hour: no quiet.
    """

    quiet_from: int
    quiet_until: int
    phone_day_max: int
    waiting_max: timedelta
    attempts_max: int

    def quiet_end(self, now: datetime) -> datetime | None:
        """Return when it will be allowed again, if nobody is to be disturbed now."""
        local = now.astimezone(CHINA)
        since = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
        begin, end = timedelta(hours=self.quiet_from), timedelta(hours=self.quiet_until)
        if begin <= end:
            return self._at_end(now, later=0) if begin <= since < end else None
        if since >= begin:
            return self._at_end(now, later=1)
        return self._at_end(now, later=0) if since < end else None

    def next_day(self, now: datetime) -> datetime:
        """Return when it is allowed on the next day, for who was told enough today."""
        midnight = datetime.combine(local_date(now) + _DAY, time(), CHINA)
        return self.quiet_end(midnight) or midnight

    def _at_end(self, now: datetime, *, later: int) -> datetime:
        day = datetime.combine(local_date(now) + later * _DAY, time(), CHINA)
        return day + timedelta(hours=self.quiet_until)
