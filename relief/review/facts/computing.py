"""Applies the scheme's rule to what was found out in a case, and compares a decision with it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.review.errors import FourEyes
from relief.review.facts.errors import DepartureUnexplained
from relief.review.facts.models import CaseFact
from relief.review.models import Case
from relief.schemes import queries as schemes
from relief.schemes import rules
from relief.schemes.calculation import Calculation, Eligible, ParameterValue, calculate
from relief.schemes.rule_models import FactKind, SchemeRule
from relief.schemes.wording import yuan_text

AGE = "age"


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """A rule applied to a case. `facts`: the newest of each kind, by its code."""

    row: SchemeRule
    kinds: Mapping[str, FactKind]
    facts: Mapping[str, CaseFact]
    calculation: Calculation


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What a decision keeps of the calculation. `per`: what the rule's amount is for."""

    calculation: dict[str, Any] | None
    departs: str | None
    per: str | None


def facts_of(session: Session, case_id: uuid.UUID) -> Sequence[CaseFact]:
    """Return everything that was found out in a case, the oldest first. One query."""
    return session.scalars(
        select(CaseFact).where(CaseFact.case_id == case_id).order_by(CaseFact.id)
    ).all()


def work_out(session: Session, case: Case, *, facts: Sequence[CaseFact], on: date) -> Worked | None:
    """Apply the rule that holds on a day; None for a scheme that is decided by hand.

    Three queries, or one.
    """
    row = rules.rule_on(session, scheme_code=case.scheme_code, on=on)
    if row is None:
        return None
    kinds = rules.fact_kinds(session)
    newest = {one.kind_code: one for one in facts}
    known: dict[str, int] = {code: one.value for code, one in newest.items()}
    if case.applicant_born_on is not None:
        known[AGE] = _age(case.applicant_born_on, on)
    parameters = {
        name: ParameterValue(
            name=name,
            valid_from=one.valid_from,
            value=one.value,
            unit=one.unit,
            source=one.source,
        )
        for name, one in schemes.parameters(session, on=on).items()
    }
    found = calculate(
        rules.read(row), parameters=parameters, kinds=rules.meanings(kinds), facts=known, on=on
    )
    return Worked(row=row, kinds=kinds, facts=newest, calculation=found)


def settle(
    session: Session,
    case: Case,
    *,
    actor_id: uuid.UUID,
    on: date,
    amount_fen: int | None,
    departs: str | None,
) -> Settled:
    """Compare a decision with the rule, and return what it keeps of the calculation.

    `amount_fen`: what is granted; None for a refusal. A reason for departing is kept where the
    decision does depart. Raises FourEyes for who found out any of the facts; DepartureUnexplained.
    """
    facts = facts_of(session, case.id)
    if any(one.found_by == actor_id for one in facts):
        raise FourEyes
    worked = work_out(session, case, facts=facts, on=on)
    if worked is None:
        return Settled(calculation=None, departs=None, per=None)
    differs = _difference(worked, amount_fen)
    if differs and not departs:
        which = f"{differs}（{worked.row.source}）"
        raise DepartureUnexplained(which)
    return Settled(
        calculation=snapshot(worked),
        departs=departs if differs else None,
        per=worked.calculation.per,
    )


def snapshot(worked: Worked) -> dict[str, Any]:
    """Return a calculation with everything that it rests on, as JSON."""
    done = worked.calculation
    return {
        "on": done.on.isoformat(),
        "rule_from": done.rule_from.isoformat(),
        "source": worked.row.source,
        "confidence": worked.row.confidence,
        "per": done.per,
        "eligible": done.eligible.value,
        "amount_fen": done.amount_fen,
        "missing": [worked.kinds[code].name for code in done.missing],
        "steps": [
            {
                "code": step.code,
                "name": step.name,
                "kind": step.kind.value,
                "text": step.text,
                "value": step.value,
                "holds": step.holds,
                "source": step.source,
            }
            for step in done.steps
        ],
        "parameters": [
            {
                "name": one.name,
                "valid_from": one.valid_from.isoformat(),
                "value": str(one.value),
                "unit": one.unit,
                "source": one.source,
            }
            for one in done.parameters
        ],
        "facts": [
            {"kind": code, "value": one.value, "id": str(one.id)}
            for code, one in sorted(worked.facts.items())
        ],
    }


def _difference(worked: Worked, amount_fen: int | None) -> str | None:
    """Say where a decision differs from the rule; None where it does not.

    A refusal for want of facts does not: it gives its own reasons.
    """
    done = worked.calculation
    computed = done.amount_fen
    if amount_fen is None:
        granted = "" if computed is None else f"，金额为 {yuan_text(computed)}"
        return f"按规则符合条件{granted}，决定不予救助" if done.eligible is Eligible.YES else None
    if done.eligible is Eligible.NO:
        failed = "、".join(
            f"{step.name}（{step.source}）" for step in done.steps if step.holds is False
        )
        return f"按规则不符合条件：{failed}，决定同意救助"
    if computed is None:
        names = "、".join(worked.kinds[code].name for code in done.missing)
        why = f"待查明：{names}" if names else "有步骤算不出结果"
        return f"按规则还不能计算，{why}；决定同意救助"
    if computed != amount_fen:
        return f"按规则计算为 {yuan_text(computed)}，决定为 {yuan_text(amount_fen)}"
    return None


def _age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
