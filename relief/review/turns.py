"""Whose turn it is in a case, and whether they may: every act in a case begins here."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.review import stages, standing_in
from relief.review.errors import (
    CaseClosed,
    CasePaused,
    NotYours,
    StageNotFound,
    StageNotOpen,
    StageTooEarly,
)
from relief.review.kin import keeping as kin
from relief.review.kin import locks
from relief.review.models import CasePause, CaseStage
from relief.review.stages import Way
from relief.review.types import LIVE, CaseStatus, StageStatus
from relief.review.visible import lock_case
from relief.schemes import queries as schemes
from relief.schemes.types import StageKind


def enter(session: Session, *, actor: Actor, case_id: uuid.UUID, now: datetime) -> Way:
    """Take hold of a case in scope, for someone who may act in it.

    Raises CaseNotFound; KinOfCase or StoodBack for whom it is locked.
    """
    way = hold(session, actor=actor, case_id=case_id, now=now)
    with kin.keeping(way):
        locks.refuse(session, way.case, account_id=actor.id, on=way.today)
    return way


def hold(session: Session, *, actor: Actor, case_id: uuid.UUID, now: datetime) -> Way:
    """Take hold of a case in scope, whoever it is for. Raises CaseNotFound."""
    case = lock_case(session, actor.scope, case_id)
    return stages.way_of(session, case, actor_id=actor.id, now=now)


def refuse_ended(way: Way) -> None:
    """Raise CaseClosed for a case that is decided or was withdrawn."""
    if way.case.status not in LIVE:
        raise CaseClosed


def turn(way: Way, actor: Actor, code: str) -> CaseStage:
    """Return the actor's open row of a stage that may end now.

    Raises StageNotFound, NotYours, StageNotOpen, CasePaused, StageTooEarly; KinOfCase or StoodBack
    for whom it is locked for whom the actor stands in.
    """
    if way.stage(code) is None:
        raise StageNotFound
    rows = stages.rows_of(way)
    theirs = [row for row in rows if row.code == code and is_theirs(row, actor)]
    mine = [row for row in theirs if row.status is StageStatus.OPEN]
    # Who ended their own part comes late, however many others have still to end theirs.
    if not theirs and any(_is_open(row, code) for row in rows):
        raise NotYours
    if not mine:
        raise _not_open(way, rows, code)
    if open_pause(way) is not None:
        raise CasePaused
    if before := stages.missing_before(way.plan, rows, code):
        first = f"请先办结：{'、'.join(before)}（依据：{way.legal}）"
        raise StageTooEarly(first)
    standing_in.take(way, actor, mine[0].role)
    return mine[0]


def _not_open(way: Way, rows: Sequence[CaseStage], code: str) -> StageNotOpen | StageTooEarly:
    """Return why nothing can be ended of a stage: too early, left out by law, or over."""
    of_it = [row for row in rows if row.code == code]
    if not of_it and (first := _comes_first(way, rows, code)):
        return StageTooEarly(first)
    if of_it and of_it[-1].status is StageStatus.LEFT_OUT:
        return StageNotOpen(of_it[-1].opinion or "")
    return StageNotOpen()


def _comes_first(way: Way, rows: Sequence[CaseStage], code: str) -> str | None:
    """Return what is to be done before a stage that has not begun, and by which rule.

    None where it will never begin, since the case has ended.
    """
    if before := stages.before_begin(way.plan, rows, code, ended=way.case.status not in LIVE):
        return f"请先办结：{'、'.join(before)}（依据：{way.legal}）"
    stage = way.stage(code)
    if stage is None or way.case.status is CaseStatus.WITHDRAWN or stages.raised(way.plan, stage):
        return None
    event = schemes.events(way.session)[stage.starts_from].name
    return f"请先登记：{event}（依据：{way.legal}）"


def _is_open(row: CaseStage, code: str) -> bool:
    return row.code == code and row.status is StageStatus.OPEN


def own_turn(way: Way, actor: Actor) -> None:
    """Raise NotYours unless something in the case waits for the actor."""
    mine = [
        row.role
        for row in stages.rows_of(way)
        if row.status is StageStatus.OPEN and is_theirs(row, actor)
    ]
    if not mine:
        raise NotYours
    own = [role for role in mine if role in actor.roles]
    standing_in.take(way, actor, (own or mine)[0])


def is_theirs(row: CaseStage, actor: Actor) -> bool:
    """Tell whether a stage waits for the actor's office, or for that of whom they stand in for."""
    return row.department_code == actor.department_code and row.role in actor.roles_in_cases


def code_of(way: Way, kind: StageKind) -> str:
    """Return the code of the first stage of a kind. Raises StageNotFound."""
    for stage in way.plan.stages:
        if stage.kind is kind:
            return stage.code
    raise StageNotFound


def open_pause(way: Way) -> CasePause | None:
    """Return what papers are waited for."""
    return way.session.scalars(
        select(CasePause).where(CasePause.case_id == way.case.id, CasePause.until_on.is_(None))
    ).one_or_none()
