"""A06: what the rules X01-X33 say of this scheme and of what the family has, had or asks for.

Of benefits outside the catalogue those are known that a register or a fact tells (`ext_benefits`).
"""

from collections.abc import Collection, Iterator, Mapping

from relief.core.ages import months_after
from relief.core.findings import Grade
from relief.review.checks import ext_benefits
from relief.review.checks.ext_benefits import Benefit
from relief.review.checks.facts import CaseFacts, Hit, Holding
from relief.schemes.models import CombinationRule
from relief.schemes.types import Combination

_HOUSEHOLD = "household"
_SAYS: Mapping[Combination, str] = {
    Combination.MUTEX: "{who}{had}“{held}”，不能同时享受“{asked}”",
    Combination.CHOOSE: "{who}{had}“{held}”，与“{asked}”只能选择一项",
    Combination.HIGHER: "{who}{had}“{held}”，与“{asked}”择高享受",
    Combination.LADDER: "{who}{had}“{held}”，不能同时认定“{asked}”",
    Combination.ONCE: "{who}{months} 个月内{had}“{held}”，同一事由不重复救助",
    Combination.TOPUP: "{who}{had}“{held}”，与“{asked}”按差额补足",
    Combination.SEQUENCE: "{who}{had}“{held}”，“{asked}”只计其支付之后的部分",
}
# These change the amount, and not whether: whoever decides is told.
_NOTED = (Combination.TOPUP, Combination.SEQUENCE)
_HAD = {"case": "正在申请", "entitlement": "已有", "list": "已在名册："}


def check(facts: CaseFacts) -> Iterator[Hit]:
    """Compare the scheme with each holding by each rule that names both.

    What may be stacked is left. A rule on persons asks of everyone whom a scheme for the household
    aids.
    """
    subjects = {one.id for one in facts.counted} if facts.of_household else {facts.applicant.id}
    for rule in facts.reference.combinations:
        other = _other(rule, facts.scheme.code)
        if other is None or rule.kind is Combination.STACK:
            continue
        for held in facts.holdings:
            if held.scheme_code == other and _concerns(facts, rule, held, subjects):
                yield _hit(facts, rule, held)
        if benefit := ext_benefits.BENEFITS.get(other):
            yield from _outside(facts, rule, benefit, subjects)


def _outside(
    facts: CaseFacts, rule: CombinationRule, benefit: Benefit, subjects: Collection[object]
) -> Iterator[Hit]:
    """Compare with a benefit outside the catalogue."""
    name, had = benefit
    for one, evidence in had(facts):
        if rule.unit != _HOUSEHOLD and one.id not in subjects:
            continue
        message = _SAYS[rule.kind].format(
            who=one.name, had="已有", held=name, asked=facts.scheme.short_name, months=0
        )
        yield Hit(
            key=f"{rule.code}|{one.id}|outside",
            message=f"{message}（{rule.note}）" if rule.note else message,
            evidence={"rule": rule.code, **evidence},
        )


def _other(rule: CombinationRule, code: str) -> str | None:
    """Return what a rule pairs a scheme with."""
    if code == rule.first:
        return rule.second
    return rule.first if code == rule.second else None


def _concerns(
    facts: CaseFacts, rule: CombinationRule, held: Holding, subjects: Collection[object]
) -> bool:
    """Tell whether a holding is of whom the rule speaks, and still counts."""
    if rule.unit != _HOUSEHOLD and not held.covers and held.person_id not in subjects:
        return False
    if held.until is None or held.until > facts.on:
        return True
    return months_after(held.until, _months(facts, rule)) > facts.on


def _months(facts: CaseFacts, rule: CombinationRule) -> int:
    """Return for how many months aid that was given once counts."""
    return rule.window_months or facts.reference.number("one_off_window_months")


def _hit(facts: CaseFacts, rule: CombinationRule, held: Holding) -> Hit:
    name = facts.reference.schemes[held.scheme_code].short_name
    message = _SAYS[rule.kind].format(
        who=facts.name_of(held.person_id),
        had=_HAD[held.how],
        held=name,
        asked=facts.scheme.short_name,
        months=_months(facts, rule),
    )
    return Hit(
        key=f"{rule.code}|{held.person_id}|{held.how}",
        message=f"{message}（{rule.note}）" if rule.note else message,
        evidence={
            "rule": rule.code,
            "member": facts.name_of(held.person_id),
            "scheme": name,
            "how": held.how.value,
        },
        grade=Grade.NOTE if rule.kind in _NOTED else None,
    )
