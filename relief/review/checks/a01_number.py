"""A01: an identity number that fails its check, or an adult of whom none is known (GB 11643)."""

from collections.abc import Iterator

from relief.core.findings import Grade
from relief.review.checks.facts import CaseFacts, Hit


def check(facts: CaseFacts) -> Iterator[Hit]:
    """Look at everyone of the family; of a child without a number nothing is asked."""
    for one in facts.counted:
        if one.has_number:
            continue
        if one.bad_number:
            yield Hit(
                key=str(one.id),
                message=f"{one.name}的身份证号没有通过校验",
                evidence={"member": one.name},
            )
        elif facts.is_adult(one):
            yield Hit(
                key=str(one.id),
                message=f"{one.name}没有登记身份证号",
                evidence={"member": one.name},
                grade=Grade.DOUBT,
            )
