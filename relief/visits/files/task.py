"""Keeps an uploaded file of assignments, and loads it as a task of the queue."""

import dataclasses
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from relief.accounts import queries as accounts
from relief.accounts.identity import scope_of
from relief.accounts.models import Account
from relief.accounts.permissions import Permission, permissions_of
from relief.attachments import queries as attachments
from relief.attachments import service as stored_files
from relief.audit import service as audit
from relief.core.privacy.cipher import Cipher
from relief.registry.intake import folders, guard, reading
from relief.registry.intake.limits import DEFAULT_LIMITS, Limits
from relief.tasks import queries as tasks_read
from relief.tasks import service as tasks
from relief.tasks.errors import TaskNotFound, TaskRefused
from relief.tasks.models import Task
from relief.tasks.worker import TaskContext
from relief.visits.files.errors import HelperFileNotFound
from relief.visits.files.loading import FileReport, Rejected, assign

KIND = "helper-file"
PURPOSE = "helper-file"
_READER = "relief.visits.files.reading"
_NOT_ALLOWED = "您已没有安排帮扶责任人的权限，文件没有办理"
# Every row is answered in one transaction and told in the result. Such files
# come on any day and several at once, so their reader gets less than that of a department's file.
LIMITS = dataclasses.replace(
    DEFAULT_LIMITS,
    file_bytes=8 << 20,
    rows=5_000,
    columns=40,
    text_characters=10_000_000,
    unzipped_bytes=128 << 20,
    memory_bytes=1 << 30,
    cpu_seconds=60,
    wall_seconds=150,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HelperFile:
    """A file of assignments, as who sent it sees it."""

    id: uuid.UUID
    status: str
    message: str | None
    created_at: datetime
    received: int
    assigned: int
    rejected: int
    rows: Sequence[Rejected]


def receive(
    session: Session,
    stream: BinaryIO,
    *,
    file_name: str,
    actor_id: uuid.UUID,
    cipher: Cipher,
    storage: Path,
    now: datetime,
    limits: Limits = LIMITS,
) -> Task:
    """Keep an uploaded file and queue it; the same bytes that wait are the same task.

    Raises UnreadableFile, FileTooLarge.
    """
    guard.check_start(stream.read(guard.HEAD))
    stream.seek(0)
    stored = stored_files.store(
        session,
        stream,
        name=file_name,
        media_type="application/octet-stream",  # told by the content when it is read
        purpose=PURPOSE,
        actor_id=actor_id,
        cipher=cipher,
        storage=storage,
        now=now,
        limit=limits.file_bytes,
    )
    task = tasks.enqueue(
        session,
        kind=KIND,
        key=f"{actor_id}:{stored.sha256.hex()[:40]}",
        arguments={"file_id": str(stored.id)},
        actor_id=actor_id,
        now=now,
    )
    if task.arguments["file_id"] != str(stored.id):
        stored_files.discard(session, stored, storage=storage)
    return task


def get(session: Session, *, task_id: uuid.UUID, account_id: uuid.UUID) -> HelperFile:
    """Return one's own file, and what became of it. Raises HelperFileNotFound."""
    try:
        task = tasks_read.get(session, task_id=task_id, account_id=account_id)
    except TaskNotFound:
        raise HelperFileNotFound from None
    if task.kind != KIND:
        raise HelperFileNotFound
    result: dict[str, Any] = task.result or {}
    return HelperFile(
        id=task.id,
        status=task.status.value,
        message=task.message,
        created_at=task.created_at,
        received=result.get("received", 0),
        assigned=result.get("assigned", 0),
        rejected=result.get("rejected", 0),
        rows=[Rejected(**row) for row in result.get("rows", ())],
    )


def run(context: TaskContext) -> dict[str, Any]:
    """Handle a task of the kind `helper-file`: argument `file_id`.

    Who sent it is asked for anew, with the rights and the scope of now. The file, full of numbers
    and telephones that nobody needs again, goes with the answer. Raises TaskRefused.
    """
    try:
        return _load(context)
    except TaskRefused:
        with context.unit_of_work() as session:
            _discard(session, context)
        raise


def _load(context: TaskContext) -> dict[str, Any]:
    now, storage = context.clock(), context.config.storage_dir
    with folders.private(storage) as folder:
        path = folder / "original"
        with context.unit_of_work() as session:
            stored = attachments.get(session, uuid.UUID(context.arguments["file_id"]))
            with path.open("wb") as file:
                file.writelines(attachments.pieces(stored, cipher=context.cipher, storage=storage))
        context.progress(0, 2, "正在读取文件")
        job = {
            "path": str(path.resolve()),
            "folder": str(folder),
            "limits": dataclasses.asdict(LIMITS),
        }
        found = reading.run_child(_READER, job, folder=folder, limits=LIMITS)
    if "fault" in found:
        raise TaskRefused(found["message"])
    context.progress(1, 2, "正在安排帮扶责任人")
    with context.unit_of_work() as session:
        report = _assign(session, context, found, now)
        _discard(session, context)
        context.complete(session, report.as_json())
    return report.as_json()


def _discard(session: Session, context: TaskContext) -> None:
    stored = attachments.get(session, uuid.UUID(context.arguments["file_id"]))
    stored_files.discard(session, stored, storage=context.config.storage_dir)


def _assign(
    session: Session, context: TaskContext, found: dict[str, Any], now: datetime
) -> FileReport:
    account = session.get_one(Account, context.actor_id)
    roles = accounts.account_detail(session, account_id=account.id).roles
    if account.disabled_at or Permission.ASSIGN_HELPERS not in permissions_of(roles):
        raise TaskRefused(_NOT_ALLOWED)
    report = assign(
        session,
        context.cipher,
        found,
        scope=scope_of(session, account),
        actor_id=account.id,
        now=now,
    )
    audit.record(
        session,
        "helper_file:loaded",
        subject_type="helper_file",
        subject_id=uuid.UUID(context.arguments["file_id"]),
        actor_id=account.id,
        now=now,
        details={
            "received": report.received,
            "assigned": report.assigned,
            "rejected": report.rejected,
        },
    )
    return report
