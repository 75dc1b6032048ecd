"""Runs one window of one job to its end, whoever asks for it and however often."""

import logging
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from relief.core.clock import Clock
from relief.core.ids import new_id
from relief.jobs.models import JobRun
from relief.jobs.schedules import Schedule

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=15)
RETRY = timedelta(minutes=5)  # after a failure

UnitOfWork = Callable[[], AbstractContextManager[Session]]


class LeaseLost(Exception):
    """Another runner took the slot over; this one's work is rolled back."""


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work that the scheduler repeats: `work(session, now=…)`."""

    name: str
    schedule: Schedule
    work: Callable[..., object]


def run_due(job: Job, *, unit_of_work: UnitOfWork, clock: Clock) -> bool:
    """Do the job's present window, by the database's clock; False if that is done or in hand."""
    with unit_of_work() as session:
        moment = database_time(session)
    return run_slot(job, slot=job.schedule.window(moment), unit_of_work=unit_of_work, clock=clock)


def run_slot(job: Job, *, slot: datetime, unit_of_work: UnitOfWork, clock: Clock) -> bool:
    """Do the job's work for `slot`; return False if it is done or someone is at it.

    The claim is a lease: a runner that dies leaves the slot to be taken again. The work and
    `finished_at` commit together, under the token of the claim, so a slot has its effect
    exactly once. Work that fails is tried again later. Raises LeaseLost.
    """
    with unit_of_work() as session:
        token = _claim(session, job.name, slot, clock())
    if token is None:
        return False
    logger.info("job begun", extra={"job": job.name, "slot": slot.isoformat()})
    try:
        with unit_of_work() as session:
            now = clock()
            result = job.work(session, now=now)
            _change(session, job, slot, token, finished_at=now, result=str(result)[:200])
    except LeaseLost:
        raise
    except Exception:
        with unit_of_work() as session:
            retry_at = func.clock_timestamp() + RETRY
            _change(session, job, slot, token, leased_until=retry_at, result="failed")
        raise
    logger.info(
        "job finished", extra={"job": job.name, "slot": slot.isoformat(), "result": str(result)}
    )
    return True


def database_time(session: Session) -> datetime:
    """Return the present moment as the database sees it."""
    moment: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return moment


def _claim(session: Session, name: str, slot: datetime, now: datetime) -> uuid.UUID | None:
    lease = {"token": new_id(now), "leased_until": func.clock_timestamp() + LEASE}
    return session.scalar(
        insert(JobRun)
        .values(job_name=name, slot=slot, **lease)
        .on_conflict_do_update(
            index_elements=[JobRun.job_name, JobRun.slot],
            set_=lease,
            where=JobRun.finished_at.is_(None) & (JobRun.leased_until < func.clock_timestamp()),
        )
        .returning(JobRun.token)
    )


def _change(session: Session, job: Job, slot: datetime, token: uuid.UUID, **values: object) -> None:
    changed = session.scalar(
        update(JobRun)
        .where(JobRun.job_name == job.name, JobRun.slot == slot, JobRun.token == token)
        .values(**values)
        .returning(JobRun.slot)
    )
    if changed is None:
        raise LeaseLost
