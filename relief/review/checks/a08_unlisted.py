"""A08: a spouse or a child of the family is known, and is not declared as living with it."""

from collections.abc import Iterator

from relief.core.ages import age_on
from relief.registers.types import Register
from relief.review.checks import outside
from relief.review.checks.facts import HEADS, MARRIED, SPOUSES, CaseFacts, Hit
from relief.review.checks.outside import Related

_PARENT = "5"


def check(facts: CaseFacts) -> Iterator[Hit]:
    """Look for a spouse who is missing, and by the registers for spouses and children."""
    yield from _registered(facts)
    if not any(_is_spouse(one) for one in facts.outside.related):
        yield from _unknown_spouse(facts)


def _is_spouse(one: Related) -> bool:
    return one.register is Register.MARRIAGES


def _registered(facts: CaseFacts) -> Iterator[Hit]:
    """Look for spouses by the register of marriages, for children by that of households."""
    for one in facts.outside.related:
        spouse = _is_spouse(one)
        if not spouse and not _minor_child(facts, one):
            continue
        member = facts.name_of(one.member_id)
        yield Hit(
            key=f"{one.member_id}|{one.name}",
            message=f"{member}的{'配偶' if spouse else '未成年子女'}{one.name}不在申报的家庭成员中",
            evidence={
                "member": member,
                "unlisted": one.name,
                "register": outside.NAMES[one.register],
                "data_on": one.data_on.isoformat(),
                **({"since": one.since.isoformat()} if one.since else {}),
            },
        )


def _minor_child(facts: CaseFacts, one: Related) -> bool:
    """Tell whether a member is a parent of someone who is not of age."""
    of_age = facts.reference.number("adult_age")
    young = one.born_on is not None and age_on(one.born_on, facts.on) < of_age
    return young and one.relation.startswith(_PARENT)


def _unknown_spouse(facts: CaseFacts) -> Iterator[Hit]:
    """Look for a spouse of whom the registry says that there is one."""
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
