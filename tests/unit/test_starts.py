"""From when an entitlement runs, and until when."""

from datetime import date

import pytest

from relief.review.starts import entitled_from, entitled_until
from relief.schemes.models import Scheme
from relief.schemes.types import Start

HEAVY = Scheme(period="yearly", recheck={"default": "expires_12_months"})


@pytest.mark.parametrize(
    ("start", "decided", "from_"),
    [
        (Start.NEXT_MONTH, "2026-12-31", "2027-01-01"),
        (Start.NEXT_MONTH, "2026-01-31", "2026-02-01"),
        (Start.MONTH_OF_APPLICATION, "2026-12-31", "2026-10-01"),
        (Start.AT_ONCE, "2026-12-31", "2026-12-31"),
        (Start.ON_DECISION, "2026-12-31", "2026-12-31"),
        (Start.PER_YEAR, "2026-12-31", "2026-01-01"),
        (Start.PER_TERM, "2026-02-28", "2025-09-01"),
        (Start.PER_TERM, "2026-03-01", "2026-03-01"),
        (Start.PER_TERM, "2026-12-31", "2026-09-01"),
    ],
)
def test_the_first_day_follows_from_the_scheme(start, decided, from_):
    found = entitled_from(
        start, submitted_on=date(2026, 10, 20), decided_on=date.fromisoformat(decided)
    )

    assert found == date.fromisoformat(from_)


@pytest.mark.parametrize(
    ("starts", "ends"),
    [("2026-11-23", "2027-11-23"), ("2028-02-29", "2029-03-01"), ("2026-12-31", "2027-12-31")],
)
def test_heavy_spending_is_confirmed_for_a_year(starts, ends):
    assert entitled_until(HEAVY, date.fromisoformat(starts)) == date.fromisoformat(ends)


@pytest.mark.parametrize("period", ["one_off", "per_event"])
def test_what_is_given_once_is_of_one_day(period):
    once = Scheme(period=period, recheck={"default": "none"})

    assert entitled_until(once, date(2026, 12, 31)) == date(2027, 1, 1)


def test_what_is_paid_monthly_runs_until_it_is_ended():
    monthly = Scheme(period="monthly", recheck={"default": "yearly"})

    assert entitled_until(monthly, date(2026, 12, 1)) is None
