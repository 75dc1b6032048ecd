"""Entering what was found out in a case."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.core.ids import new_id
from relief.review import stages, turns
from relief.review.facts.errors import FactNotAsked, FactOutOfBounds, FactTwice, NoRule
from relief.review.facts.models import CaseFact
from relief.review.types import Step
from relief.schemes import rules
from relief.schemes.dimensions import of_unit
from relief.schemes.rule_models import FactKind
from relief.schemes.wording import value_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One fact. `value`: in fen, as 1 or 0, or a whole number, by its kind."""

    kind: str
    value: int
    proof: str


def find_out(
    session: Session, *, actor: Actor, case_id: uuid.UUID, found: Sequence[Found], now: datetime
) -> None:
    """Enter facts with what proves them; each takes the place of an earlier one of its kind.

    By somebody for whom something in the case waits, who can no longer decide it then. Raises what
    `turns.enter` does; CaseClosed, NotYours, NoRule; FactNotAsked, FactTwice, FactOutOfBounds, and
    then none is entered.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    turns.refuse_ended(way)
    turns.own_turn(way, actor)
    row = rules.rule_on(session, scheme_code=way.scheme.code, on=way.today)
    if row is None:
        raise NoRule
    kinds = rules.fact_kinds(session)
    asked = rules.read(row).names
    _refuse(found, {code: kind for code, kind in kinds.items() if code in asked}, kinds)
    session.add_all(
        CaseFact(
            id=new_id(now),
            case_id=case_id,
            kind_code=one.kind,
            value=one.value,
            proof=one.proof,
            found_by=actor.id,
            found_at=now,
        )
        for one in found
    )
    # The names alone: what was found stands in the case itself.
    stages.note(way, Step.FACTS_FOUND, None, "、".join(kinds[one.kind].name for one in found))
    session.flush()


def _refuse(
    found: Sequence[Found], asked: Mapping[str, FactKind], kinds: Mapping[str, FactKind]
) -> None:
    codes = [one.kind for one in found]
    for one in found:
        kind = asked.get(one.kind)
        if kind is None or kind.derived:
            known = kinds.get(one.kind)
            named = known.name if known else one.kind
            which = f"计算规则不需要登记“{named}”，不得收集（个人信息保护法第六条）"
            raise FactNotAsked(which)
        if codes.count(one.kind) > 1:
            raise FactTwice(kind.name)
        if not kind.low <= one.value <= kind.high:
            raise FactOutOfBounds(_bounds(kind))


def _bounds(kind: FactKind) -> str:
    low, high = (value_text(Fraction(one), of_unit(kind.unit)) for one in (kind.low, kind.high))
    return f"“{kind.name}”须在 {low} 至 {high} 之间（{kind.source}）"
