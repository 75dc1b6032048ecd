"""Deletes what is kept for a while only."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from relief.jobs.models import JobRun
from relief.registry.quality import service as quality
from relief.web.context import config
from relief.web.models import IdempotencyRecord

KEEP_ANSWERS = timedelta(days=90)  # a phone that was offline for long repeats its requests
KEEP_RUNS = timedelta(days=30)


def purge_idempotency_records(session: Session, *, now: datetime) -> int:
    """Delete the stored answers to requests that nobody repeats any more."""
    return len(
        session.scalars(
            delete(IdempotencyRecord)
            .where(IdempotencyRecord.created_at < now - KEEP_ANSWERS)
            .returning(IdempotencyRecord.key)
        ).all()
    )


def purge_job_runs(session: Session, *, now: datetime) -> int:
    """Delete the record of slots long done."""
    return len(
        session.scalars(
            delete(JobRun)
            .where(JobRun.slot < now - KEEP_RUNS, JobRun.finished_at.is_not(None))
            .returning(JobRun.slot)
        ).all()
    )


def purge_fault_files(session: Session, *, now: datetime) -> int:
    """Remove the files of departments' faults that were kept for long enough."""
    return quality.purge(session, storage=config().storage_dir, now=now)
