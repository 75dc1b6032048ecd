"""A17: a pension is paid to the family and is not within the income that it declares.

Of the pension of residents what the state pays as its base is not counted; nor is what the same
office pays beside a pension, for the winter or for a funeral, which is no monthly income.
"""

from collections.abc import Iterator

from relief.core.findings import Grade
from relief.registers.entries import Pension
from relief.registers.types import PensionKind, State
from relief.review.checks import outside
from relief.review.checks.a16_contributions import declared_income
from relief.review.checks.facts import CaseFacts, Hit, Member

_NAMES = {
    PensionKind.EMPLOYEE: "企业职工养老金",
    PensionKind.OFFICE: "机关事业单位退休金",
    PensionKind.RESIDENT: "城乡居民养老金",
}


def check(facts: CaseFacts) -> Iterator[Hit]:
    """Compare the sum of what is paid today with the declared income of the household."""
    if not outside.asks_means(facts):
        return
    paid = [
        (one, pension, counted)
        for one, pension in outside.of(facts, Pension)
        if (counted := _counted(facts, pension)) > 0
    ]
    declared, total = declared_income(facts), sum(amount for _, _, amount in paid)
    if declared is not None and declared >= total:
        return
    for one, pension, amount in paid:
        yield _hit(facts, one, pension, amount, declared)


def _counted(facts: CaseFacts, pension: Pension) -> int:
    """Return what of a pension counts as income a month; nothing of one that is not paid now."""
    goes_on = outside.holds(pension, pension.from_on, pension.to_on, facts.on)
    if pension.kind not in _NAMES or pension.state is not State.VALID or not goes_on:
        return 0
    spared = pension.kind is PensionKind.RESIDENT
    exempt = facts.reference.fen("resident_pension_exempt_month") if spared else 0
    return (pension.amount_fen or 0) - exempt


def _hit(facts: CaseFacts, one: Member, pension: Pension, amount: int, declared: int | None) -> Hit:
    said = "尚未登记" if declared is None else f"每月 {outside.yuan(declared)}"
    exempt = {
        "limit": facts.reference.told("resident_pension_exempt_month", "元/月不计入收入")
    } if pension.kind is PensionKind.RESIDENT else {}  # fmt: skip
    return Hit(
        key=f"{one.id}|{pension.kind}",
        message=f"{one.name}正在领取{_NAMES[pension.kind]}，须计入家庭收入",
        evidence=outside.told(
            one, pension, pension.from_on, kind=_NAMES[pension.kind],
            amount=f"计入每月 {outside.yuan(amount)}", declared=said, **exempt,
        ),
        grade=Grade.NOTE if declared is None else None,
    )  # fmt: skip
