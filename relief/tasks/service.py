"""Putting work into the queue, and what a worker tells about it.

Leases and due times go by the database's clock, so that workers on machines whose clocks
differ agree. Whoever claims a task gets a token; every later change names it, and a worker
whose lease ended and was given to another changes nothing.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from relief.audit import service as audit
from relief.core.ids import new_id
from relief.tasks.errors import LeaseLost
from relief.tasks.models import OPEN, Task, TaskStatus

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 3
BACKOFF = (timedelta(seconds=10), timedelta(minutes=1))  # before the second and third attempt

_NOBODYS: dict[str, Any] = {"token": None, "leased_until": None}

DONE_MESSAGE = "已完成"
INTERRUPTED = "处理过程多次中断，已停止重试，请联系系统管理员"


def enqueue(
    session: Session,
    *,
    kind: str,
    key: str,
    arguments: dict[str, Any],
    actor_id: uuid.UUID | None,
    now: datetime,
    run_at: datetime | None = None,
) -> Task:
    """Queue one piece of work, to begin when the caller's transaction has committed.

    While a task with this kind and key is open, that one is returned and nothing is added.
    `run_at` None: as soon as a worker is free. `arguments` hold ids, never personal data.
    """
    while True:
        added = session.scalars(
            insert(Task)
            .values(
                id=new_id(now),
                kind=kind,
                key=key,
                arguments=arguments,
                status=TaskStatus.WAITING,
                run_at=run_at or func.clock_timestamp(),
                attempts=0,
                done_steps=0,
                total_steps=0,
                created_at=now,
                created_by=actor_id,
            )
            .on_conflict_do_nothing(index_elements=[Task.kind, Task.key], index_where=text(OPEN))
            .returning(Task)
        ).one_or_none()
        if added is not None:
            _audit(session, "task:queued", added, actor_id=actor_id, now=now)
            return added
        open_task = session.scalar(
            select(Task).where(Task.kind == kind, Task.key == key, text(OPEN))
        )
        if open_task is not None:
            return open_task
        # It ended between the two statements: then ours is not a double.


def claim(
    session: Session, *, kinds: Collection[str], now: datetime, lease: timedelta = LEASE
) -> Task | None:
    """Take the task that is due longest, or one whose worker died; None if there is none."""
    clock = func.clock_timestamp()
    due = (
        select(Task.id)
        .where(
            Task.kind.in_(kinds),
            text(OPEN),
            or_(and_(Task.status == TaskStatus.WAITING, Task.run_at <= clock), _abandoned()),
            Task.attempts < MAX_ATTEMPTS,
        )
        .order_by(Task.run_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    return session.scalars(
        update(Task)
        .where(Task.id == due)
        .values(
            status=TaskStatus.RUNNING,
            attempts=Task.attempts + 1,
            token=new_id(now),
            leased_until=clock + lease,
        )
        .returning(Task)
        .execution_options(populate_existing=True, synchronize_session=False)
    ).one_or_none()


def extend(
    session: Session, *, task_id: uuid.UUID, token: uuid.UUID, lease: timedelta = LEASE
) -> None:
    """Keep the task for one more lease. Raises LeaseLost."""
    _change(session, task_id, token, {"leased_until": func.clock_timestamp() + lease})


def progress(
    session: Session,
    *,
    task_id: uuid.UUID,
    token: uuid.UUID,
    done: int,
    total: int,
    message: str,
    lease: timedelta = LEASE,
) -> None:
    """Tell how far the work is, and keep the task for one more lease. Raises LeaseLost."""
    _change(
        session,
        task_id,
        token,
        {
            "done_steps": done,
            "total_steps": total,
            "message": message[:200],
            "leased_until": func.clock_timestamp() + lease,
        },
    )


def fence(session: Session, *, task_id: uuid.UUID, token: uuid.UUID) -> None:
    """Hold the claim until this transaction ends. Raises LeaseLost.

    The last statement of a transaction that works for a task: work of a worker that was
    taken for dead is then never committed beside its successor's.
    """
    held = session.scalar(
        select(Task.id).where(*_claimed(task_id, token)).with_for_update(key_share=True)
    )
    if held is None:
        raise LeaseLost


def finish(
    session: Session,
    *,
    task_id: uuid.UUID,
    token: uuid.UUID,
    result: dict[str, Any],
    now: datetime,
) -> Task:
    """Store the result and close the task. Raises LeaseLost."""
    task = _change(
        session,
        task_id,
        token,
        {
            "status": TaskStatus.DONE,
            "result": result,
            "message": DONE_MESSAGE,
            "done_steps": Task.total_steps,
            "finished_at": now,
            **_NOBODYS,
        },
    )
    _audit(session, "task:done", task, actor_id=None, now=now)
    return task


def fail(
    session: Session,
    *,
    task_id: uuid.UUID,
    token: uuid.UUID,
    message: str,
    retry: bool,
    now: datetime,
) -> Task:
    """Close the task as failed, or put it back for another attempt. Raises LeaseLost.

    `message` is for the person who waits: Chinese, and without personal data. With `retry`
    the task waits its backoff until it has been tried MAX_ATTEMPTS times.
    """
    task = session.get(Task, task_id, populate_existing=True)
    if task is not None and retry and task.attempts < MAX_ATTEMPTS:
        return _change(
            session,
            task_id,
            token,
            {
                "status": TaskStatus.WAITING,
                "message": message[:200],
                "run_at": func.clock_timestamp() + BACKOFF[task.attempts - 1],
                **_NOBODYS,
            },
        )
    task = _change(
        session,
        task_id,
        token,
        {
            "status": TaskStatus.FAILED,
            "message": message[:200],
            "finished_at": now,
            **_NOBODYS,
        },
    )
    _audit(session, "task:failed", task, actor_id=None, now=now)
    return task


def release(session: Session, *, task_id: uuid.UUID, token: uuid.UUID) -> Task:
    """Give the task back unharmed, for the next worker to take at once. Raises LeaseLost."""
    return _change(
        session,
        task_id,
        token,
        {
            "status": TaskStatus.WAITING,
            "attempts": Task.attempts - 1,
            "run_at": func.clock_timestamp(),
            **_NOBODYS,
        },
    )


def give_up_abandoned(session: Session, *, now: datetime) -> Sequence[Task]:
    """Close as failed the tasks whose last permitted worker died too, and return them.

    A task that brings its worker down would otherwise be taken again for ever.
    """
    hopeless = (
        select(Task.id)
        .where(text(OPEN), _abandoned(), Task.attempts >= MAX_ATTEMPTS)
        .with_for_update(skip_locked=True)
    )
    ended = session.scalars(
        update(Task)
        .where(Task.id.in_(hopeless))
        .values(
            status=TaskStatus.FAILED,
            message=INTERRUPTED,
            finished_at=now,
            **_NOBODYS,
        )
        .returning(Task)
        .execution_options(populate_existing=True, synchronize_session=False)
    ).all()
    for task in ended:
        _audit(session, "task:failed", task, actor_id=None, now=now)
    return ended


def _abandoned() -> ColumnElement[bool]:
    return and_(Task.status == TaskStatus.RUNNING, Task.leased_until < func.clock_timestamp())


def _claimed(task_id: uuid.UUID, token: uuid.UUID) -> tuple[ColumnElement[bool], ...]:
    return Task.id == task_id, Task.token == token, Task.status == TaskStatus.RUNNING


def _change(session: Session, task_id: uuid.UUID, token: uuid.UUID, values: dict[str, Any]) -> Task:
    changed = session.scalars(
        update(Task)
        .where(*_claimed(task_id, token))
        .values(values)
        .returning(Task)
        .execution_options(populate_existing=True, synchronize_session=False)
    ).one_or_none()
    if changed is None:
        raise LeaseLost
    return changed


def _audit(
    session: Session, action: str, task: Task, *, actor_id: uuid.UUID | None, now: datetime
) -> None:
    audit.record(
        session,
        action,
        subject_type="task",
        subject_id=task.id,
        actor_id=actor_id,
        now=now,
        details={"kind": task.kind, "key": task.key, "attempts": task.attempts},
    )
