"""Applies the scheme's rule to what was found out in a case, and compares a decision with it."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.review.checks.models import CaseFinding
from relief.review.facts.errors import DepartureUnexplained
from relief.review.facts.models import CaseFact
from relief.review.models import Case
from relief.schemes import regional, rules
from relief.schemes.calculation import Calculation, Eligible, ParameterValue, calculate
from relief.schemes.regional import Standards
from relief.schemes.rule_models import FactKind, SchemeRule
from relief.schemes.wording import yuan_text

AGE, AUTHORISED = "age", "check_authorised"
AUTHORISATION_CHECK = "A07"


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


def facts_of_all(
    session: Session, case_ids: Collection[uuid.UUID]
) -> Mapping[uuid.UUID, Sequence[CaseFact]]:
    """Return case → everything that was found out in it, the oldest first. One query."""
    found: dict[uuid.UUID, list[CaseFact]] = defaultdict(list)
    for fact in session.scalars(
        select(CaseFact).where(CaseFact.case_id.in_(case_ids)).order_by(CaseFact.id)
    ):
        found[fact.case_id].append(fact)
    return found


def unauthorised(session: Session, case_ids: Collection[uuid.UUID]) -> Collection[uuid.UUID]:
    """Return in which cases an adult's authorisation to be checked is wanting. One query."""
    return set(
        session.scalars(
            select(CaseFinding.case_id).where(
                CaseFinding.case_id.in_(case_ids),
                CaseFinding.check_code == AUTHORISATION_CHECK,
                CaseFinding.gone_at.is_(None),
            )
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The rule of a scheme with what it is read by, as they are on a day: for many cases.

    Each is counted by the values that hold in the region of its case.
    """

    on: date
    row: SchemeRule
    kinds: Mapping[str, FactKind]
    standards: Standards
    _known: dict[tuple[int, ...], Mapping[str, ParameterValue]] = field(
        default_factory=dict, init=False, repr=False
    )

    def parameters(self, region_code: int | None) -> Mapping[str, ParameterValue]:
        """Return name → what holds in a region, or in the city as a whole."""
        sources = self.standards.sources(region_code)
        if sources not in self._known:
            self._known[sources] = {
                name: ParameterValue(
                    name=name,
                    valid_from=one.valid_from,
                    value=one.value,
                    unit=one.unit,
                    source=one.source,
                    region_code=one.region_code,
                    region=self.standards.place(one),
                )
                for name, one in self.standards.at(region_code).items()
            }
        return self._known[sources]

    def apply(self, case: Case, facts: Sequence[CaseFact], *, authorised: bool) -> Worked:
        """Apply the rule to what was found out in a case, the oldest first.

        `authorised`: whether everyone whose income and property are checked agreed to it.
        """
        newest = {one.kind_code: one for one in facts}
        known: dict[str, int] = {code: one.value for code, one in newest.items()}
        known[AUTHORISED] = int(authorised)
        if case.applicant_born_on is not None:
            known[AGE] = _age(case.applicant_born_on, self.on)
        found = calculate(
            rules.read(self.row),
            parameters=self.parameters(case.region_code),
            kinds=rules.meanings(self.kinds),
            facts=known,
            on=self.on,
        )
        return Worked(row=self.row, kinds=self.kinds, facts=newest, calculation=found)


def book_of(session: Session, *, scheme_code: str, on: date) -> Book | None:
    """Return the rule that holds on a day; None for a scheme that is decided by hand.

    Three queries, or one.
    """
    row = rules.rule_on(session, scheme_code=scheme_code, on=on)
    if row is None:
        return None
    standards = regional.standards(session, on=on)
    return Book(on=on, row=row, kinds=rules.fact_kinds(session), standards=standards)


def work_out(session: Session, case: Case, *, facts: Sequence[CaseFact], on: date) -> Worked | None:
    """Apply the rule that holds on a day; None for a scheme that is decided by hand.

    Four queries, or one.
    """
    book = book_of(session, scheme_code=case.scheme_code, on=on)
    if book is None:
        return None
    return book.apply(case, facts, authorised=case.id not in unauthorised(session, [case.id]))


def settle(
    session: Session,
    case: Case,
    *,
    facts: Sequence[CaseFact],
    on: date,
    amount_fen: int | None,
    departs: str | None,
) -> Settled:
    """Compare a decision with the rule, and return what it keeps of the calculation.

    `amount_fen`: what is granted; None for a refusal. A reason for departing is kept where the
    decision does depart. Raises DepartureUnexplained.
    """
    worked = work_out(session, case, facts=facts, on=on)
    if worked is None:
        return Settled(calculation=None, departs=None, per=None)
    differs = difference(worked, amount_fen)
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
    labels = worked.row.labels
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
                "label": labels.get(one.name, one.name),
                "region_code": one.region_code,
                "region": one.region,
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


def difference(worked: Worked, amount_fen: int | None) -> str | None:
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
