"""The scheduler process. Run as many as you like: one leads, the others wait.

Leading is an advisory lock held by a direct connection for as long as it lives. It only saves
work: which window of a job is done, and by whom, is decided by the rows of `job_run`.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from relief.core.clock import CHINA, Clock, system_clock
from relief.jobs.catalog import JOBS
from relief.jobs.process import Pulse, unit_of_work_of
from relief.jobs.runner import Job, run_due

logger = logging.getLogger(__name__)

LEADER_LOCK = 0x52454C4945460001  # "RELIEF" and a number, as a signed 64-bit key
WATCH_SECONDS = 1.0
LONGEST_LOOK = 60.0  # how often a job is looked at that is due more rarely
JUMP_SECONDS = 2.0

# A leader whose network is gone must notice within seconds, and so must the database.
_DIRECT = {
    "connect_timeout": 3,
    "keepalives": 1,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 4000,
    "options": "-c statement_timeout=3000",
    "application_name": "relief-scheduler",
}


@dataclass(slots=True)
class ClockWatch:
    """Notices that the wall clock jumped, by comparing it with one that cannot."""

    clock: Clock
    monotonic: Callable[[], float] = time.monotonic
    _offset: float | None = field(default=None, init=False)

    def jumped(self) -> bool:
        """Tell whether the wall clock moved otherwise than time did since the last call."""
        offset = self.clock().timestamp() - self.monotonic()
        before, self._offset = self._offset, offset
        return before is not None and abs(offset - before) > JUMP_SECONDS


def serve(
    app: Flask,
    *,
    stop: threading.Event,
    pulse: Pulse,
    jobs: Sequence[Job] = JOBS,
    watch_seconds: float = WATCH_SECONDS,
) -> None:
    """Lead or wait to lead, until `stop` is set. A lost connection ends the lead, not us."""
    url = app.extensions["relief.config"].database_url
    engine = create_engine(
        url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=_DIRECT
    )
    while not stop.is_set():
        try:
            with engine.connect() as connection:
                _stand_by(connection, stop, pulse, watch_seconds)
                if not stop.is_set():
                    _lead(connection, stop, pulse, watch_seconds, _ticking(app, jobs))
        except SQLAlchemyError as error:
            pulse.beat(role="without-database")
            logger.warning("the lead is lost", extra={"kind": type(error).__name__})
            stop.wait(watch_seconds)
    engine.dispose()


def _stand_by(
    connection: Connection, stop: threading.Event, pulse: Pulse, watch_seconds: float
) -> None:
    """Return when this connection holds the leader's lock, or `stop` is set."""
    lock = text("SELECT pg_try_advisory_lock(:key)")
    while not connection.scalar(lock, {"key": LEADER_LOCK}):
        pulse.beat(role="standby")
        if stop.wait(watch_seconds):
            return


def _lead(
    connection: Connection,
    stop: threading.Event,
    pulse: Pulse,
    watch_seconds: float,
    ticking: AbstractContextManager[Callable[[], None]],
) -> None:
    logger.info("this process now leads the schedule")
    watch = ClockWatch(system_clock)
    with ticking as set_anew:
        while not stop.is_set():
            connection.execute(text("SELECT 1"))  # raises, and so ends the lead, if it is lost
            pulse.beat(role="leader")
            if watch.jumped():
                # Set back three hours, the ticker would sleep through them.
                logger.warning("the clock jumped; the ticker is set anew")
                set_anew()
            stop.wait(watch_seconds)


@contextmanager
def _ticking(app: Flask, jobs: Sequence[Job]) -> Iterator[Callable[[], None]]:
    """Look at every job now and again and again, until the block ends.

    Gives a function that does so afresh. The ticker holds no times of its own that matter:
    each look asks the database which window it is.
    """
    scheduler = BackgroundScheduler(
        timezone=CHINA,
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )

    def look(job: Job) -> None:
        try:
            run_due(job, unit_of_work=unit_of_work_of(app), clock=app.extensions["relief.clock"])
        except Exception:
            logger.exception("a job failed", extra={"job": job.name})

    def set_all() -> None:
        for job in jobs:
            seconds = min(job.schedule.period.total_seconds(), LONGEST_LOOK)
            scheduler.add_job(
                look,
                IntervalTrigger(seconds=seconds, timezone=CHINA),
                args=(job,),
                id=job.name,
                replace_existing=True,
                # The ticker lives by the machine's clock, whatever the application was given.
                next_run_time=system_clock(),
            )

    set_all()
    scheduler.start()
    try:
        yield set_all
    finally:
        scheduler.shutdown(wait=True)
