"""What the jobs ask of the other rooms' tables, and how the jobs themselves fare."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relief.accounts.models import Account, AccountRole
from relief.accounts.types import Role
from relief.jobs.models import JobRun
from relief.jobs.runner import Job, database_time
from relief.registry.models import ImportBatch
from relief.registry.types import BatchStatus


@dataclass(frozen=True, slots=True)
class WaitingForMerge:
    """The batches whose loading or undoing the registry does not show yet."""

    batches: int
    uploaders: tuple[uuid.UUID, ...]


def waiting_for_merge(session: Session) -> WaitingForMerge:
    """Count the batches that came or were taken back since the last merge."""
    live = ImportBatch.status.in_((BatchStatus.LOADED, BatchStatus.MERGED))
    rows = session.execute(
        select(ImportBatch.created_by, func.count())
        .where(ImportBatch.shown != live)
        .group_by(ImportBatch.created_by)
    ).all()
    uploaders = sorted(account for account, _ in rows if account is not None)
    return WaitingForMerge(sum(count for _, count in rows), tuple(uploaders))


def holders_of(session: Session, roles: Collection[Role]) -> Sequence[uuid.UUID]:
    """Return the accounts in use that hold one of these roles."""
    return session.scalars(
        select(Account.id)
        .where(
            Account.disabled_at.is_(None),
            Account.id.in_(select(AccountRole.account_id).where(AccountRole.role.in_(roles))),
        )
        .order_by(Account.id)
    ).all()


def late_jobs(session: Session, jobs: Iterable[Job]) -> list[str]:
    """Return the jobs that have finished nothing for two of their periods."""
    known = {
        name: latest or first
        for name, latest, first in session.execute(
            select(
                JobRun.job_name,
                func.max(JobRun.slot).filter(JobRun.finished_at.is_not(None)),
                func.min(JobRun.slot),
            ).group_by(JobRun.job_name)
        )
    }
    moment = database_time(session)
    return [job.name for job in jobs if _is_late(job, known.get(job.name), moment)]


def _is_late(job: Job, last: datetime | None, moment: datetime) -> bool:
    schedule = job.schedule
    return last is not None and last < schedule.window(moment) - 2 * schedule.period
