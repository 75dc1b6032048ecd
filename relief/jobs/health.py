"""What the worker and the scheduler tell of themselves on their health pages."""

from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from relief.audit.state import seal_lag
from relief.jobs.catalog import JOBS
from relief.jobs.process import Pulse
from relief.jobs.queries import late_jobs
from relief.jobs.runner import database_time
from relief.notifications import queries as notifications
from relief.tasks import queries as tasks


def worker_facts(session: Session, pulse: Pulse) -> dict[str, Any]:
    """Return whether the worker's loop turns, and how much waits in queue and outbox."""
    return {
        **pulse.facts(),
        "queue": asdict(tasks.depth(session)),
        "outbox": asdict(notifications.depth(session)),
    }


def scheduler_facts(session: Session, pulse: Pulse) -> dict[str, Any]:
    """Return whether the scheduler's loop turns, its role, late jobs, and how far seals lag."""
    return {
        **pulse.facts(),
        "late_jobs": late_jobs(session, JOBS),
        "audit_seals": seal_lag(session, now=database_time(session)),
    }
