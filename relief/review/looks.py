"""Opening a case: who looked at whom is written down, as it is for a household."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.core.clock import local_date
from relief.registry import disclosure
from relief.review import queries
from relief.review.rows import CaseDetail


def view_case(session: Session, *, viewer: Actor, case_id: uuid.UUID, now: datetime) -> CaseDetail:
    """Return a case for a page, and record the look. Raises CaseNotFound."""
    detail = queries.case_detail(session, scope=viewer.scope, case_id=case_id, on=local_date(now))
    disclosure.record_look(
        session,
        "case",
        case_id,
        viewer,
        {"persons": [str(detail.person_id)]},
        people=[detail.person_id],
        region_code=detail.case.region_code,
        now=now,
    )
    return detail
