"""A20: the applicant's age is not what the scheme asks for (`ages` in the catalogue).

Where the law has an exception (still at school, disabled) nobody is refused by age alone: the
exception is then a doubt to verify.
"""

from collections.abc import Iterator

from relief.core.ages import age_on
from relief.core.findings import Grade
from relief.review.checks.facts import CaseFacts, Hit


def check(facts: CaseFacts) -> Iterator[Hit]:
    """Compare the age on the day with the scheme's limits, both of them included."""
    ages = facts.scheme.extra.get("ages")
    if not ages:
        return
    one, low, high = facts.applicant, ages.get("min", 0), ages.get("max")
    limits = f"{low} 至 {high} 周岁" if high is not None else f"满 {low} 周岁"
    if one.born_on is None:
        yield Hit(
            key="unknown",
            message=f"{one.name}没有登记出生日期，不能核验年龄（须{limits}，{ages['legal']}）",
            evidence={"member": one.name, "limits": limits},
            grade=Grade.DOUBT,
        )
        return
    age = age_on(one.born_on, facts.on)
    if low <= age and (high is None or age <= high):
        return
    unless = ages.get("unless")
    but = f"，须核实是否{unless}" if unless else ""
    yield Hit(
        key="age",
        message=f"{one.name} {age} 周岁，须{limits}{but}（{ages['legal']}）",
        evidence={"member": one.name, "age": age, "limits": limits},
        grade=Grade.DOUBT if unless else None,
    )
