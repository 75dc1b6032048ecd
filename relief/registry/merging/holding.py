"""Holds rolls that would take too many people off, until a steward has decided.

A truncated file must not end a thousand enrolments, and a row that could not be read is not
someone who has left. A held batch is not live: the merge works the registry out without it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from relief.audit import service as audit
from relief.core.clock import local_date
from relief.registry.merging import leaving
from relief.registry.merging.workbench import Workbench
from relief.registry.models import ImportBatch
from relief.registry.types import BatchStatus
from relief.schemes import queries as schemes

SHARE, UNREAD = "roll_removed_share_max", "roll_unread_rows_max"


def hold(session: Session, bench: Workbench, *, now: datetime) -> Sequence[dict[str, Any]]:
    """Hold the rolls that are too much, and return what they would have done."""
    on = local_date(now)
    limits = leaving.Limits(
        share=schemes.parameter(session, SHARE, on=on),
        unread=int(schemes.parameter(session, UNREAD, on=on)),
    )
    return [
        held
        for verdict in leaving.judge(bench)
        if verdict.is_too_much(limits) and (held := _hold(session, verdict, now=now))
    ]


def _hold(session: Session, verdict: leaving.Verdict, *, now: datetime) -> dict[str, Any] | None:
    """Let one batch wait; None if it was taken back or decided on meanwhile."""
    row = session.execute(
        update(ImportBatch)
        .where(
            ImportBatch.id == verdict.batch,
            ImportBatch.status == BatchStatus.LOADED,
            ImportBatch.decided_at.is_(None),
        )
        .values(status=BatchStatus.HELD, held=verdict.as_json())
        .returning(ImportBatch.file_name, ImportBatch.scheme_code)
    ).one_or_none()
    if row is None:
        return None
    audit.record(
        session,
        "import_batch:held",
        subject_type="import_batch",
        subject_id=verdict.batch,
        actor_id=None,
        now=now,
        details={"scheme": row.scheme_code, **verdict.as_json()},
    )
    return {"batch": str(verdict.batch), "file": row.file_name, **verdict.as_json()}
