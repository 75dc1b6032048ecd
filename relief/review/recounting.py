"""Counts the last days of all open cases anew, when the calendar of working days has changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from relief.audit import service as audit
from relief.core.ids import new_id
from relief.core.workdays import DueDay
from relief.organisation import queries as organisation
from relief.review import clocks
from relief.review.clocks import Law, Move
from relief.review.models import Case, CaseStage, CaseStep
from relief.review.other_days import OtherDays, waits_for_an_answer
from relief.review.types import LIVE, StageStatus, Step
from relief.schemes import queries as schemes

AT_ONCE = 1000
WHOLE = "总时限"


@dataclass(frozen=True, slots=True)
class Moved:
    """A last day that another calendar moved. `stage`: its name, or 总时限."""

    number: str
    stage: str
    before: DueDay | None
    after: DueDay | None


def recount(session: Session, *, now: datetime) -> Iterator[Moved]:
    """Count all that is open anew; yield what moved, which each case's timeline tells too.

    Each case is held while it is counted, so that nobody acts in it by the old days.
    """
    law = Law(
        organisation.calendar(session),
        schemes.procedures(session),
        schemes.reminder_rules(session),
    )
    others = OtherDays(session, law.calendar)
    for cases in _held(session, Case.status.in_(LIVE) | _still_open()):
        moves = [*clocks.count(session, cases, law=law, now=now), *others.doubts(cases)]
        yield from _tell(session, cases, moves, now)
    # Of a case that was decided the clock is over, and what it came to stands.
    for cases in _held(session, waits_for_an_answer()):
        yield from _tell(session, cases, list(others.answers(cases)), now)


def _held(session: Session, which: ColumnElement[bool]) -> Iterator[Sequence[Case]]:
    """Yield some of the cases at a time, and forget them when they are counted."""
    query = select(Case).where(which).order_by(Case.id).limit(AT_ONCE).with_for_update()
    after = query
    while cases := session.scalars(after).all():
        after = query.where(Case.id > cases[-1].id)
        yield cases
        session.flush()
        session.expunge_all()


def _still_open() -> ColumnElement[bool]:
    return (
        select(CaseStage.id)
        .where(CaseStage.case_id == Case.id, CaseStage.status == StageStatus.OPEN)
        .exists()
    )


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


def _day(day: DueDay | None) -> str:
    return str(day or "未定")
