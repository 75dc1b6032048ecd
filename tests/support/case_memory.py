"""What the state machine of cases remembers, and who may have confirmed a case of it."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from relief.review.models import Case, CaseStage
from relief.review.types import Step
from relief.schemes.types import StageKind
from tests.support.by_hand import stood_in_for


@dataclass
class Memory:
    """What was done, as the machine remembers it."""

    opinions: list[tuple[str, str, str]] = field(default_factory=list)
    waits: list[list[date | None]] = field(default_factory=list)  # since, until
    decided: int = 0
    asked: str | None = None
    extended: tuple[str, ...] = ()
    finders: set[uuid.UUID] = field(default_factory=set)


def four_eyes(
    session: Session,
    case: Case,
    rows: Sequence[CaseStage],
    confirmed: CaseStage,
    *,
    finders: Collection[uuid.UUID],
) -> None:
    """Fail if who confirmed had another part in the case, or stands in for who had one."""
    for_whom = stood_in_for(session, case.id)
    confirming = {confirmed.ended_by, *for_whom.pop(Step.DECIDED, ())}
    signed = [row for row in rows if row.kind is StageKind.COUNTERSIGN]
    if signed:  # who grants fast aid may have entered it; but another signs
        assert not confirming & {row.ended_by for row in signed}, "four eyes"
        return
    acted = {row.ended_by for row in rows if row is not confirmed} | {case.entered_by, *finders}
    assert not confirming & acted.union(*for_whom.values()), "four eyes"
