"""When a scheme's file is due."""

from datetime import date

import pytest

from relief.console.formats import percent
from relief.schemes.deliveries import days_late, due_on, period_end
from relief.schemes.types import Rhythm


@pytest.mark.parametrize(
    ("every", "day", "end"),
    [
        (Rhythm.MONTH, date(2026, 11, 1), date(2026, 12, 1)),
        (Rhythm.MONTH, date(2026, 12, 31), date(2027, 1, 1)),
        (Rhythm.QUARTER, date(2026, 3, 31), date(2026, 4, 1)),
        (Rhythm.QUARTER, date(2026, 12, 31), date(2027, 1, 1)),
        (Rhythm.TERM, date(2026, 2, 28), date(2026, 3, 1)),
        (Rhythm.TERM, date(2026, 3, 1), date(2026, 9, 1)),
        (Rhythm.TERM, date(2026, 9, 1), date(2027, 3, 1)),
        (Rhythm.YEAR, date(2026, 1, 1), date(2027, 1, 1)),
    ],
)
def test_a_period_ends_on_the_first_day_after_it(every, day, end):
    assert period_end(every, day) == end


def test_a_file_is_due_some_days_after_its_period():
    assert due_on(Rhythm.MONTH, 10, date(2026, 10, 1)) == date(2026, 11, 10)


@pytest.mark.parametrize(
    ("on", "late"),
    [(date(2026, 11, 30), 0), (date(2026, 12, 10), 0), (date(2026, 12, 11), 1)],
)
def test_the_next_period_is_late_when_its_day_has_passed(on, late):
    assert days_late(Rhythm.MONTH, 10, newest=date(2026, 10, 1), on=on) == late


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (None, "—"),
        (0, "0%"),
        (1.0, "100%"),
        (0.00001, "<0.1%"),
        (0.99999, ">99.9%"),
        (0.1234, "12.3%"),
    ],
)
def test_what_is_not_all_is_not_shown_as_all(share, shown):
    assert percent(share) == shown
