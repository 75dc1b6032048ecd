"""Counts the clocks of all open cases anew, when the calendar of working days has changed."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.audit import service as audit
from relief.core.ids import new_id
from relief.organisation import queries as organisation
from relief.review import clocks
from relief.review.clocks import Law, Move
from relief.review.models import Case, CaseStage, CaseStep
from relief.review.types import LIVE, StageStatus, Step
from relief.schemes import queries as schemes

AT_ONCE = 1000
WHOLE = "总时限"


@dataclass(frozen=True, slots=True)
class Moved:
    """A last day that another calendar moved. `stage`: its name, or 总时限."""

    number: str
    stage: str
    before: date | None
    after: date | None


def recount(session: Session, *, now: datetime) -> Iterator[Moved]:
    """Count all that is open anew; yield what moved, which each case's timeline tells too.

    Each case is held while it is counted, so that nobody acts in it by the old days.
    """
    law = Law(
        organisation.calendar(session),
        schemes.procedures(session),
        schemes.reminder_rules(session),
    )
    last: uuid.UUID | None = None
    while cases := _next(session, last):
        last = cases[-1].id
        yield from _tell(session, cases, clocks.count(session, cases, law=law, now=now), now)
        session.flush()
        session.expunge_all()


def _next(session: Session, last: uuid.UUID | None) -> Sequence[Case]:
    still_open = (
        select(CaseStage.id)
        .where(CaseStage.case_id == Case.id, CaseStage.status == StageStatus.OPEN)
        .exists()
    )
    query = select(Case).where(Case.status.in_(LIVE) | still_open)
    if last is not None:
        query = query.where(Case.id > last)
    return session.scalars(query.order_by(Case.id).limit(AT_ONCE).with_for_update()).all()


def _tell(
    session: Session, cases: Sequence[Case], moves: Sequence[Move], now: datetime
) -> Iterator[Moved]:
    by_id = {case.id: case for case in cases}
    for move in moves:
        case = by_id[move.case_id]
        moved = Moved(case.number, move.stage or WHOLE, move.before, move.after)
        case.steps += 1
        session.add(
            CaseStep(
                id=new_id(now),
                case_id=case.id,
                number=case.steps,
                at=now,
                actor_id=None,
                step=Step.RECOUNTED,
                note=f"{moved.stage}的最后一日由 {_day(move.before)} 改为 {_day(move.after)}",
            )
        )
        audit.record(
            session,
            "case:recounted",
            subject_type="case",
            subject_id=case.id,
            actor_id=None,
            now=now,
            details={
                "number": case.number,
                "stage": moved.stage,
                "before": _day(move.before),
                "after": _day(move.after),
            },
            region_code=case.region_code,
        )
        yield moved


def _day(day: date | None) -> str:
    return day.isoformat() if day else "未定"
