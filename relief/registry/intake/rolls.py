"""What a steward decides about a roll that a merge held: let it have its effect, or not."""

import uuid
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from relief.audit import service as audit
from relief.core import locks
from relief.registry.intake.errors import BatchNotFound, BatchNotHeld
from relief.registry.models import ImportBatch
from relief.registry.types import BatchStatus


def confirm(
    session: Session, *, batch_id: uuid.UUID, actor_id: uuid.UUID | None, now: datetime
) -> None:
    """Let a held roll have its effect with the next merge. Raises BatchNotFound, BatchNotHeld.

    The merge, which the caller queues, does not ask again.
    """
    _decide(session, batch_id, BatchStatus.LOADED, "confirmed", actor_id=actor_id, now=now)


def refuse(
    session: Session, *, batch_id: uuid.UUID, actor_id: uuid.UUID | None, now: datetime
) -> None:
    """Let a held roll have no effect, ever. Raises BatchNotFound, BatchNotHeld.

    It had none while it was held, so no merge need follow. The same file may be sent again.
    """
    _decide(session, batch_id, BatchStatus.REFUSED, "refused", actor_id=actor_id, now=now)


def _decide(
    session: Session,
    batch_id: uuid.UUID,
    status: BatchStatus,
    verb: str,
    *,
    actor_id: uuid.UUID | None,
    now: datetime,
) -> None:
    batch = session.get(ImportBatch, batch_id)
    if batch is None:
        raise BatchNotFound(batch_id=str(batch_id))
    locks.hold(session, f"import {batch.scheme_code}")
    decided = session.scalar(
        update(ImportBatch)
        .where(ImportBatch.id == batch_id, ImportBatch.status == BatchStatus.HELD)
        .values(status=status, decided_at=now, decided_by=actor_id)
        .returning(ImportBatch.id)
    )
    if decided is None:
        raise BatchNotHeld(batch_id=str(batch_id))
    audit.record(
        session,
        f"import_batch:{verb}",
        subject_type="import_batch",
        subject_id=batch_id,
        actor_id=actor_id,
        now=now,
        details={"scheme": batch.scheme_code, **(batch.held or {})},
    )
