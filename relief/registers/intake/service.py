"""Imports files of outside registers, and takes whole batches back.

A file goes in with one transaction: its batch, its encrypted original, its entries, its rejected
rows and the audit row, or nothing of it. Nothing is merged: a register changes no person.
"""

import dataclasses
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from relief.attachments import service as attachments
from relief.attachments.models import StoredFile
from relief.audit import service as audit
from relief.core import locks
from relief.core.clock import local_date
from relief.core.ids import new_id
from relief.core.privacy.cipher import Cipher
from relief.registers.intake import layouts, loading
from relief.registers.intake.errors import RegisterBatchNotFound, RegisterBatchNotLive
from relief.registers.intake.layouts import RegisterLayout
from relief.registers.models import RegisterBatch
from relief.registers.types import Content, Register, RegisterBatchStatus
from relief.registry.intake import folders, places, reading
from relief.registry.intake import service as files
from relief.registry.intake.errors import UnreadableFile
from relief.registry.intake.limits import DEFAULT_LIMITS, Limits
from relief.registry.intake.places import Places
from relief.registry.intake.types import Arrival

READER = "relief.registers.intake.child"
_FAULT_LENGTH = 400

Read = Callable[..., dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterReport:
    """How one file fared. received = loaded + rejected, always.

    A file that is refused before its register is known has no batch and no register.
    """

    batch_id: uuid.UUID | None
    register: Register | None
    content: Content | None
    file_name: str
    status: RegisterBatchStatus
    received: int = 0
    loaded: int = 0
    rejected: int = 0
    data_on: date | None = None
    fault: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the report as one JSON object."""
        return {
            "file": self.file_name,
            "register": self.register,
            "content": self.content,
            "batch": str(self.batch_id) if self.batch_id else None,
            "status": self.status.value,
            "received": self.received,
            "loaded": self.loaded,
            "rejected": self.rejected,
            "data_on": self.data_on.isoformat() if self.data_on else None,
            "fault": self.fault,
        }


def import_file(
    session: Session,
    path: Path,
    *,
    register: Register | None,
    actor_id: uuid.UUID | None,
    cipher: Cipher,
    storage: Path,
    now: datetime,
    limits: Limits = DEFAULT_LIMITS,
    expected_rows: int | None = None,
    read: Read = reading.run_child,
) -> RegisterReport:
    """Read and load one file, within the caller's transaction.

    `register` None: told by the headings. `read` has a child process do the reading, with limits.
    A file that cannot be read is reported as failed, and raises nothing; one whose bytes are a
    live batch already is reported as repeated.
    """
    arrival = files.arrive(path)
    earlier = _live(session, arrival, register)
    if earlier is not None:
        return _repeat(session, arrival, earlier, actor_id=actor_id, now=now)
    with folders.private(storage) as folder:
        job = job_of(
            path, register=register, folder=folder, city=places.load(session), now=now,
            limits=limits, expected_rows=expected_rows,
        )  # fmt: skip
        found = read(READER, job, folder=folder, limits=limits)
        return settle(
            session, arrival, found, folder, register=register,
            actor_id=actor_id, cipher=cipher, storage=storage, now=now,
        )  # fmt: skip


def job_of(
    path: Path,
    *,
    register: Register | None,
    folder: Path,
    city: Places,
    now: datetime,
    limits: Limits,
    expected_rows: int | None,
) -> dict[str, Any]:
    """Return what the child that reads a file has to know."""
    return {
        "path": str(path.resolve()),
        "register": register,
        "folder": str(folder),
        "today": local_date(now).isoformat(),
        "regions": city.regions,
        "zones": city.zones,
        "expected_rows": expected_rows,
        "limits": dataclasses.asdict(limits),
    }


def settle(
    session: Session,
    arrival: Arrival,
    found: dict[str, Any],
    folder: Path,
    *,
    register: Register | None,
    actor_id: uuid.UUID | None,
    cipher: Cipher,
    storage: Path,
    now: datetime,
) -> RegisterReport:
    """Load what was read of a file, or record why it is refused.

    `register`: what the sender says it is of; then a file of which no layout is known is recorded
    as refused too, and else only reported. An upload that is not loaded is not kept.
    """
    # The web's limit on a statement is not meant for a load.
    session.execute(text("SET LOCAL statement_timeout = 0"))
    layout = _layout(found, register)
    if layout is None:
        _forget_upload(session, arrival, storage=storage)
        return RegisterReport(
            batch_id=None, register=register, content=None, file_name=arrival.file_name,
            status=RegisterBatchStatus.FAILED, fault=found["message"],
        )  # fmt: skip
    locks.hold(session, f"register {layout.register}")
    # Another import of the same bytes may have committed while this one was reading.
    earlier = _live(session, arrival, layout.register)
    if earlier is not None:
        if earlier.file_id != arrival.stored_id:
            _forget_upload(session, arrival, storage=storage)
        return _repeat(session, arrival, earlier, actor_id=actor_id, now=now)
    batch = RegisterBatch(
        id=new_id(now), register=layout.register, department_code=layout.department,
        layout=layout.layout.id, content=layout.content, file_name=arrival.file_name,
        sha256=arrival.sha256, status=RegisterBatchStatus.FAILED, received=0, loaded=0, rejected=0,
        created_at=now, created_by=actor_id,
    )  # fmt: skip
    fault = found.get("message")
    if fault is None:
        try:
            stored = files.keep(
                session, arrival, actor_id=actor_id, cipher=cipher, storage=storage, now=now
            )
        except UnreadableFile as error:
            fault = error.message
    if fault is not None:
        _forget_upload(session, arrival, storage=storage)
        batch.fault = fault[:_FAULT_LENGTH]
        return _record(session, batch, actor_id=actor_id, now=now)
    batch.file_id = stored.id
    batch.received, batch.rejected = found["received"], found["rejected"]
    batch.loaded = batch.received - batch.rejected
    batch.data_on = date.fromisoformat(found["data_on"])
    batch.status = RegisterBatchStatus.LOADED
    session.add(batch)
    session.flush()
    loading.load(session, folder, batch.id, batch.register, cipher=cipher, now=now)
    return _record(session, batch, actor_id=actor_id, now=now)


def _layout(found: dict[str, Any], register: Register | None) -> RegisterLayout | None:
    """Return the layout that was found; of an unknown one, that of the register it is said of."""
    if "layout" in found:
        return layouts.load_all()[found["layout"]]
    return layouts.of_register(register)[0] if register is not None else None


def _forget_upload(session: Session, arrival: Arrival, *, storage: Path) -> None:
    """Let go of an uploaded file that is not loaded: nobody works with what it holds."""
    if arrival.stored_id is not None:
        stored = session.get_one(StoredFile, arrival.stored_id)
        attachments.discard(session, stored, storage=storage)


def undo(
    session: Session, *, batch_id: uuid.UUID, actor_id: uuid.UUID | None, now: datetime
) -> None:
    """Take a whole batch back: what it replaced holds again. Its entries stay, and say nothing.

    Raises RegisterBatchNotFound, RegisterBatchNotLive.
    """
    register = session.scalar(select(RegisterBatch.register).where(RegisterBatch.id == batch_id))
    if register is None:
        raise RegisterBatchNotFound(batch_id=str(batch_id))
    locks.hold(session, f"register {register}")
    undone = session.scalar(
        update(RegisterBatch)
        .where(RegisterBatch.id == batch_id, RegisterBatch.status == RegisterBatchStatus.LOADED)
        .values(status=RegisterBatchStatus.UNDONE, undone_at=now, undone_by=actor_id)
        .returning(RegisterBatch.loaded)
    )
    if undone is None:
        raise RegisterBatchNotLive(batch_id=str(batch_id))
    audit.record(
        session, "register_batch:undone", subject_type="register_batch", subject_id=batch_id,
        actor_id=actor_id, now=now, details={"register": register.value, "loaded": undone},
    )  # fmt: skip


def _live(session: Session, arrival: Arrival, register: Register | None) -> RegisterBatch | None:
    """Return the live batch of the same bytes. Equal bytes have equal rows."""
    same = select(RegisterBatch).where(
        RegisterBatch.sha256 == arrival.sha256,
        RegisterBatch.status == RegisterBatchStatus.LOADED,
    )
    if register is not None:
        same = same.where(RegisterBatch.register == register)
    return session.scalars(same.order_by(RegisterBatch.id).limit(1)).one_or_none()


def _repeat(
    session: Session,
    arrival: Arrival,
    earlier: RegisterBatch,
    *,
    actor_id: uuid.UUID | None,
    now: datetime,
) -> RegisterReport:
    batch = RegisterBatch(
        id=new_id(now), register=earlier.register, department_code=earlier.department_code,
        layout=earlier.layout, content=earlier.content, file_name=arrival.file_name,
        sha256=arrival.sha256, status=RegisterBatchStatus.REPEATED, received=earlier.received,
        loaded=0, rejected=earlier.received, data_on=earlier.data_on, repeats_id=earlier.id,
        fault=f"与批次 {earlier.id}（{earlier.file_name}）的文件完全相同，没有重复入库。",
        created_at=now, created_by=actor_id,
    )  # fmt: skip
    return _record(session, batch, actor_id=actor_id, now=now)


def _record(
    session: Session, batch: RegisterBatch, *, actor_id: uuid.UUID | None, now: datetime
) -> RegisterReport:
    """Write the batch and its audit row, and report."""
    session.add(batch)
    session.flush()
    audit.record(
        session, f"register_batch:{batch.status.value}", subject_type="register_batch",
        subject_id=batch.id, actor_id=actor_id, now=now,
        details={
            "register": batch.register.value,
            "received": batch.received,
            "loaded": batch.loaded,
            "rejected": batch.rejected,
        },
    )  # fmt: skip
    return RegisterReport(
        batch_id=batch.id, register=batch.register, content=batch.content,
        file_name=batch.file_name, status=batch.status, received=batch.received,
        loaded=batch.loaded, rejected=batch.rejected, data_on=batch.data_on, fault=batch.fault,
    )  # fmt: skip
