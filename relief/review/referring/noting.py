"""Writing down what happened to a referral: in its own history, and in the trail."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from relief.audit import service as audit
from relief.review.referring.models import Referral, ReferralEvent
from relief.review.referring.types import ReferralStep


def note(
    session: Session,
    row: Referral,
    step: ReferralStep,
    *,
    actor_id: uuid.UUID,
    now: datetime,
    text: str | None = None,
) -> None:
    """Add to the history of a referral, and to the trail without a word of the person."""
    row.steps += 1
    session.add(
        ReferralEvent(
            referral_id=row.id,
            number=row.steps,
            at=now,
            actor_id=actor_id,
            step=step,
            region_code=row.region_code,
            note=text,
        )
    )
    audit.record(
        session,
        f"referral:{step.value}",
        subject_type="referral",
        subject_id=row.id,
        actor_id=actor_id,
        now=now,
        details={
            "scheme": row.scheme_code,
            **({"case": str(row.case_id)} if row.case_id else {}),
        },
        region_code=row.region_code,
    )
