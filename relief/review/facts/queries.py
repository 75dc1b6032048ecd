"""Reading what was found out in a case, and what the rule makes of it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from relief.accounts import queries as accounts
from relief.review.facts import computing
from relief.review.facts.models import CaseFact
from relief.review.models import Case, CaseDecision
from relief.schemes import rules
from relief.schemes.dimensions import YES_NO, is_money, of_unit
from relief.schemes.rule_models import FactKind
from relief.schemes.wording import value_text


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRow:
    """Something that was found out. `superseded`: a newer one took its place."""

    kind: str
    name: str
    value: int
    text: str
    proof: str
    found_by: str
    found_at: datetime
    superseded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRow:
    """What the rule asks for. `value`: what is known by now, in fen where it is money."""

    code: str
    name: str
    unit: str | None
    money: bool
    yes_no: bool
    low: int
    high: int
    value: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsFound:
    """What was found out, what is asked for still, and the calculation, step by step.

    The calculation is the one that the decision rests on, or that of the day while there is none.
    """

    facts: Sequence[FactRow]
    asked: Sequence[AskedRow]
    calculation: Mapping[str, Any] | None


def facts_found(
    session: Session, case: Case, *, decision: CaseDecision | None, on: date
) -> FactsFound | None:
    """Return what was found out in a case; None where the scheme has no rule and nothing was.

    Six queries at most, however much was found.
    """
    facts = computing.facts_of(session, case.id)
    if decision is not None:
        kinds = rules.fact_kinds(session) if facts else {}
        if decision.calculation is None and not facts:
            return None
        return FactsFound(
            facts=_rows(session, facts, kinds), asked=(), calculation=decision.calculation
        )
    worked = computing.work_out(session, case, facts=facts, on=on)
    if worked is None:
        return None
    asked = rules.read(worked.row).names
    return FactsFound(
        facts=_rows(session, facts, worked.kinds),
        asked=[
            _asked(kind, worked.facts.get(code))
            for code, kind in worked.kinds.items()
            if code in asked and not kind.derived
        ],
        calculation=computing.snapshot(worked),
    )


def _rows(
    session: Session, facts: Sequence[CaseFact], kinds: Mapping[str, FactKind]
) -> Sequence[FactRow]:
    names: Mapping[uuid.UUID, str] = (
        accounts.display_names(session, {one.found_by for one in facts}) if facts else {}
    )
    newest = {one.kind_code: one.id for one in facts}
    return [
        FactRow(
            kind=one.kind_code,
            name=kinds[one.kind_code].name,
            value=one.value,
            text=_text(one.value, kinds[one.kind_code]),
            proof=one.proof,
            found_by=names[one.found_by],
            found_at=one.found_at,
            superseded=newest[one.kind_code] != one.id,
        )
        for one in facts
    ]


def _text(value: int, kind: FactKind) -> str:
    dimension = of_unit(kind.unit)
    return value_text(bool(value) if dimension == YES_NO else Fraction(value), dimension)


def _asked(kind: FactKind, known: CaseFact | None) -> AskedRow:
    dimension = of_unit(kind.unit)
    return AskedRow(
        code=kind.code,
        name=kind.name,
        unit=kind.unit,
        money=is_money(dimension),
        yes_no=dimension == YES_NO,
        low=kind.low,
        high=kind.high,
        value=known.value if known else None,
    )
