"""A25: a phone that many households give as theirs."""

from collections.abc import Iterator

from relief.review.checks.facts import CaseFacts, Hit


def check(facts: CaseFacts) -> Iterator[Hit]:
    """Compare how many households have a phone of the family's with how many may."""
    count = facts.shared.phone
    if count > facts.reference.number("phone_households"):
        yield Hit(
            key="phone",
            message=f"登记的电话由 {count} 户共用",
            evidence={"households": count},
        )
