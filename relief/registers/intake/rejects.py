"""Gives back the rows of a register's file that were not loaded, to be mended by its office."""

import uuid
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.attachments import queries as attachments
from relief.audit import service as audit
from relief.core.privacy.cipher import Cipher
from relief.registers.intake.errors import NothingRejectedOfRegister, RegisterBatchNotFound
from relief.registers.models import RegisterBatch, RegisterRejectedRow
from relief.registry.intake.limits import DEFAULT_LIMITS, Limits
from relief.registry.intake.rejects import RejectedFile, file_of

_EXTRACTOR = "relief.registers.intake.extract"


def take(
    session: Session,
    batch_id: uuid.UUID,
    *,
    actor_id: uuid.UUID | None,
    cipher: Cipher,
    storage: Path,
    now: datetime,
    limits: Limits = DEFAULT_LIMITS,
) -> RejectedFile:
    """Return a batch's rejected rows with a last column that says why, and record who took them.

    They hold personal data; nothing that was loaded is among them. Raises RegisterBatchNotFound,
    NothingRejectedOfRegister, UnreadableFile.
    """
    batch = session.get(RegisterBatch, batch_id)
    if batch is None:
        raise RegisterBatchNotFound(batch_id=str(batch_id))
    rows = session.execute(
        select(RegisterRejectedRow.row_number, RegisterRejectedRow.reason)
        .where(RegisterRejectedRow.batch_id == batch_id)
        .order_by(RegisterRejectedRow.row_number)
    ).all()
    if not rows or batch.file_id is None:
        raise NothingRejectedOfRegister(batch_id=str(batch_id))
    found = file_of(
        attachments.get(session, batch.file_id),
        [(row.row_number, row.reason) for row in rows],
        {"register": batch.register.value},
        file_name=batch.file_name,
        extractor=_EXTRACTOR,
        cipher=cipher,
        storage=storage,
        limits=limits,
    )
    audit.record(
        session, "register_batch:rejected_rows_taken", subject_type="register_batch",
        subject_id=batch_id, actor_id=actor_id, now=now,
        details={"register": batch.register.value, "rows": len(rows)},
    )  # fmt: skip
    return found
