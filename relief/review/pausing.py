"""How long the clocks of a stage have stood for each reason, and how long they may altogether.

Each wait has a longest time of its own (`pause_reason`); asked for again and again, it would have
none. So all waits for one reason have a sum within a stage, which is a dated parameter.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.review.errors import PauseSpent
from relief.review.models import CasePause, CaseStage
from relief.review.stages import Way, rows_of
from relief.review.types import StageStatus
from relief.schemes import queries as schemes
from relief.schemes.errors import ParameterNotSet
from relief.schemes.models import Parameter, PauseReason
from relief.schemes.types import StageKind

_MOST = "pause_days_{reason}"
_PAPERS = "papers"  # what was waited for before reasons were told


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseSum:
    """How many days the clock of an open stage stood for a reason, of how many that it may."""

    stage_code: str
    stage_name: str
    reason_code: str
    reason: str
    days: int
    most: int
    source: str


def sums(
    session: Session, rows: Sequence[CaseStage], pauses: Sequence[CasePause], *, on: date
) -> Sequence[PauseSum]:
    """Return of each reason that was waited for the open stage whose clock stood longest.

    `rows`, `pauses`: of one case. Two queries, or none where nothing was waited for.
    """
    if not pauses or not any(map(_stands, rows)):
        return ()
    limits = schemes.parameters(session, on=on)
    names = {one.code: one for one in schemes.pause_reasons(session)}
    found = []
    for code in dict.fromkeys(one.reason or _PAPERS for one in pauses):
        row, days = _longest(rows, pauses, code, on)
        if (limit := limits.get(_MOST.format(reason=code))) is not None and row is not None:
            found.append(_sum(row, names[code], days, limit))
    return found


def days_left(way: Way, reason: PauseReason) -> int:
    """Return for how many days the clocks may still stand for a reason.

    Raises PauseSpent where there is none, with the stage whose clock stood so long, and by which
    rule it may not stand longer; ParameterNotSet.
    """
    name = _MOST.format(reason=reason.code)
    limit = schemes.parameters(way.session, on=way.today).get(name)
    if limit is None:
        raise ParameterNotSet(name=name, on=way.today.isoformat())
    pauses = way.session.scalars(select(CasePause).where(CasePause.case_id == way.case.id)).all()
    row, days = _longest(rows_of(way), pauses, reason.code, way.today)
    left = int(limit.value) - days
    if row is not None and left <= 0:
        spent = _sum(row, reason, days, limit)
        told = (
            f"环节“{spent.stage_name}”因“{spent.reason}”已累计暂停 {spent.days} 天，"
            f"累计不得超过 {spent.most} 天（依据：{spent.source}）"
        )
        raise PauseSpent(told)
    return left


def _longest(
    rows: Iterable[CaseStage], pauses: Sequence[CasePause], reason: str, on: date
) -> tuple[CaseStage | None, int]:
    """Return the open stage whose clock stood longest for a reason, and for how many days."""
    stood: Mapping[CaseStage, int] = {
        row: sum(_days(one, row, on) for one in pauses if (one.reason or _PAPERS) == reason)
        for row in rows
        if _stands(row)
    }
    row = max(stood, key=lambda one: stood[one], default=None)
    return row, stood[row] if row is not None else 0


def _stands(row: CaseStage) -> bool:
    """Tell whether the clock of a stage stands while something is waited for."""
    return row.status is StageStatus.OPEN and row.kind is not StageKind.PUBLIC_NOTICE


def _days(pause: CasePause, row: CaseStage, on: date) -> int:
    """Return how many days of a wait lie within a stage; of one that lasts, up to today."""
    until = pause.until_on or on
    return max((until - max(pause.since_on, row.begun_on)).days, 0)


def _sum(row: CaseStage, reason: PauseReason, days: int, limit: Parameter) -> PauseSum:
    return PauseSum(
        stage_code=row.code,
        stage_name=row.name,
        reason_code=reason.code,
        reason=reason.name,
        days=days,
        most=int(limit.value),
        source=limit.source,
    )
