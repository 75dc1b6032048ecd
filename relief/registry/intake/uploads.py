"""Keeps uploaded files until the worker imports them."""

import uuid
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.orm import Session

from relief.attachments import service as attachments
from relief.core.privacy.cipher import Cipher
from relief.registry.intake import places, service
from relief.registry.intake.limits import DEFAULT_LIMITS, Limits
from relief.tasks import service as tasks
from relief.tasks.models import Task

TASK_KIND = "import"


def receive_upload(
    session: Session,
    stream: BinaryIO,
    *,
    file_name: str,
    scheme_code: str | None,
    actor_id: uuid.UUID | None,
    cipher: Cipher,
    storage: Path,
    now: datetime,
    limits: Limits = DEFAULT_LIMITS,
    expected_rows: int | None = None,
    region_code: int | None = None,
) -> Task:
    """Keep an uploaded file and queue its import; the same bytes that wait are the same task.

    `region_code`: of which part of the city a roll is the whole roll. Raises UnknownScheme,
    UnknownRegion, FileTooLarge.
    """
    service.check_scheme(scheme_code)
    places.check(session, region_code)
    stored = attachments.store(
        session,
        stream,
        name=file_name,
        media_type="application/octet-stream",  # told by the content when it is read
        purpose=service.PURPOSE,
        actor_id=actor_id,
        cipher=cipher,
        storage=storage,
        now=now,
        limit=limits.file_bytes,
    )
    task = tasks.enqueue(
        session,
        kind=TASK_KIND,
        key=f"{scheme_code or '-'}:{region_code or '-'}:{stored.sha256.hex()[:48]}",
        arguments={
            "file_id": str(stored.id),
            "scheme": scheme_code,
            "rows": expected_rows,
            "region": region_code,
        },
        actor_id=actor_id,
        now=now,
    )
    if task.arguments["file_id"] != str(stored.id):
        attachments.discard(session, stored, storage=storage)
    return task
