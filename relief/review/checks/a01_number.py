"""A01: an identity number that fails its check or begins with no known division, or is missing.

A division that was abolished is known: a number keeps the code it was given (GB 11643, GB/T 2260).
"""

from collections.abc import Iterator

from relief.core.findings import Grade
from relief.review.checks.facts import CaseFacts, Hit, Member


def check(facts: CaseFacts) -> Iterator[Hit]:
    """Look at everyone of the family; of a child without a number nothing is asked."""
    for one in facts.counted:
        if one.has_number:
            if one.unplaced_number:
                yield _doubt(one, "的身份证号前六位不是任何现有或历史行政区划代码")
        elif one.bad_number:
            yield Hit(
                key=str(one.id),
                message=f"{one.name}的身份证号没有通过校验",
                evidence={"member": one.name},
            )
        elif facts.is_adult(one):
            yield _doubt(one, "没有登记身份证号")


def _doubt(one: Member, said: str) -> Hit:
    return Hit(
        key=str(one.id),
        message=f"{one.name}{said}",
        evidence={"member": one.name},
        grade=Grade.DOUBT,
    )
