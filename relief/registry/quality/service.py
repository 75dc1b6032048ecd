"""Asks for the file of a scheme's faults, and hands it out to who asked."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.attachments import queries as attachments
from relief.attachments import service as attachment_service
from relief.attachments.errors import FileNotFound
from relief.audit import service as audit
from relief.core.privacy.cipher import Cipher
from relief.core.scope import Scope
from relief.registry.quality.errors import FaultFileNotReady
from relief.registry.quality.writing import Form
from relief.registry.queries.visible import own
from relief.schemes.errors import SchemeNotFound
from relief.schemes.models import Scheme
from relief.tasks import queries as task_queries
from relief.tasks import service as tasks
from relief.tasks.models import Task, TaskStatus

TASK_KIND = "quality-faults"
PURPOSE = "quality-faults"
KEPT_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class FaultFile:
    """A file ready to be sent, piece by piece."""

    name: str
    media_type: str
    pieces: Iterator[bytes]


def ask(
    session: Session,
    *,
    scope: Scope,
    scheme_code: str,
    form: Form,
    actor_id: uuid.UUID,
    now: datetime,
) -> Task:
    """Queue the making of a scheme's fault file. Raises SchemeNotFound.

    While the same is being made for the same account, it is that task.
    """
    _check_visible(session, scope, scheme_code)
    return tasks.enqueue(
        session,
        kind=TASK_KIND,
        key=f"{actor_id}:{scheme_code}:{form.value}",
        arguments={"scheme": scheme_code, "form": form.value},
        actor_id=actor_id,
        now=now,
    )


def take(
    session: Session,
    *,
    scope: Scope,
    task_id: uuid.UUID,
    actor_id: uuid.UUID,
    cipher: Cipher,
    storage: Path,
    now: datetime,
) -> FaultFile:
    """Return the file that a task of the caller's made, and record that it was taken.

    Raises TaskNotFound, FaultFileNotReady, and SchemeNotFound if the caller may no longer see it.
    """
    task = task_queries.get(session, task_id=task_id, account_id=actor_id)
    if task.kind != TASK_KIND or task.status is not TaskStatus.DONE or task.result is None:
        raise FaultFileNotReady
    _check_visible(session, scope, task.arguments["scheme"])
    try:
        stored = attachments.get(session, uuid.UUID(task.result["file"]))
    except FileNotFound:
        raise FaultFileNotReady from None
    audit.record(
        session,
        "fault_file:taken",
        subject_type="fault_file",
        subject_id=stored.id,
        actor_id=actor_id,
        now=now,
        details={"scheme": task.arguments["scheme"], "lines": task.result["lines"]},
    )
    pieces = attachments.pieces(stored, cipher=cipher, storage=storage)
    return FaultFile(stored.name, stored.media_type, pieces)


def purge(session: Session, *, storage: Path, now: datetime) -> int:
    """Remove the fault files that were kept for long enough; they can be made again."""
    return attachment_service.discard_older(
        session, purpose=PURPOSE, before=now - KEPT_FOR, storage=storage
    )


def _check_visible(session: Session, scope: Scope, scheme_code: str) -> None:
    seen = select(Scheme.code).where(Scheme.code == scheme_code, own(scope, Scheme.department_code))
    if session.scalar(seen) is None:
        raise SchemeNotFound


def made_for(
    session: Session, *, scheme_code: str, actor_id: uuid.UUID, now: datetime, limit: int = 5
) -> Sequence[Task]:
    """Return the caller's newest tasks for a scheme whose files are still kept, newest first."""
    return session.scalars(
        select(Task)
        .where(
            Task.created_by == actor_id,
            Task.kind == TASK_KIND,
            Task.arguments["scheme"].astext == scheme_code,
            Task.created_at > now - KEPT_FOR,
        )
        .order_by(Task.id.desc())
        .limit(limit)
    ).all()
