"""A05: the same aid twice: asked for in another case, granted already, or on the list."""

from collections.abc import Iterator
from datetime import timedelta

from relief.core.findings import Grade
from relief.review.checks.facts import CaseFacts, Hit, Holding
from relief.review.checks.types import How

_TOLD = {
    How.CASE: "正在申请同一项目",
    How.ENTITLEMENT: "已有同一项目的待遇",
    How.LIST: "已在同一项目的名册中",
}


def check(facts: CaseFacts) -> Iterator[Hit]:
    """Look for the scheme itself among what the family holds.

    A list may be behind, so what it says is a doubt. Who asks anew shortly before an entitlement
    ends is not asking twice.
    """
    renewing = facts.on + timedelta(days=facts.reference.number("renewal_days"))
    for held in facts.holdings:
        if held.scheme_code != facts.scheme.code or not _counts(facts, held):
            continue
        if held.until is not None and held.until <= renewing:
            continue
        who = facts.name_of(held.person_id)
        yield Hit(
            key=f"{held.person_id}|{held.how}",
            message=f"{who}{_TOLD[held.how]}",
            evidence={"member": who, "scheme": facts.scheme.short_name, "how": held.how.value},
            grade=Grade.DOUBT if held.how is How.LIST else None,
        )


def _counts(facts: CaseFacts, held: Holding) -> bool:
    """Tell whether it concerns the applicant, or all of the household."""
    return facts.of_household or held.covers or held.person_id == facts.applicant.id
