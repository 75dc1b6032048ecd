"""Reading objections: for the page of a case, the list of work, and what waits for an answer."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, CompoundSelect, ScalarSelect, exists, func, select, union_all
from sqlalchemy.orm import Session, aliased

from relief.accounts.models import Account
from relief.accounts.types import Role
from relief.review import staff
from relief.review.models import Case
from relief.review.objecting.errors import ObjectionUnanswered
from relief.review.objecting.models import CaseInquiry, CaseObjection
from relief.review.objecting.types import Channel, InquiryKind, Told
from relief.review.surveying.models import CaseSurvey
from relief.schemes import queries as schemes

NOTICE_AGAIN = "notice_again_after_objection"
INVESTIGATORS = (Role.CLERK, Role.REVIEWER)
_SHOWN_BEFORE = "公示期异议处理后重新提出的初审意见，不再公示（民发〔2021〕57号第十九条）"
_OPEN = CaseObjection.in_time & CaseObjection.answered_at.is_(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionRow:
    """An objection as the page of its case shows it. `named`: who objected left name or phone."""

    id: uuid.UUID
    in_time: bool
    received_on: date
    channel: Channel
    words: str
    named: bool
    recorded_by: str
    recorded_at: datetime
    upheld: bool | None
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None
    told_how: Told | None
    told_note: str | None
    told_by: str | None
    told_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryRow:
    """A survey anew or an appraisal. `recorded_by`: of a survey, one of the two investigators."""

    kind: InquiryKind
    reason: str
    ordered_by: str
    ordered_at: datetime
    held_on: date | None
    finding: str | None
    recorded_by: str | None
    companion: str | None
    signature: str | None
    participants: int | None
    recorded_at: datetime | None


@dataclass(frozen=True, slots=True)
class Objected:
    """Of some cases: which have an unanswered objection; who surveyed anew or answered, by case."""

    unanswered: Collection[uuid.UUID]
    eyes: Mapping[uuid.UUID, Collection[uuid.UUID]]


def objections_of(session: Session, *, case_id: uuid.UUID) -> Sequence[ObjectionRow]:
    """Return the objections to a case, the oldest first. One query."""
    answering, telling = aliased(Account), aliased(Account)
    rows = session.execute(
        select(CaseObjection, Account.display_name, answering.display_name, telling.display_name)
        .join(Account, Account.id == CaseObjection.recorded_by)
        .outerjoin(answering, answering.id == CaseObjection.answered_by)
        .outerjoin(telling, telling.id == CaseObjection.told_by)
        .where(CaseObjection.case_id == case_id)
        .order_by(CaseObjection.recorded_at, CaseObjection.id)
    )
    return [
        ObjectionRow(
            id=row.id,
            in_time=row.in_time,
            received_on=row.received_on,
            channel=row.channel,
            words=row.words,
            named=row.objector is not None,
            recorded_by=recorded_by,
            recorded_at=row.recorded_at,
            upheld=row.upheld,
            answer=row.answer,
            answered_by=answered_by,
            answered_at=row.answered_at,
            told_how=row.told_how,
            told_note=row.told_note,
            told_by=told_by,
            told_at=row.told_at,
        )
        for row, recorded_by, answered_by, told_by in rows
    ]


def inquiries_of(session: Session, *, case_id: uuid.UUID) -> Sequence[InquiryRow]:
    """Return what was done to find out, the oldest first. One query."""
    one, other = aliased(Account), aliased(Account)
    rows = session.execute(
        select(CaseInquiry, Account.display_name, one.display_name, other.display_name)
        .join(Account, Account.id == CaseInquiry.ordered_by)
        .outerjoin(one, one.id == CaseInquiry.recorded_by)
        .outerjoin(other, other.id == CaseInquiry.companion_id)
        .where(CaseInquiry.case_id == case_id)
        .order_by(CaseInquiry.ordered_at, CaseInquiry.id)
    )
    return [
        InquiryRow(
            kind=row.kind,
            reason=row.reason,
            ordered_by=ordered_by,
            ordered_at=row.ordered_at,
            held_on=row.held_on,
            finding=row.finding,
            recorded_by=recorded_by,
            companion=companion,
            signature=row.signature,
            participants=row.participants,
            recorded_at=row.recorded_at,
        )
        for row, ordered_by, recorded_by, companion in rows
    ]


def unanswered() -> ScalarSelect[int]:
    """Return how many objections to `aid_case` in time wait for an answer, as a column."""
    return (
        select(func.count())
        .select_from(CaseObjection)
        .where(CaseObjection.case_id == Case.id, _OPEN)
        .scalar_subquery()
    )


def is_unanswered() -> ColumnElement[bool]:
    """Return the condition on `aid_case` that an objection in time waits for an answer."""
    return exists().where(CaseObjection.case_id == Case.id, _OPEN)


def refuse_unanswered(session: Session, *, case_id: uuid.UUID) -> None:
    """Raise ObjectionUnanswered while an objection in time to a case waits for an answer."""
    waiting = select(CaseObjection.id).where(CaseObjection.case_id == case_id, _OPEN)
    if session.scalar(select(exists(waiting))):
        raise ObjectionUnanswered


def not_again(session: Session, *, case_id: uuid.UUID, on: date) -> str | None:
    """Return why an opinion that was given anew is not shown again, if an objection led to it."""
    upheld = select(CaseObjection.id).where(
        CaseObjection.case_id == case_id, CaseObjection.upheld.is_(True)
    )
    if not session.scalar(select(exists(upheld))):
        return None
    return None if schemes.parameter(session, NOTICE_AGAIN, on=on) else _SHOWN_BEFORE


def companions(session: Session, *, case_id: uuid.UUID) -> set[uuid.UUID]:
    """Return who surveyed the home of a case, at first and anew. One query."""
    return {one for row in session.execute(_at_homes([case_id])) for one in (row[1], row[2])}


def objected(session: Session, ids: Collection[uuid.UUID]) -> Objected:
    """Return how some cases stand with objections. Two queries, however many cases there are."""
    waiting: set[uuid.UUID] = set()
    eyes: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for row in session.execute(
        select(CaseObjection.case_id, CaseObjection.answered_by).where(
            CaseObjection.case_id.in_(ids), CaseObjection.in_time
        )
    ):
        if row.answered_by is None:
            waiting.add(row.case_id)
        else:
            eyes[row.case_id].add(row.answered_by)
    for at_home in session.execute(_at_homes(ids)):
        eyes[at_home[0]].update((at_home[1], at_home[2]))
    return Objected(waiting, eyes)


def _at_homes(
    ids: Collection[uuid.UUID],
) -> CompoundSelect[uuid.UUID, uuid.UUID, uuid.UUID]:
    """Return the query of case and two investigators: of surveys, also anew."""
    return union_all(
        select(CaseSurvey.case_id, CaseSurvey.recorded_by, CaseSurvey.companion_id).where(
            CaseSurvey.case_id.in_(ids)
        ),
        select(CaseInquiry.case_id, CaseInquiry.recorded_by, CaseInquiry.companion_id).where(
            CaseInquiry.case_id.in_(ids),
            CaseInquiry.kind == InquiryKind.RESURVEY,
            CaseInquiry.recorded_at.is_not(None),
        ),
    )


def investigators(
    session: Session, *, department_code: str, region_code: int
) -> Sequence[tuple[uuid.UUID, str]]:
    """Return who in use of a department may survey a home of a place, by name. One query.

    Its clerks and reviewers; nobody who approves, whatever else they are.
    """
    return staff.of_place(
        session,
        department_code=department_code,
        region_code=region_code,
        roles=INVESTIGATORS,
        without=(Role.APPROVER,),
    )
