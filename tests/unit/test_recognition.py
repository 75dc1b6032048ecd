"""Which of what is known of a family is recognised."""

import uuid
from dataclasses import replace
from datetime import date

import pytest

from relief.registry.types import Category
from relief.review.recognition.identities import Against, Identity, Known, standing
from relief.review.recognition.types import Source, State
from relief.review.recognition.words import sentence

ME, WIFE = uuid.UUID(int=1), uuid.UUID(int=2)
LISTED = Identity(
    category=Category.MINIMUM_ALLOWANCE, scheme_code="S01", fact_code=None, holder_id=ME,
    holder="张三", of_household=True, covers=False, since_on=date(2026, 3, 1),
    checked_on=date(2026, 11, 1), until_on=date(2027, 11, 1), source=Source.LIST,
    told_by="民政局“低保”名册",
)  # fmt: skip
GRANTED = replace(LISTED, covers=True, source=Source.ENTITLEMENT, told_by="认定决定 SL1")
HARD = replace(
    LISTED, category=Category.EXTREME_HARDSHIP, scheme_code="S02", of_household=False
)  # fmt: skip


def family(*found, unit="household", against=None, who=ME):
    known = {}
    for one in found:
        known.setdefault(one.holder_id, []).append(one)
    return Known(known, against or {}).of_family(who, {ME, WIFE}, scheme_unit=unit)


@pytest.mark.parametrize(
    ("one", "unit", "counts"),
    [
        (LISTED, "household", True),
        (LISTED, "person", False),  # a list names each whom it covers
        (GRANTED, "person", True),  # a decision covers the household
        (HARD, "household", False),  # of one person
        (LISTED, None, True),
    ],
)
def test_of_what_another_of_the_household_is_the_scheme_decides(one, unit, counts):
    assert [found.holder for found in family(one, unit=unit, who=WIFE)] == ["张三"] * counts


def test_what_is_ones_own_counts_whatever_the_scheme():
    assert len(family(LISTED, HARD, unit="person")) == 2


def test_of_one_category_what_stands_comes_first_and_then_the_newest():
    stale = replace(GRANTED, state=State.STALE, checked_on=date(2026, 12, 1))
    newer = replace(LISTED, holder_id=WIFE, checked_on=date(2026, 11, 2))

    assert family(stale, LISTED, newer) == [newer]
    assert family(replace(LISTED, state=State.ENDED), stale) == [stale]
    assert family(LISTED, GRANTED) == [GRANTED]


@pytest.mark.parametrize(
    ("day", "state"),
    [(date(2026, 10, 31), State.STANDS), (date(2026, 11, 1), State.CONTRADICTED)],
)
def test_only_a_newer_check_contradicts(day, state):
    against = {(WIFE, "S01"): Against(day, "决定不予认定")}

    [one] = family(LISTED, against=against)

    assert (one.state, one.why) == (state, None if one.stands else "决定不予认定")
    assert set(standing([one])) == ({Category.MINIMUM_ALLOWANCE} if one.stands else set())


def test_of_another_person_nothing_contradicts_what_is_of_one():
    against = {(WIFE, "S02"): Against(date(2026, 12, 1), "决定不予认定")}

    assert family(HARD, against=against) == [HARD]


def test_it_is_told_in_one_sentence():
    assert sentence(LISTED) == (
        "该家庭已认定为低保对象，2026年3月1日起，来源：民政局“低保”名册，最近核查 2026年11月1日"
    )
    assert sentence(replace(HARD, since_on=None)).startswith("张三已认定为特困人员，来源")
