"""Reading the queue: one's own tasks, and how long the queue is."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from relief.tasks.errors import TaskNotFound
from relief.tasks.models import OPEN, Task, TaskStatus


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """How much work waits, and for how long the oldest has been due."""

    waiting: int
    running: int
    oldest_due_seconds: float


def get(
    session: Session, *, task_id: uuid.UUID, account_id: uuid.UUID, sees_all: bool = False
) -> Task:
    """Return a task that this account asked for, or any with `sees_all`. Raises TaskNotFound."""
    task = session.get(Task, task_id)
    if task is None or not (sees_all or task.created_by == account_id):
        raise TaskNotFound
    return task


def recent_tasks(session: Session, *, account_id: uuid.UUID, limit: int = 20) -> Sequence[Task]:
    """Return the account's last tasks, open or ended, newest first."""
    return session.scalars(
        select(Task).where(Task.created_by == account_id).order_by(Task.id.desc()).limit(limit)
    ).all()


def is_open(session: Session, *, kind: str, key: str) -> bool:
    """Tell whether a task of this kind and key waits or runs."""
    return bool(
        session.scalar(
            select(select(Task.id).where(Task.kind == kind, Task.key == key, text(OPEN)).exists())
        )
    )


def depth(session: Session) -> QueueDepth:
    """Return how long the queue is; reads only open tasks."""
    waiting = Task.status == TaskStatus.WAITING
    oldest = func.min(Task.run_at).filter(waiting)
    row = session.execute(
        select(
            func.count().filter(waiting),
            func.count().filter(~waiting),
            func.coalesce(func.extract("epoch", func.clock_timestamp() - oldest), 0),
        ).where(text(OPEN))
    ).one()
    return QueueDepth(row[0], row[1], max(0.0, float(row[2])))


def failed_since(session: Session, *, kind: str, key: str, since: datetime) -> bool:
    """Tell whether a task of this kind and key has failed for good after `since`."""
    failed = select(Task.id).where(
        Task.kind == kind,
        Task.key == key,
        Task.status == TaskStatus.FAILED,
        Task.finished_at > since,
    )
    return bool(session.scalar(select(failed.exists())))
