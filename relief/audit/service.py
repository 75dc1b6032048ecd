"""Writing the audit trail, in the same transaction as the change it records."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relief.audit.models import AuditEvent
from relief.core import logs
from relief.core.ids import new_id

# The subject of an event that concerns no stored record, such as a sign-in by an unknown name.
NOBODY = uuid.UUID(int=0)


def record(
    session: Session,
    action: str,
    *,
    subject_type: str,
    subject_id: uuid.UUID,
    actor_id: uuid.UUID | None,
    now: datetime,
    details: Mapping[str, object] | None = None,
    region_code: int | None = None,
) -> None:
    """Add one event. `action` reads `subject:verb`, such as `import_batch:loaded`.

    `actor_id` None: the system itself. `details` hold no personal values, only which fields.
    `region_code`: of the household or person concerned; without one, only who reads the trail
    of the whole city reads the event.
    """
    session.add(
        AuditEvent(
            id=new_id(now),
            occurred_at=now,
            actor_id=actor_id,
            action=action,
            subject_type=subject_type,
            subject_id=subject_id,
            request_id=logs.request_id.get(),
            details=dict(details or {}),
            region_code=region_code,
        )
    )


def attribute(session: Session, *, actor_id: uuid.UUID | None, reason: str, now: datetime) -> None:
    """Tell the row-history trigger who changes rows in this transaction, why and when.

    Local to the transaction, so that a pooled connection never carries it over.
    """
    session.execute(
        select(
            func.set_config("relief.now", now.isoformat(), True),  # noqa: FBT003  # local
            func.set_config("relief.actor", str(actor_id or ""), True),  # noqa: FBT003  # local
            func.set_config("relief.reason", reason[:120], True),  # noqa: FBT003  # local
        )
    )
