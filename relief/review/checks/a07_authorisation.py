"""A07: an adult of the family has not agreed that income and property are checked.

社会救助法第四十条、第四十一条. Which schemes check them is in the catalogue (`consent`); not
of whom an identity is recognised for which that was done (社会救助法第四十二条).
"""

from collections.abc import Iterator

from relief.core.ages import months_after
from relief.review.checks.facts import CaseFacts, Hit, Member

FAMILY = "family"


def required(facts: CaseFacts) -> list[Member]:
    """Return whose authorisation the scheme needs: every counted adult, or none."""
    if facts.scheme.extra.get("consent") != FAMILY or facts.spared("A07"):
        return []
    return [one for one in facts.counted if facts.is_adult(one)]


def check(facts: CaseFacts) -> Iterator[Hit]:
    """Look for adults without an authorisation, or with one that ran out."""
    months = facts.reference.number("authorisation_months")
    for one in required(facts):
        signed = facts.authorised.get(one.id)
        if signed is None:
            yield Hit(
                key=str(one.id),
                message=f"缺少{one.name}的核对授权书",
                evidence={"member": one.name},
            )
        elif months_after(signed, months) <= facts.on:
            yield Hit(
                key=str(one.id),
                message=f"{one.name}的核对授权书已过期",
                evidence={"member": one.name, "signed_on": signed.isoformat()},
            )
