"""How values look on the pages: money in yuan, instants and ages by China's calendar."""

import re
from datetime import date, datetime, timedelta
from typing import Any

from relief.core.clock import CHINA, local_date

NOTHING = "—"
_ABOVE_COUNTY = re.compile(
    r"^(?:[^省市区县]{2,3}省)?[^省市区县]{2,3}市(?=[^省市区县]{1,8}[市区县])"
)


def yuan(fen: int | None) -> str:
    """Return `1,234.50`, or a dash where there is no amount."""
    return NOTHING if fen is None else f"{fen / 100:,.2f}"


def short_yuan(fen: int) -> str:
    """Return an amount for a chart: whole yuan, in ten thousands from 100,000 on."""
    whole = round(fen / 100)
    return f"{whole / 10_000:,.1f}万" if whole >= 100_000 else f"{whole:,}"  # noqa: PLR2004  # as said


def day(value: date | None) -> str:
    """Return `2026-11-22`."""
    return NOTHING if value is None else value.isoformat()


def day_before(value: date) -> str:
    """Return the last day before one that is no longer meant: `2026-05-31` for June the first."""
    return day(value - timedelta(days=1))


def month(value: date | None) -> str:
    """Return `2026年3月`."""
    return NOTHING if value is None else f"{value.year}年{value.month}月"


def moment(value: datetime | None) -> str:
    """Return `2026-11-22 09:05`, in China."""
    return NOTHING if value is None else f"{value.astimezone(CHINA):%Y-%m-%d %H:%M}"


def age(born_on: date | None, now: datetime, died_on: date | None = None) -> str:
    """Return the age in whole years on China's today, or on the day of death."""
    if born_on is None:
        return NOTHING
    today = died_on or local_date(now)
    years = today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))
    return NOTHING if years < 0 else f"{years} 岁"


def count(value: int | None) -> str:
    """Return a whole number with thousands set apart."""
    return NOTHING if value is None else f"{value:,}"


def percent(share: float | None) -> str:
    """Return `12.3%`; what is not nothing and not all is never shown as either.

    >>> percent(0.00001), percent(0.1234), percent(0.9999), percent(1.0)
    ('<0.1%', '12.3%', '>99.9%', '100%')
    """
    if share is None:
        return NOTHING
    if share in {0, 1}:
        return f"{share:.0%}"
    least = 0.001
    if share < least:
        return "<0.1%"
    return ">99.9%" if share > 1 - least else f"{share:.1%}"


def in_city(address: str) -> str:
    """Return an address without province and city, which in one city's list say nothing.

    >>> in_city("辽宁省鞍山市铁东区胜利路1号"), in_city("海城市析木镇")
    ('铁东区胜利路1号', '海城市析木镇')
    """
    return _ABOVE_COUNTY.sub("", address)


FILTERS: dict[str, Any] = {
    "yuan": yuan,
    "short_yuan": short_yuan,
    "day": day,
    "day_before": day_before,
    "month": month,
    "moment": moment,
    "age": age,
    "count": count,
    "percent": percent,
    "in_city": in_city,
}
