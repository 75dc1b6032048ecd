"""A08: the registry says that the head of the family is married, and knows no spouse in it."""

from collections.abc import Iterator

from relief.review.checks.facts import HEADS, MARRIED, SPOUSES, CaseFacts, Hit


def check(facts: CaseFacts) -> Iterator[Hit]:
    """Look for a spouse who is missing; marriage and household registers would tell more."""
    if any(one.relation in SPOUSES for one in facts.family):
        return
    for one in facts.counted:
        is_head = one.relation in HEADS or one.household_id is None
        if is_head and one.marital in MARRIED:
            yield Hit(
                key=f"{one.id}|spouse",
                message=f"{one.name}登记为已婚，家庭成员中没有其配偶",
                evidence={"member": one.name},
            )
