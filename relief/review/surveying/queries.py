"""Reading home surveys: of one case, and who was at the homes of some."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from relief.accounts.models import Account
from relief.review.models import CaseStage
from relief.review.surveying.models import CaseSurvey
from relief.schemes.queries import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyRow:
    """A home survey. `unsigned_why`, `witness`: None where the applicant signed."""

    held_on: date
    surveyors: Sequence[str]
    finding: str
    sheet_id: uuid.UUID
    unsigned_why: str | None
    witness: str | None
    recorded_at: datetime


def survey_of(session: Session, plan: Plan, *, case_id: uuid.UUID) -> SurveyRow | None:
    """Return the survey of the home of a case. One query, where the procedure asks for one."""
    if not any(one.investigators for one in plan.stages):
        return None
    other = aliased(Account)
    row = session.execute(
        select(CaseSurvey, Account.display_name, other.display_name)
        .join(Account, Account.id == CaseSurvey.recorded_by)
        .join(other, other.id == CaseSurvey.companion_id)
        .where(CaseSurvey.case_id == case_id)
    ).one_or_none()
    if row is None:
        return None
    survey, *names = row
    return SurveyRow(
        held_on=survey.held_on,
        surveyors=names,
        finding=survey.finding,
        sheet_id=survey.sheet_id,
        unsigned_why=survey.unsigned_why,
        witness=survey.witness,
        recorded_at=survey.recorded_at,
    )


def asked_of(plan: Plan, row: CaseStage) -> int:
    """Return how many investigators must have been at the home before a row of a stage may end.

    An opinion that is given anew follows from a survey of its own (`objecting`).
    """
    if row.turn > 1:
        return 0
    return next((one.investigators for one in plan.stages if one.code == row.code), 0)


def is_surveyed(session: Session, *, case_id: uuid.UUID) -> bool:
    """Tell whether the survey of a home is recorded. One query."""
    return bool(session.scalar(select(exists().where(CaseSurvey.case_id == case_id))))


def is_sheet(session: Session, *, enclosure_id: uuid.UUID) -> bool:
    """Tell whether something handed in with a case is the sheet of a survey. One query."""
    return bool(session.scalar(select(exists().where(CaseSurvey.sheet_id == enclosure_id))))
