"""How long one period of a scheme's list lasts: what a record says of the days around it.

`source_record.period_on` is the first day of the month, term or year that the row speaks of, or
the day of an aid that is given once. A record covers whole months from that one on.
"""

from collections.abc import Mapping
from datetime import date

# Months that one record covers, by `scheme.period`; aid that is given once covers its month.
MONTHS: Mapping[str, int] = {"monthly": 1, "per_term": 6, "yearly": 12}
ONCE_MONTHS = 1

# How long a place is taken to go on: after the list that last named someone, while newer ones may
# still name them, and after the newest list of all, while the next is on its way.
GRACE_DAYS: Mapping[str, int] = {"monthly": 62}
GRACE_DEFAULT = 366

_YEAR = 12


def months_of(period: str) -> int:
    """Return how many months one record of a scheme covers."""
    return MONTHS.get(period, ONCE_MONTHS)


def is_standing(period: str) -> bool:
    """Tell whether the scheme is one that people are in, and not aid that is given once."""
    return period in MONTHS


def grace_of(period: str) -> int:
    """Return for how many days after its newest list a place is taken to go on."""
    return GRACE_DAYS.get(period, GRACE_DEFAULT)


def covered_until(period_on: date, period: str) -> date:
    """Return the first day that a record no longer covers.

    >>> covered_until(date(2026, 9, 15), "monthly"), covered_until(date(2026, 9, 1), "per_term")
    (datetime.date(2026, 10, 1), datetime.date(2027, 3, 1))
    """
    month = period_on.year * _YEAR + period_on.month - 1 + months_of(period)
    return date(month // _YEAR, month % _YEAR + 1, 1)
