"""How often an endpoint may be called, a minute and a day."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from devtools.wechat.refusals import DAY_LIMIT, MINUTE_LIMIT, TOO_MANY_CHECKS, Refusal
from relief.core.clock import local_date


@dataclass(frozen=True)
class Limit:
    """The most calls; None is as many as wanted."""

    minute: int | None = None
    day: int | None = None
    code: int = MINUTE_LIMIT


# Not an endpoint: the sign-ins of each person, counted apart.
LOGINS_OF_ONE: Final = "logins of one person"
# As documented for a verified app without payment.
DOCUMENTED: Final = {
    LOGINS_OF_ONE: Limit(minute=100),
    "/cgi-bin/token": Limit(day=2_000),
    "/cgi-bin/stable_token": Limit(minute=10_000, day=500_000),
    "/cgi-bin/message/subscribe/send": Limit(day=10_000_000),
    "/wxa/msg_sec_check": Limit(minute=4_000, day=2_000_000, code=TOO_MANY_CHECKS),
    "/wxa/media_check_async": Limit(minute=2_000, day=200_000, code=TOO_MANY_CHECKS),
    "/wxa/getwxacodeunlimit": Limit(minute=5_000),
    "/wxa/generate_urllink": Limit(day=500_000),
}


class Limits:
    """Counts calls. A day is one of China, a minute one of the clock."""

    def __init__(self) -> None:
        self.set = dict(DOCUMENTED)
        self._minutes: Counter[tuple[str, str, int]] = Counter()
        self._days: Counter[tuple[str, str, int]] = Counter()

    def count(self, path: str, now: datetime, *, who: str = "") -> None:
        """Count one call. Raises Refusal if it is one too many."""
        limit = self.set.get(path, Limit())
        minute = (path, who, int(now.timestamp()) // 60)
        day = (path, who, local_date(now).toordinal())
        if limit.day is not None and self._days[day] >= limit.day:
            raise Refusal(DAY_LIMIT)
        if limit.minute is not None and self._minutes[minute] >= limit.minute:
            raise Refusal(limit.code)
        self._minutes[minute] += 1
        self._days[day] += 1

    def used(self, path: str, now: datetime) -> int:
        """Return how many calls there were today."""
        return sum(
            count
            for (one, _who, day), count in self._days.items()
            if one == path and day == local_date(now).toordinal()
        )

    def clear(self) -> None:
        """Begin to count anew."""
        self._minutes.clear()
        self._days.clear()
