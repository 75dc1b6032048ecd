"""A23: an account into which aid of several households goes."""

from collections.abc import Iterator

from relief.review.checks.facts import CaseFacts, Hit


def check(facts: CaseFacts) -> Iterator[Hit]:
    """Compare how many households have an account of the family's with how many may."""
    count = facts.shared.account
    if count > facts.reference.number("account_households"):
        yield Hit(
            key="account",
            message=f"登记的银行账户由 {count} 户共用",
            evidence={"households": count},
        )
