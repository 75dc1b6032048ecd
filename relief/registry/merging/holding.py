"""Holds rolls that would take too many people off, until a steward has decided.

A truncated file must not end a thousand enrolments, and a row that could not be read is not
someone who has left. A held batch is not live: the merge works the registry out without it.
"""

from collections.abc import Iterator, Sequence
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


def too_much(session: Session, bench: Workbench, *, now: datetime) -> Sequence[leaving.Verdict]:
    """Return the rolls among what was worked out that may not have their effect unasked."""
    on = local_date(now)
    limits = leaving.Limits(
        share=schemes.parameter(session, SHARE, on=on),
        unread=int(schemes.parameter(session, UNREAD, on=on)),
    )
    return [verdict for verdict in leaving.judge(bench) if verdict.is_too_much(limits)]


def hold(
    session: Session, verdicts: Sequence[leaving.Verdict], *, now: datetime
) -> Iterator[dict[str, Any]]:
    """Let these rolls wait for a steward; yield which, but for those taken back meanwhile."""
    for verdict in verdicts:
        if (held := _hold(session, verdict, now=now)) is not None:
            yield held


def _hold(session: Session, verdict: leaving.Verdict, *, now: datetime) -> dict[str, Any] | None:
    """Let one batch wait; None if it was taken back meanwhile."""
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
