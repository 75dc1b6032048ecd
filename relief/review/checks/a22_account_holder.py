"""A22: the account into which the aid goes is neither the applicant's nor a guardian's.

For a household any adult of it may; for a child, any adult of the family is taken for the guardian.
A guardian whom one person entered as the payee, with what proves it, and another confirms, may too.
Where an institution is paid, its account is looked at: the register knows those of people alone, so
one that it names is nobody's corporate account.

The message names no holder: it stands in the timeline and on lists, before departments that take
part and do not pay. Who does sees the name in the evidence (`outside.without_payee`).
"""

from collections.abc import Iterator

from relief.registers.entries import Balance
from relief.registers.types import State
from relief.review.checks import outside
from relief.review.checks.facts import CaseFacts, Hit


def check(facts: CaseFacts) -> Iterator[Hit]:
    """Compare who holds the account by the register with who may; an unknown account is no hit."""
    holders = [one for one in facts.outside.holders if one.state is not State.ENDED]
    if not holders:
        return
    if not facts.outside.institution and any(_may(facts, one) for one in holders):
        return
    yield Hit(
        key="institution" if facts.outside.institution else "holder",
        message=_said(facts),
        evidence=outside.told(facts.applicant, holders[0], holder=holders[0].name),
    )


def _may(facts: CaseFacts, holder: Balance) -> bool:
    may = {facts.outside.numbers.get(facts.applicant.id)}
    if facts.of_household or not facts.is_adult(facts.applicant):
        may |= {facts.outside.numbers.get(one.id) for one in facts.counted if facts.is_adult(one)}
    return holder.number_id in may or holder.name == facts.outside.guardian


def _said(facts: CaseFacts) -> str:
    if facts.outside.institution:
        return "收款人是机构，发放账户却登记在个人名下，不是对公账户"
    return f"发放账户登记在他人名下，不是{facts.applicant.name}本人或其监护人"
