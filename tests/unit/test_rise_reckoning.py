"""What a new standard makes of one entitlement, and for how many months more is owed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from relief.review.rising.reckoning import Running, owed_months, reckon
from relief.review.rising.types import RiseReason
from relief.schemes.calculation import (
    FactMeaning,
    ParameterValue,
    Rule,
    StepKind,
    StepRule,
    calculate,
)

JULY, DECEMBER = date(2026, 7, 1), date(2026, 12, 1)


def done(standard=90, **facts):
    """What a rule gives: the standard for each of so many people, to whom entitled is."""
    rule = Rule(
        scheme_code="S01",
        valid_from=date(2026, 1, 1),
        unit="CNY/month",
        per="household",
        labels={"standard": "标准"},
        steps=(
            StepRule.read(
                code="fits", name="符合", kind=StepKind.CONDITION, text="entitled", source="法"
            ),
            StepRule.read(
                code="amount", name="金额", kind=StepKind.AMOUNT, text="standard * people",
                source="法",
            ),
        ),
    )  # fmt: skip
    return calculate(
        rule,
        parameters={
            "standard": ParameterValue(
                name="standard", valid_from=JULY, value=Decimal(standard), unit="CNY/person/month",
                source="通知", region_code=210300000000, region="鞍山市",
            )
        },
        kinds={
            "entitled": FactMeaning(name="符合规定", unit="yes_no"),
            "people": FactMeaning(name="人数", unit="person"),
        },
        facts={"entitled": 1, "people": 1} | facts,
        on=JULY,
    )  # fmt: skip


def told(
    amount=80_00, first=date(2026, 1, 1), after=None, per="household", calculation=None, names=()
):
    return reckon(
        Running(amount_fen=amount, per=per, first=first, after=after),
        calculation or done(),
        names=names,
        effective_on=JULY,
        paid_from=DECEMBER,
    )


def test_more_is_given_from_the_day_and_owed_for_each_month_that_was_paid():
    found = told()

    assert (found.new_fen, found.starts_on, found.why) == (90_00, JULY, None)
    assert (found.back_months, found.back_fen) == (5, 5 * 10_00)


@pytest.mark.parametrize(
    ("first", "after", "starts_on", "months"),
    [
        (date(2026, 7, 1), None, date(2026, 7, 1), 5),
        (date(2026, 9, 1), None, date(2026, 9, 1), 3),
        (date(2026, 12, 1), None, date(2026, 12, 1), 0),
        (date(2027, 1, 1), None, date(2027, 1, 1), 0),
        (date(2026, 1, 1), date(2026, 11, 1), JULY, 4),
        (date(2026, 1, 1), date(2026, 11, 2), JULY, 5),
    ],
)
def test_it_is_owed_from_where_it_began_and_to_where_it_ends(first, after, starts_on, months):
    found = told(first=first, after=after)

    assert (found.starts_on, found.back_months) == (starts_on, months)
    assert found.back_fen == months * 10_00


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"amount": 90_00}, RiseReason.SAME),
        ({"amount": 90_01}, RiseReason.FALLS),
        ({"per": "person"}, RiseReason.BY_HAND),
        ({"first": date(2026, 7, 2)}, RiseReason.PARTIAL),
        ({"calculation": done(entitled=0)}, RiseReason.NOT_MET),
        ({"calculation": done(people=2, standard=30)}, RiseReason.FALLS),
    ],
)
def test_what_does_not_simply_rise_is_left_to_a_person_and_nothing_is_owed(given, why):
    found = told(**given)

    assert found.why is not None
    assert found.why[0] is why
    assert (found.back_months, found.back_fen) == (0, 0)


def test_one_fen_more_is_more():
    assert told(amount=89_99).why is None


def test_what_began_before_the_day_in_the_middle_of_a_month_rises_with_the_month():
    assert told(first=date(2026, 6, 15)).why is None


def test_the_conditions_that_fail_and_the_facts_that_are_missing_are_named():
    assert told(calculation=done(entitled=0)).why == (RiseReason.NOT_MET, "符合")
    missing = replace(done(), amount_fen=None, missing=["people"])
    assert told(calculation=missing, names=["人数"]).why == (RiseReason.MISSING, "人数")
    assert told(calculation=missing).new_fen is None


def test_no_month_is_owed_where_the_first_is_paid_by_it():
    assert owed_months(DECEMBER, before=DECEMBER, after=None) == 0
    assert owed_months(date(2026, 11, 1), before=DECEMBER, after=None) == 1
