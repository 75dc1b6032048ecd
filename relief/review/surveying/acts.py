"""Recording that a home was surveyed, and refusing an opinion before it was.

Done under the case's lock, in the caller's transaction, with a line in its timeline.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from relief.accounts import queries as accounts
from relief.accounts.identity import Actor
from relief.attachments.media.types import MediaKind
from relief.core.clock import local_date
from relief.review import stages, standing_in, turns
from relief.review.enclosures.models import CaseEnclosure
from relief.review.errors import CaseClosed, NotYours
from relief.review.kin import keeping, locks
from relief.review.models import CaseStage
from relief.review.objecting.queries import INVESTIGATORS, investigators
from relief.review.stages import Way
from relief.review.surveying import queries
from relief.review.surveying.errors import (
    NoSurveyDue,
    SurveyByTwo,
    SurveyDay,
    SurveyedBefore,
    SurveyMissing,
    SurveyUnsigned,
)
from relief.review.surveying.models import CaseSurvey
from relief.review.types import CaseStatus, StageStatus, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The sheet as it was signed. `enclosure_id`: its photo or scan, handed in with the case.

    Both investigators signed it. `unsigned_why`: why the applicant did not, which `witness`
    confirmed; both are None where they did.
    """

    enclosure_id: uuid.UUID
    unsigned_why: str | None = None
    witness: str | None = None


def record(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    companion_id: uuid.UUID,
    held_on: date,
    finding: str,
    sheet: Sheet,
    now: datetime,
) -> None:
    """Enter what the actor and another found at the home, with the sheet that was signed.

    Raises what `turns.enter` does, for the companion too; CaseClosed, NoSurveyDue, NotYours,
    SurveyedBefore, SurveyDay; SurveyByTwo unless both are clerks or reviewers of the stage's
    office there, of whom none approves; SurveyUnsigned.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    if way.case.status is not CaseStatus.ACCEPTED:
        raise CaseClosed
    row = _row(way, actor)
    _refuse_two(way, row, actor, companion_id)
    accepted_at = way.case.accepted_at
    if accepted_at is None or not local_date(accepted_at) <= held_on <= way.today:
        raise SurveyDay
    _refuse_unsigned(way, sheet)
    added = session.scalar(
        insert(CaseSurvey)
        .values(
            case_id=case_id,
            held_on=held_on,
            finding=finding,
            recorded_by=actor.id,
            companion_id=companion_id,
            sheet_id=sheet.enclosure_id,
            unsigned_why=sheet.unsigned_why,
            witness=sheet.witness,
            recorded_at=now,
        )
        .on_conflict_do_nothing()
        .returning(CaseSurvey.case_id)
    )
    if added is None:
        raise SurveyedBefore
    names = accounts.display_names(session, {companion_id})
    stages.note(way, Step.SURVEYED, row, f"与{names[companion_id]}入户：{finding}{_said(sheet)}")


def refuse_unsurveyed(way: Way, row: CaseStage) -> None:
    """Raise SurveyMissing for a stage that may not end before the home was surveyed."""
    asked = queries.asked_of(way.plan, row)
    if asked and not queries.is_surveyed(way.session, case_id=way.case.id):
        raise SurveyMissing


def _row(way: Way, actor: Actor) -> CaseStage:
    """Return the open stage that waits for the survey, for an investigator of its office."""
    due = [
        row
        for row in stages.rows_of(way)
        if row.status is StageStatus.OPEN and queries.asked_of(way.plan, row)
    ]
    if not due:
        raise NoSurveyDue
    held = [role for role in INVESTIGATORS if role in actor.roles] or [
        role for role in INVESTIGATORS if role in actor.roles_in_cases
    ]
    if actor.department_code != due[0].department_code or not held:
        raise NotYours
    standing_in.take(way, actor, held[0])
    return due[0]


def _refuse_two(way: Way, row: CaseStage, actor: Actor, companion_id: uuid.UUID) -> None:
    """Raise SurveyByTwo; KinOfCase, StoodBack or AgentHandles for the companion."""
    there = {
        one
        for one, _ in investigators(
            way.session,
            department_code=row.department_code,
            region_code=way.case.region_code,
        )
    }
    if actor.id == companion_id or not {actor.id, companion_id} <= there:
        raise SurveyByTwo
    with keeping.keeping(way):
        locks.refuse_companion(way.session, way.case, account_id=companion_id, on=way.today)


def _refuse_unsigned(way: Way, sheet: Sheet) -> None:
    """Raise SurveyUnsigned without a picture of the sheet, or why the applicant did not sign."""
    kind = way.session.scalar(
        select(CaseEnclosure.kind).where(
            CaseEnclosure.id == sheet.enclosure_id,
            CaseEnclosure.case_id == way.case.id,
            CaseEnclosure.removed_at.is_(None),
        )
    )
    if kind is None or kind is MediaKind.SOUND:
        raise SurveyUnsigned
    if (sheet.unsigned_why is None) != (sheet.witness is None):
        raise SurveyUnsigned


def _said(sheet: Sheet) -> str:
    if sheet.unsigned_why is None:
        return "（调查人员和申请人均已签字）"
    return f"（申请人未签字：{sheet.unsigned_why}；见证人{sheet.witness}签字）"
