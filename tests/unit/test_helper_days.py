"""How many of some periods hold at once."""

from datetime import date

import pytest
from sqlalchemy.dialects.postgresql import Range

from relief.visits.days import most_at_once


def days(first, last=None):
    return Range(date(2026, 1, first), date(2026, 1, last) if last else None)


@pytest.mark.parametrize(
    ("terms", "during", "most"),
    [
        ([], days(1), 0),
        ([days(1, 5), days(5, 9)], days(1), 1),  # one follows the other without a gap
        ([days(1, 6), days(5, 9)], days(1), 2),
        ([days(1, 6), days(5, 9)], days(6), 1),
        ([days(1), days(1), days(9)], days(1, 9), 2),
        ([days(1), days(1), days(9)], days(1, 10), 3),
        ([days(1, 3), days(1, 3)], days(3), 0),
        ([Range(empty=True)], days(1), 0),
    ],
)
def test_what_holds_on_the_same_day_is_counted(terms, during, most):
    assert most_at_once(terms, during) == most
