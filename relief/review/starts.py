"""From when an entitlement runs, and until when: by the scheme's `start` and `period`."""

from datetime import date, timedelta

from relief.schemes.deliveries import period_start
from relief.schemes.models import Scheme
from relief.schemes.types import Rhythm, Start

MONTHLY = "monthly"
ONE_OFF = frozenset({"one_off", "per_event"})
EXPIRES_AFTER_A_YEAR = "expires_12_months"  # 刚性支出困难家庭认定办法第十条


def entitled_from(start: Start, *, submitted_on: date, decided_on: date) -> date:
    """Return the first day of an entitlement.

    >>> decided = date(2026, 12, 9)
    >>> entitled_from(Start.NEXT_MONTH, submitted_on=date(2026, 11, 2), decided_on=decided)
    datetime.date(2027, 1, 1)
    """
    if start is Start.NEXT_MONTH:
        return _month_after(decided_on)
    if start is Start.MONTH_OF_APPLICATION:
        return submitted_on.replace(day=1)
    if start is Start.PER_YEAR:
        return period_start(Rhythm.YEAR, decided_on)
    if start is Start.PER_TERM:
        return period_start(Rhythm.TERM, decided_on)
    return decided_on


def changed_from(scheme: Scheme, *, decided_on: date) -> date:
    """Return the first day of less, or of nothing: of what is paid by the month, the next one."""
    if scheme.period == MONTHLY:
        return _month_after(decided_on)
    return decided_on + timedelta(days=1)


def entitled_until(scheme: Scheme, starts_on: date) -> date | None:
    """Return the first day after an entitlement; None where it runs until it is ended."""
    if scheme.period in ONE_OFF:
        return starts_on + timedelta(days=1)
    if scheme.recheck.get("default") == EXPIRES_AFTER_A_YEAR:
        # 29 February has no day a year later; the last of the month is never too short.
        month = starts_on.replace(day=1, year=starts_on.year + 1)
        return min(month + timedelta(days=starts_on.day - 1), _month_after(month))
    return None


def _month_after(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
