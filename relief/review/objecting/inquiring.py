"""Finding out whether an objection is right: a survey anew, and as the exception an appraisal.

Neither decides anything: what comes of them is judged by a person (`answering`).
"""

import uuid
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from relief.accounts import queries as accounts
from relief.accounts.identity import Actor
from relief.core.clock import local_date
from relief.core.ids import new_id
from relief.review import stages, turns
from relief.review.errors import CaseClosed
from relief.review.kin import keeping as kin
from relief.review.kin import locks
from relief.review.objecting import office, queries
from relief.review.objecting.errors import (
    InquiryDay,
    InquiryNotOrdered,
    InquiryOrdered,
    NothingObjected,
    ObjectionUnanswered,
    TwoInvestigators,
)
from relief.review.objecting.models import CaseInquiry
from relief.review.objecting.types import InquiryKind
from relief.review.stages import Way
from relief.review.types import CaseStatus, Step

_ORDERED = {
    InquiryKind.RESURVEY: Step.RESURVEY_ORDERED,
    InquiryKind.APPRAISAL: Step.APPRAISAL_ORDERED,
}


def order(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    kind: InquiryKind,
    reason: str,
    now: datetime,
) -> None:
    """Order a survey anew, or with a reason for the exception a democratic appraisal.

    Raises what `turns.enter` does; NoNotice, NotYours, CaseClosed, NothingObjected, InquiryOrdered.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    notice = office.enter(way, actor, *office.OFFICE)
    if way.case.status is not CaseStatus.ACCEPTED:
        raise CaseClosed
    try:
        queries.refuse_unanswered(session, case_id=case_id)
    except ObjectionUnanswered:
        pass
    else:
        raise NothingObjected
    ordered = session.scalar(
        insert(CaseInquiry)
        .values(
            id=new_id(now),
            case_id=case_id,
            kind=kind,
            reason=reason,
            ordered_by=actor.id,
            ordered_at=now,
        )
        .on_conflict_do_nothing()
        .returning(CaseInquiry.id)
    )
    if ordered is None:
        raise InquiryOrdered
    stages.note(way, _ORDERED[kind], notice, reason)


def resurvey(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    companion_id: uuid.UUID,
    held_on: date,
    finding: str,
    signature: str,
    now: datetime,
) -> None:
    """Enter what the actor and another found at the home, and who signed the form.

    Raises what `turns.enter` does; NoNotice, NotYours, CaseClosed, InquiryNotOrdered, InquiryDay;
    TwoInvestigators unless both are clerks or reviewers of the notice's office there.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    notice = office.enter(way, actor, *queries.INVESTIGATORS)
    inquiry = _open(way, InquiryKind.RESURVEY, held_on)
    there = queries.investigators(
        session, department_code=notice.department_code, region_code=way.case.region_code
    )
    two = {actor.id, companion_id}
    if len(two) == 1 or not two <= {one for one, _ in there}:
        raise TwoInvestigators
    with kin.keeping(way):
        locks.refuse_companion(session, way.case, account_id=companion_id, on=way.today)
    inquiry.companion_id, inquiry.signature = companion_id, signature
    _record(way, inquiry, actor, held_on, finding)
    names = accounts.display_names(session, {companion_id})
    stages.note(way, Step.RESURVEYED, notice, f"与{names[companion_id]}入户：{finding}")
    session.flush()


def appraise(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    held_on: date,
    participants: int,
    finding: str,
    now: datetime,
) -> None:
    """Enter how many took part in the democratic appraisal, and its result.

    It decides nothing. Raises what `turns.enter` does; NoNotice, NotYours, CaseClosed,
    InquiryNotOrdered, InquiryDay.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    notice = office.enter(way, actor, *office.OFFICE)
    inquiry = _open(way, InquiryKind.APPRAISAL, held_on)
    inquiry.participants = participants
    _record(way, inquiry, actor, held_on, finding)
    stages.note(way, Step.APPRAISED, notice, f"{participants} 人参加：{finding}")
    session.flush()


def _open(way: Way, kind: InquiryKind, held_on: date) -> CaseInquiry:
    """Return what was ordered and has no result yet. Raises CaseClosed, InquiryNotOrdered."""
    if way.case.status is not CaseStatus.ACCEPTED:
        raise CaseClosed
    found = way.session.scalars(
        select(CaseInquiry)
        .where(
            CaseInquiry.case_id == way.case.id,
            CaseInquiry.kind == kind,
            CaseInquiry.recorded_at.is_(None),
        )
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise InquiryNotOrdered
    if not local_date(found.ordered_at) <= held_on <= way.today:
        raise InquiryDay
    return found


def _record(way: Way, inquiry: CaseInquiry, actor: Actor, held_on: date, finding: str) -> None:
    inquiry.held_on, inquiry.finding = held_on, finding
    inquiry.recorded_by, inquiry.recorded_at = actor.id, way.now
