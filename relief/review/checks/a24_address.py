"""A24: an address at which many households are registered."""

from collections.abc import Iterator

from relief.review.checks.facts import CaseFacts, Hit


def check(facts: CaseFacts) -> Iterator[Hit]:
    """Compare how many households have the family's address with how many may."""
    count = facts.shared.address
    if count > facts.reference.number("address_households"):
        yield Hit(
            key="address",
            message=f"登记的住址下有 {count} 户",
            evidence={"households": count},
        )
