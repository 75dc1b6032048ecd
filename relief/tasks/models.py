"""The durable queue of long work: leased by a worker, taken again if the worker dies."""

import enum
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base

# The condition of both partial indexes; a query repeats it to be answered by them.
OPEN = "status IN ('waiting', 'running')"


class TaskStatus(enum.StrEnum):
    """Where a task stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Task(Base):
    """One piece of long work (后台任务), with its progress."""

    __tablename__ = "task"
    __table_args__ = (
        Index(
            "ix_task_due",
            "run_at",
            postgresql_where=text(OPEN),
        ),
        # One open task of a kind and key: pressing a button twice queues once.
        Index(
            "uq_task_open",
            "kind",
            "key",
            unique=True,
            postgresql_where=text(OPEN),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(80))
    arguments: Mapped[dict[str, Any]] = mapped_column()
    status: Mapped[TaskStatus]
    run_at: Mapped[datetime]
    attempts: Mapped[int]
    token: Mapped[uuid.UUID | None] = mapped_column(comment="fences off a worker whose lease ended")
    leased_until: Mapped[datetime | None]
    done_steps: Mapped[int]
    total_steps: Mapped[int]
    message: Mapped[str | None] = mapped_column(String(200))
    result: Mapped[dict[str, Any] | None] = mapped_column()
    created_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID | None] = mapped_column(index=True)
    finished_at: Mapped[datetime | None]
