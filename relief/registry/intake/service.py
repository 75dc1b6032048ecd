"""Imports department files, and takes whole batches back.

A file goes in with one transaction: its batch, its encrypted original, its identities and
records, its rejected rows and the audit row, or nothing of it.
"""

import hashlib
import uuid
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from relief.attachments import service as attachments
from relief.attachments.models import StoredFile
from relief.audit import service as audit
from relief.core import locks
from relief.core.clock import local_date
from relief.core.ids import new_id
from relief.core.privacy.cipher import Cipher
from relief.core.progress import Progress, silent
from relief.registry import dependants
from relief.registry.intake import folders, guard, layouts, loading, places, reading
from relief.registry.intake.errors import (
    BatchNotFound,
    BatchNotLive,
    FileFault,
    UnknownScheme,
    UnreadableFile,
)
from relief.registry.intake.limits import DEFAULT_LIMITS, Limits
from relief.registry.intake.loading import Target
from relief.registry.intake.reading import Reading
from relief.registry.intake.types import Arrival, BatchReport
from relief.registry.models import ImportBatch
from relief.registry.types import BatchStatus, Channel, FileContent
from relief.schemes.models import Scheme

PURPOSE = "import"
_LIVE = (BatchStatus.LOADED, BatchStatus.MERGED)
_IN_STOCK = (*_LIVE, BatchStatus.HELD)
_FAULT_LENGTH = 400


def import_file(
    session: Session,
    path: Path,
    *,
    scheme_code: str | None,
    actor_id: uuid.UUID | None,
    cipher: Cipher,
    storage: Path,
    now: datetime,
    progress: Progress = silent,
    limits: Limits = DEFAULT_LIMITS,
    expected_rows: int | None = None,
    region_code: int | None = None,
) -> BatchReport:
    """Read and load one file, within the caller's transaction. Raises UnknownScheme.

    A file that cannot be read, or has not the rows it should have, is reported as failed, and
    raises nothing.
    """
    arrival = arrive(path, region_code=region_code)
    report = repeated(session, arrival, scheme_code=scheme_code, actor_id=actor_id, now=now)
    if report is not None:
        return report
    with folders.private(storage) as folder:
        progress(0, 2, f"正在读取 {arrival.file_name}")
        found = reading.read(
            path,
            scheme=scheme_code,
            places=places.load(session),
            today=local_date(now),
            folder=folder,
            limits=limits,
            expected_rows=expected_rows,
        )
        progress(1, 2, f"正在入库 {arrival.file_name}")
        report = settle(
            session, arrival, found, actor_id=actor_id, cipher=cipher, storage=storage, now=now
        )
    progress(2, 2, f"{arrival.file_name} 已处理")
    return report


def check_scheme(scheme_code: str | None) -> None:
    """Refuse a scheme that has no layout. Raises UnknownScheme."""
    layouts.of_scheme(scheme_code)


