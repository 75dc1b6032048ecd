"""When a re-check is due: by the scheme's `reverify`, whose first rhythm is its default."""

from collections.abc import Sequence
from datetime import date, timedelta

from relief.review.rechecking.types import Every
from relief.schemes.models import Scheme

_DEFAULT = "default"


def rhythms(scheme: Scheme) -> Sequence[Every]:
    """Return how often a scheme may be re-checked, the default first; none if it never is."""
    said = [scheme.recheck.get(_DEFAULT), *scheme.recheck.values()]
    known = {str(one): one for one in Every}
    found = [known[str(word)] for word in said if str(word) in known]
    return list(dict.fromkeys(found)) if str(said[0]) in known else []


def due(since: date, every: Every) -> date:
    """Return the day by which it is to be re-checked; the last of a month is never passed.

    >>> due(date(2026, 8, 31), Every.HALF_YEARLY)
    datetime.date(2027, 2, 28)
    """
    month = since.month - 1 + every.months
    first = date(since.year + month // 12, month % 12 + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(since.day, last.day))
