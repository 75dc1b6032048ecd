"""A16: someone pays into a fund as an employee, while the family declares to have no such income.

As long as no income was found out it is a note of what is to be counted.
"""

from collections.abc import Iterator
from itertools import chain

from relief.core.findings import Grade
from relief.registers.entries import Insurance, ProvidentFund
from relief.registers.types import State
from relief.review.checks import outside
from relief.review.checks.facts import CaseFacts, Hit, Member

INCOME, NO_SOURCE, URBAN = "household_income_month", "no_income_source", "urban_household"
Paid = ProvidentFund | Insurance


def check(facts: CaseFacts) -> Iterator[Hit]:
    """Compare the highest base of each member that was paid of late with what is declared."""
    if not outside.asks_means(facts):
        return
    highest: dict[object, tuple[Member, Paid, int]] = {}
    funds: Iterator[tuple[Member, Paid]] = outside.of(facts, ProvidentFund)
    insured: Iterator[tuple[Member, Paid]] = outside.of(facts, Insurance)
    for one, paid in chain(funds, insured):
        base = _base(facts, paid)
        if one.id not in highest or base > highest[one.id][2]:
            highest[one.id] = one, paid, base
    limit = _standard(facts)
    for one, paid, base in highest.values():
        declared = declared_income(facts)
        if base <= limit or (declared is not None and declared >= base):
            continue
        employer = {"employer": paid.employer} if paid.employer else {}
        yield Hit(
            key=str(one.id),
            message=f"{one.name}近期由单位缴费，申报的家庭收入中没有相应收入",
            evidence=outside.told(
                one, paid, paid.paid_from, **employer,
                amount=f"缴费基数每月 {outside.yuan(base)}", limit=_limit(facts),
            ),
            grade=Grade.NOTE if declared is None else None,
        )  # fmt: skip


def declared_income(facts: CaseFacts) -> int | None:
    """Return what income a month, in fen, was found out; None: nothing was yet."""
    if facts.found.get(NO_SOURCE) == 1:
        return 0
    return facts.found.get(INCOME)


def _base(facts: CaseFacts, paid: Paid) -> int:
    """Return the base of contributions that go on, or ended within the months that count."""
    goes_on = paid.paid_to is not None or paid.state is State.VALID
    lately = outside.paid_lately(facts.reference, paid.paid_to, facts.applied_on)
    return (paid.base_fen or 0) if goes_on and lately else 0


def _name(facts: CaseFacts) -> str:
    """Return which standard holds; while it is unknown, the one of the city, which is higher."""
    return "dibao_std_rural_month" if facts.found.get(URBAN) == 0 else "dibao_std_urban_month"


def _standard(facts: CaseFacts) -> int:
    share = facts.reference.numbers["contribution_base_share"]
    return int(facts.reference.fen(_name(facts)) * share)


def _limit(facts: CaseFacts) -> str:
    share = facts.reference.told("contribution_base_share", "倍")
    return f"低保标准 {facts.reference.told(_name(facts), '元/人/月')}的 {share}"