def arrive(
    path: Path, *, region_code: int | None = None, channel: Channel = Channel.FILE
) -> Arrival:
    """Take the digest of a file on this machine."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
    name = attachments.plain_name(path.name)
    return Arrival(
        path=path, file_name=name, sha256=digest, region_code=region_code, channel=channel
    )


def repeated(
    session: Session,
    arrival: Arrival,
    *,
    scheme_code: str | None,
    actor_id: uuid.UUID | None,
    now: datetime,
) -> BatchReport | None:
    """Record that a file's bytes are a live batch already; None if they are not.

    Equal bytes have equal rows, so the file is not read again.
    """
    check_scheme(scheme_code)
    same = select(ImportBatch).where(
        ImportBatch.sha256 == arrival.sha256, ImportBatch.status.in_(_IN_STOCK)
    )
    if scheme_code is not None:
        same = same.where(ImportBatch.scheme_code == scheme_code)
    earlier = session.scalars(same.order_by(ImportBatch.id).limit(1)).one_or_none()
    if earlier is None:
        return None
    return _repeat(session, arrival, earlier, actor_id=actor_id, now=now)


def _repeat(
    session: Session,
    arrival: Arrival,
    earlier: ImportBatch,
    *,
    actor_id: uuid.UUID | None,
    now: datetime,
) -> BatchReport:
    batch = _new_batch(
        arrival, earlier.scheme_code, earlier.department_code, actor_id=actor_id, now=now
    )
    batch.layout, batch.content = earlier.layout, earlier.content
    batch.region_code = earlier.region_code
    batch.status = BatchStatus.REPEATED
    batch.received = batch.rejected = earlier.received
    batch.repeats_id = earlier.id
    batch.file_id = earlier.file_id
    batch.data_on = earlier.data_on
    batch.fault = f"与批次 {earlier.id}（{earlier.file_name}）的文件完全相同，没有重复入库。"
    return _record(session, batch, actor_id=actor_id, now=now)


def settle(
    session: Session,
    arrival: Arrival,
    found: Reading,
    *,
    actor_id: uuid.UUID | None,
    cipher: Cipher,
    storage: Path,
    now: datetime,
) -> BatchReport:
    """Load what was read of a file, or record why it is refused."""
    # The web's limit on a statement is not meant for a load.
    session.execute(text("SET LOCAL statement_timeout = 0"))
    if found.fault is not None:
        _forget_upload(session, arrival, storage=storage)
        return _refuse(session, arrival, found, found.fault, actor_id=actor_id, now=now)
    assert found.scheme is not None  # noqa: S101  # a file without a fault has a layout
    locks.hold(session, f"import {found.scheme}")
    # Another import of the same bytes may have committed while this one was reading.
    report = repeated(session, arrival, scheme_code=found.scheme, actor_id=actor_id, now=now)
    if report is not None:
        return report
    try:
        stored = keep(session, arrival, actor_id=actor_id, cipher=cipher, storage=storage, now=now)
    except UnreadableFile as error:
        return _refuse(session, arrival, found, error.message, actor_id=actor_id, now=now)
    batch = _new_batch(
        arrival, found.scheme, _department(session, found.scheme), actor_id=actor_id, now=now
    )
    batch.layout = found.layout or ""
    batch.content = layouts.content_of(batch.layout)
    batch.region_code = arrival.region_code
    batch.file_id = stored.id
    batch.received = batch.rejected = found.received
    session.add(batch)
    session.flush()
    target = Target(batch.id, batch.scheme_code, batch.department_code, batch.content)
    loaded = loading.load(session, found, target, cipher=cipher, now=now)
    batch.loaded, batch.rejected = loaded.loaded, loaded.rejected
    batch.data_on = loaded.data_on
    batch.fingerprint_key_id = loaded.fingerprint_key_id
    batch.status = BatchStatus.LOADED
    return _record(session, batch, actor_id=actor_id, now=now)


def keep(
    session: Session,
    arrival: Arrival,
    *,
    actor_id: uuid.UUID | None,
    cipher: Cipher,
    storage: Path,
    now: datetime,
) -> StoredFile:
    """Store the original whole, unless it came by upload. Raises UnreadableFile."""
    media_type = guard.MEDIA_TYPES[guard.kind_of(arrival.path, DEFAULT_LIMITS)]
    if arrival.stored_id is not None:
        stored = session.get_one(StoredFile, arrival.stored_id)
        stored.media_type = media_type
        return stored
    with arrival.path.open("rb") as stream:
        stored = attachments.store(
            session,
            stream,
            name=arrival.file_name,
            media_type=media_type,
            purpose=PURPOSE,
            actor_id=actor_id,
            cipher=cipher,
            storage=storage,
            now=now,
            limit=DEFAULT_LIMITS.file_bytes,
        )
    if stored.sha256 != arrival.sha256:
        attachments.discard(session, stored, storage=storage)
        message = "文件在导入过程中被改动，请重新导入。"
        raise UnreadableFile(FileFault.CHANGED, message)
    return stored


def _forget_upload(session: Session, arrival: Arrival, *, storage: Path) -> None:
    """Let go of an uploaded file that is refused: nobody works with what it holds."""
    if arrival.stored_id is not None:
        stored = session.get_one(StoredFile, arrival.stored_id)
        attachments.discard(session, stored, storage=storage)


def _refuse(
    session: Session,
    arrival: Arrival,
    found: Reading,
    message: str,
    *,
    actor_id: uuid.UUID | None,
    now: datetime,
) -> BatchReport:
    """Record a file that is refused whole; without a scheme there is no batch to record."""
    if found.scheme is None:
        return BatchReport(
            batch_id=None,
            scheme_code=None,
            file_name=arrival.file_name,
            status=BatchStatus.FAILED,
            fault=message,
        )
    department = _department(session, found.scheme)
    batch = _new_batch(arrival, found.scheme, department, actor_id=actor_id, now=now)
    batch.layout = found.layout or layouts.of_scheme(found.scheme)[0].id
    batch.content = layouts.content_of(batch.layout)
    batch.status = BatchStatus.FAILED
    batch.fault = message[:_FAULT_LENGTH]
    return _record(session, batch, actor_id=actor_id, now=now)


def _department(session: Session, scheme_code: str) -> str:
    found = session.scalar(select(Scheme.department_code).where(Scheme.code == scheme_code))
    if found is None:
        raise UnknownScheme(scheme=scheme_code)
    return found


def _new_batch(
    arrival: Arrival, scheme: str, department: str, *, actor_id: uuid.UUID | None, now: datetime
) -> ImportBatch:
    return ImportBatch(
        id=new_id(now),
        content=FileContent.HISTORY,
        channel=arrival.channel,
        scheme_code=scheme,
        department_code=department,
        file_name=arrival.file_name,
        sha256=arrival.sha256,
        status=BatchStatus.RECEIVED,
        received=0,
        loaded=0,
        rejected=0,
        created_at=now,
        created_by=actor_id,
    )


def _record(
    session: Session, batch: ImportBatch, *, actor_id: uuid.UUID | None, now: datetime
) -> BatchReport:
    """Write the batch and its audit row, and report."""
    session.add(batch)
    session.flush()
    audit.record(
        session,
        f"import_batch:{batch.status.value}",
        subject_type="import_batch",
        subject_id=batch.id,
        actor_id=actor_id,
        now=now,
        details={
            "scheme": batch.scheme_code,
            "received": batch.received,
            "loaded": batch.loaded,
            "rejected": batch.rejected,
        },
    )
    return BatchReport(
        batch_id=batch.id,
        scheme_code=batch.scheme_code,
        file_name=batch.file_name,
        status=batch.status,
        received=batch.received,
        loaded=batch.loaded,
        rejected=batch.rejected,
        fault=batch.fault,
    )


def undo_batch(
    session: Session, *, batch_id: uuid.UUID, actor_id: uuid.UUID | None, now: datetime
) -> None:
    """Take a whole batch back; the caller merges then. Raises BatchNotLive, RestsOnIt."""
    batch = session.get(ImportBatch, batch_id)
    if batch is None:
        raise BatchNotFound(batch_id=str(batch_id))
    locks.hold(session, f"import {batch.scheme_code}")
    dependants.refuse_batch(session, batch_id=batch_id)
    undone = session.scalar(
        update(ImportBatch)
        .where(ImportBatch.id == batch_id, ImportBatch.status.in_(_LIVE))
        .values(status=BatchStatus.UNDONE, undone_at=now, undone_by=actor_id)
        .returning(ImportBatch.id)
    )
    if undone is None:
        raise BatchNotLive(batch_id=str(batch_id))
    audit.record(
        session,
        "import_batch:undone",
        subject_type="import_batch",
        subject_id=batch_id,
        actor_id=actor_id,
        now=now,
        details={"scheme": batch.scheme_code, "loaded": batch.loaded},
    )
