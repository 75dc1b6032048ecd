"""Keeps uploaded files of registers until the worker loads them."""

import uuid
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.orm import Session

from relief.attachments import service as attachments
from relief.core.privacy.cipher import Cipher
from relief.registers.types import Register
from relief.registry.intake import guard
from relief.registry.intake.limits import DEFAULT_LIMITS, Limits
from relief.registry.intake.service import PURPOSE
from relief.tasks import service as tasks
from relief.tasks.models import Task

TASK_KIND = "register-file"


def receive_upload(
    session: Session,
    stream: BinaryIO,
    *,
    file_name: str,
    register: Register | None,
    actor_id: uuid.UUID | None,
    cipher: Cipher,
    storage: Path,
    now: datetime,
    expected_rows: int | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Task:
    """Keep an uploaded file and queue its load; the same bytes that wait are the same task.

    `register` None: told by the headings. What can be seen at once to be no table is not kept.
    Raises UnreadableFile, FileTooLarge.
    """
    guard.check_start(stream.read(guard.HEAD))
    stream.seek(0)
    stored = attachments.store(
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
        kind=TASK_KIND,
        key=f"{register or '-'}:{stored.sha256.hex()[:48]}",
        arguments={
            "file_id": str(stored.id),
            "register": register.value if register else None,
            "rows": expected_rows,
        },
        actor_id=actor_id,
        now=now,
    )
    if task.arguments["file_id"] != str(stored.id):
        attachments.discard(session, stored, storage=storage)
    return task
