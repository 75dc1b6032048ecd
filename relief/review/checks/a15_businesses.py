"""A15: someone of the family has a part in a business that is registered as active.

A small one is to be known; one whose turnover is unknown, or more than `turnover`, is verified.
"""

from collections.abc import Iterator

from relief.core.findings import Grade
from relief.registers.entries import Business
from relief.registers.types import BusinessRole
from relief.review.checks import outside
from relief.review.checks.facts import CaseFacts, Hit

_NAMES = {
    BusinessRole.LEGAL_REPRESENTATIVE: "法定代表人",
    BusinessRole.SHAREHOLDER: "股东",
    BusinessRole.SOLE_TRADER: "个体工商户经营者",
}


def check(facts: CaseFacts) -> Iterator[Hit]:
    """Look where means are checked; a business that has ended is left alone."""
    if not outside.asks_means(facts):
        return
    for one, business in outside.of(facts, Business):
        if not outside.holds(business, business.from_on, business.to_on, facts.on):
            continue
        turnover, role = business.turnover_fen, _NAMES[business.role]
        small = turnover is not None and turnover <= facts.reference.fen("turnover")
        worth = {} if turnover is None else {"amount": f"12 个月营业额 {outside.yuan(turnover)}"}
        named = {"business": business.business} if business.business else {}
        yield Hit(
            key=f"{one.id}|{business.role}|{business.business or ''}"[:160],
            message=f"{one.name}是存续市场主体的{role}",
            evidence=outside.told(
                one, business, business.from_on, kind=role, **named, **worth,
                limit=facts.reference.told("turnover", "元/12 个月"),
            ),
            grade=Grade.NOTE if small else None,
        )  # fmt: skip
