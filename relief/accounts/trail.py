"""Writes what was done to an account into the audit trail."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from relief.audit import service as audit


def record(
    session: Session,
    action: str,
    account_id: uuid.UUID,
    actor_id: uuid.UUID | None,
    now: datetime,
    **details: object,
) -> None:
    """Add one event about an account; `details` as `relief.audit.service.record` takes them."""
    audit.record(
        session,
        action,
        subject_type="account",
        subject_id=account_id,
        actor_id=actor_id,
        now=now,
        details=details,
    )
