"""When an agent may sign that the applicant is checked: only if the mandate says so."""

import uuid
from collections.abc import Collection
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.review.mandates.errors import OthersAuthorisation
from relief.review.mandates.models import CaseMandate
from relief.review.mandates.types import MandateAct
from relief.review.models import Case


def refuse(
    session: Session, case: Case, *, people: Collection[uuid.UUID], days: Collection[date]
) -> None:
    """Refuse what an agent signed for others than the applicant, or without a mandate for it.

    `people`, `days`: for whom an agent signed, and when. One query. Raises OthersAuthorisation.
    """
    if not people:
        return
    rows = session.scalars(
        select(CaseMandate).where(
            CaseMandate.case_id == case.id,
            CaseMandate.revoked_at.is_(None),
            CaseMandate.acts.contains([MandateAct.AUTHORISE.value]),
        )
    ).all()
    covered = all(any(row.days.contains(day) for row in rows) for day in days)
    if set(people) != {case.person_id} or not covered:
        raise OthersAuthorisation
