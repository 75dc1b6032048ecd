"""A04: someone of the family is listed in several households, and where is not settled yet."""

from collections.abc import Iterator

from relief.review.checks.facts import CaseFacts, Hit


def check(facts: CaseFacts) -> Iterator[Hit]:
    """Look for open questions to the stewards about where someone lives."""
    for one in facts.counted:
        if one.contested_home:
            yield Hit(
                key=str(one.id),
                message=f"{one.name}被各部门列入不同的户，尚未核定",
                evidence={"member": one.name},
            )
