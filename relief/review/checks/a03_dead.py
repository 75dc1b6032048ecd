"""A03: the applicant is dead by what the registry knows; a dead member is not counted."""

from collections.abc import Iterator

from relief.core.findings import Grade
from relief.review.checks.facts import CaseFacts, Hit


def check(facts: CaseFacts) -> Iterator[Hit]:
    """Look who died up to today."""
    for one in facts.family:
        if one.died_on is None or one.died_on > facts.on:
            continue
        evidence = {"member": one.name, "died_on": one.died_on.isoformat()}
        if one.id == facts.applicant.id:
            yield Hit(key=str(one.id), message=f"{one.name}已去世", evidence=evidence)
        else:
            yield Hit(
                key=str(one.id),
                message=f"{one.name}已去世，不计入共同生活的家庭成员",
                evidence=evidence,
                grade=Grade.NOTE,
            )
