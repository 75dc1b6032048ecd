"""Judging an objection: a person finds it justified or not, with reasons, after the survey anew.

Justified, the notice ends and the opinion is to be given anew, from today: for the refusal too, on
which only who confirms decides. Unfounded, the notice goes on. No clock of the case is longer for
it: no text says so.
"""

import uuid
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.review import stages, standing_in, turns
from relief.review.errors import CaseClosed, CasePaused
from relief.review.facts import computing
from relief.review.models import CaseStage, CaseStep
from relief.review.objecting import office, queries
from relief.review.objecting.acts import find
from relief.review.objecting.errors import (
    InquiryOrdered,
    NotInquired,
    ObjectionAnswered,
    ObjectionLate,
    ObjectorsEyes,
)
from relief.review.objecting.models import CaseInquiry, CaseObjection
from relief.review.objecting.types import InquiryKind
from relief.review.stages import Way
from relief.review.types import CaseStatus, Outcome, StageStatus, Step
from relief.schemes.types import StageKind

# Who did these in a case does not judge what is objected to it.
_SURVEYS = frozenset(
    {StageKind.SURVEY, StageKind.EXAMINATION, StageKind.DATA_CHECK, StageKind.FIRST_OPINION}
)
_NO_RESULT = "已安排的重新调查或民主评议还没有登记结果"


def answer(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    objection_id: uuid.UUID,
    upheld: bool,
    reason: str,
    now: datetime,
) -> None:
    """Find an objection justified (`upheld`) or unfounded, with reasons.

    Raises what `turns.enter` does; NoNotice, NotYours, CaseClosed, ObjectionNotFound,
    ObjectionLate, ObjectionAnswered, CasePaused, NotInquired, InquiryOrdered, ObjectorsEyes.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    notice = office.enter(way, actor, *office.ANSWERING)
    objection = find(way, objection_id)
    _refuse_done(way, objection)
    _refuse_unknown(way, objection)
    if standing_in.pair(way, actor) & _eyes(way):
        raise ObjectorsEyes
    objection.upheld, objection.answer = upheld, reason
    objection.answered_by, objection.answered_at = actor.id, now
    session.flush()
    stages.note(way, Step.OBJECTION_UPHELD if upheld else Step.OBJECTION_DISMISSED, notice, reason)
    if upheld and notice.status is StageStatus.OPEN:
        _begin_again(way, notice, reason)


def _refuse_done(way: Way, objection: CaseObjection) -> None:
    """Raise ObjectionLate, ObjectionAnswered, CaseClosed or CasePaused."""
    if not objection.in_time:
        raise ObjectionLate
    if objection.answered_at is not None:
        raise ObjectionAnswered
    if way.case.status is not CaseStatus.ACCEPTED:
        raise CaseClosed
    if turns.open_pause(way) is not None:
        raise CasePaused


def _refuse_unknown(way: Way, objection: CaseObjection) -> None:
    """Raise NotInquired without a survey since the objection, InquiryOrdered while one is due.

    One that was held before the objection came, and was only entered after it, did not look at it.
    """
    inquiries = way.session.scalars(
        select(CaseInquiry)
        .where(CaseInquiry.case_id == way.case.id)
        .execution_options(populate_existing=True)
    ).all()
    if any(one.recorded_at is None for one in inquiries):
        raise InquiryOrdered(_NO_RESULT)
    if not any(
        one.kind is InquiryKind.RESURVEY
        and one.recorded_at is not None
        and one.recorded_at >= objection.recorded_at
        and one.held_on is not None
        and one.held_on >= objection.received_on
        for one in inquiries
    ):
        raise NotInquired


# Who entered the application, or again what was missing, or what was found out.
_ENTERED = (
    Step.SUBMITTED, Step.RESUBMITTED, Step.FACTS_FOUND, Step.SURVEYED, Step.RESURVEYED
)  # fmt: skip


def _eyes(way: Way) -> set[uuid.UUID]:
    """Return who entered, surveyed or gave an opinion, and for whom."""
    surveys = [row.code for row in stages.rows_of(way) if row.kind in _SURVEYS]
    done = way.session.execute(
        select(CaseStep.actor_id, CaseStep.acting_for_id).where(
            CaseStep.case_id == way.case.id,
            or_(
                CaseStep.step.in_(_ENTERED),
                and_(CaseStep.step == Step.STAGE_ENDED, CaseStep.stage_code.in_(surveys)),
            ),
        )
    )
    eyes = {one for row in done for one in row if one is not None}
    eyes |= {way.case.entered_by, *queries.companions(way.session, case_id=way.case.id)}
    return eyes | {one.found_by for one in computing.facts_of(way.session, way.case.id)}


def _begin_again(way: Way, notice: CaseStage, reason: str) -> None:
    """End the notice, and open anew the stage that led to it; without one, what follows it."""
    notice.status, notice.outcome, notice.opinion = StageStatus.ENDED, Outcome.OBJECTED, reason
    notice.ended_at, notice.ended_by = way.now, way.actor_id
    stages.note(way, Step.STAGE_ENDED, notice, reason)
    shown = way.stage(notice.code)
    assert shown is not None  # noqa: S101  # the notice is of this procedure
    leading = [one for one in way.plan.stages if shown.starts_from in one.raises]
    for stage in leading:
        stages.open_again(way, stage)
    if not leading:
        stages.raise_events(way, shown.raises)
