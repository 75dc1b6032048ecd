"""One's own exports: what was asked for, how far it is, and what became of it."""

import enum
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from relief.attachments.models import StoredFile
from relief.core.paging import Page, newest_first
from relief.registry.exports.errors import ExportNotFound
from relief.registry.models import Export
from relief.registry.types import ExportForm
from relief.tasks.models import Task


class ExportStatus(enum.StrEnum):
    """Where an export stands: until it is made, where its task stands."""

    WAITING = "waiting"
    RUNNING = "running"
    FAILED = "failed"
    READY = "ready"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRow:
    """One export. `told`: region, scheme, category, and `by` which fields was searched."""

    id: uuid.UUID
    form: ExportForm
    purpose: str
    remark: str | None
    told: Mapping[str, Any]
    status: ExportStatus
    done_steps: int
    total_steps: int
    message: str | None
    most: int
    row_count: int | None
    size: int | None
    asked_at: datetime
    made_at: datetime | None
    expires_at: datetime | None
    fetched_at: datetime | None


def list_exports(
    session: Session,
    *,
    account_id: uuid.UUID,
    now: datetime,
    limit: int,
    cursor: str | None = None,
) -> Page[ExportRow]:
    """Return one page of an account's exports, newest first. One query."""
    return newest_first(
        session,
        _own(account_id),
        Export.id,
        limit=limit,
        cursor=cursor,
        make=lambda export, task, size: _row(export, task, size, now),
    )


def get_export(
    session: Session, *, export_id: uuid.UUID, account_id: uuid.UUID, now: datetime
) -> ExportRow:
    """Return one export of an account. Raises ExportNotFound."""
    row = session.execute(_own(account_id).where(Export.id == export_id)).one_or_none()
    if row is None:
        raise ExportNotFound
    return _row(*row, now)


def _own(account_id: uuid.UUID) -> "Select[Export, Task, int | None]":
    return (
        select(Export, Task, StoredFile.size)
        .join(Task, Task.id == Export.task_id)
        .outerjoin(StoredFile, StoredFile.id == Export.file_id)
        .where(Export.account_id == account_id)
    )


def _row(export: Export, task: Task, size: int | None, now: datetime) -> ExportRow:
    return ExportRow(
        id=export.id,
        form=export.form,
        purpose=export.purpose,
        remark=export.remark,
        told=export.told,
        status=_status(export, task, now),
        done_steps=task.done_steps,
        total_steps=task.total_steps,
        message=task.message,
        most=export.most,
        row_count=export.row_count,
        size=size,
        asked_at=export.asked_at,
        made_at=export.made_at,
        expires_at=export.expires_at,
        fetched_at=export.fetched_at,
    )


def _status(export: Export, task: Task, now: datetime) -> ExportStatus:
    if export.expires_at is None:
        return ExportStatus(task.status.value)
    kept = export.file_id is not None and export.expires_at > now
    return ExportStatus.READY if kept else ExportStatus.EXPIRED
