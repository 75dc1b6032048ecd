"""Deletes what is kept for a while only."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from relief.attachments.strays import remove_strays
from relief.jobs.models import JobRun
from relief.registry.exports import service as exports
from relief.registry.intake import folders
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


def remove_expired_exports(session: Session, *, now: datetime) -> int:
    """Delete the files that were taken from lists and may not be fetched any more."""
    settings = config()
    return exports.remove_expired(
        session, storage=settings.storage_dir, rules=settings.exports, now=now
    )


def remove_leftovers(session: Session, *, now: datetime) -> int:
    """Remove what killed processes left in the storage folder.

    Plain text at once; a content that no row names when it is a day old. Returns how many of these.
    """
    storage = config().storage_dir
    with folders.private(storage):
        pass  # whoever enters sweeps first
    return remove_strays(session, storage=storage, now=now)


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
