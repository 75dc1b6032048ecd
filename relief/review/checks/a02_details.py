"""A02: what stands beside a number differs from what is within, or two names share the number."""

from collections.abc import Iterator

from relief.review.checks.facts import CaseFacts, Hit


def check(facts: CaseFacts) -> Iterator[Hit]:
    """Compare the dates of birth that the lists state with that of the number."""
    for one in facts.counted:
        if one.contradicted:
            lists = [facts.reference.schemes[code].short_name for code in one.contradicted]
            yield Hit(
                key=f"{one.id}|born",
                message=f"{one.name}：名单所载出生日期与身份证号中的不一致（{'、'.join(lists)}）",
                evidence={"member": one.name, "lists": lists},
            )
        if one.shares_number:
            yield Hit(
                key=f"{one.id}|shared",
                message=f"{one.name}的身份证号下有不同的姓名，数据管理员尚未核定",
                evidence={"member": one.name},
            )
