"""Reads which files of the registers came, and why rows were sent back."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from relief.core.paging import Page, cut, newest_first, number_after
from relief.organisation.models import Department
from relief.registers.intake.errors import RegisterBatchNotFound
from relief.registers.models import RegisterBatch, RegisterRejectedRow, StoredEntry
from relief.registers.types import Content, Register, RegisterBatchStatus

_LIVE = RegisterBatchStatus.LOADED


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """One file of a register: what it is and what became of it, and nothing of whom it names."""

    id: uuid.UUID
    register: Register
    department_code: str
    department_name: str
    layout: str
    content: Content
    file_name: str
    status: RegisterBatchStatus
    received: int
    loaded: int
    rejected: int
    fault: str | None
    repeats_id: uuid.UUID | None
    data_on: date | None
    created_at: datetime
    created_by: uuid.UUID | None
    undone_at: datetime | None
    undone_by: uuid.UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedEntryView:
    """A row that was not loaded, and why; without what stands in it."""

    row_number: int
    column: str | None
    code: str
    reason: str


def newest(session: Session, *, limit: int) -> Sequence[RegisterBatch]:
    """Return the newest files of all registers, the newest first."""
    return session.scalars(
        select(RegisterBatch).order_by(RegisterBatch.id.desc()).limit(limit)
    ).all()


def rejected(session: Session, batch_id: uuid.UUID) -> Sequence[RegisterRejectedRow]:
    """Return the rejected rows of a batch, in the order of the file; without their content."""
    return session.scalars(
        select(RegisterRejectedRow)
        .where(RegisterRejectedRow.batch_id == batch_id)
        .order_by(RegisterRejectedRow.row_number)
    ).all()


def deliveries(
    session: Session, *, register: Register | None, limit: int, cursor: str | None = None
) -> Page[DeliveryRow]:
    """Return one page of the files of a register, or of all, newest first. One query."""
    query = _deliveries()
    if register is not None:
        query = query.where(RegisterBatch.register == register)
    return newest_first(session, query, RegisterBatch.id, limit=limit, cursor=cursor, make=_row)


def delivery(session: Session, *, batch_id: uuid.UUID) -> DeliveryRow:
    """Return one file of a register. Raises RegisterBatchNotFound."""
    row = session.execute(_deliveries().where(RegisterBatch.id == batch_id)).one_or_none()
    if row is None:
        raise RegisterBatchNotFound(batch_id=str(batch_id))
    return _row(*row)


def rejected_rows(
    session: Session, *, batch_id: uuid.UUID, limit: int, cursor: str | None = None
) -> Page[RejectedEntryView]:
    """Return one page of a file's rejected rows, by row number. Raises RegisterBatchNotFound."""
    delivery(session, batch_id=batch_id)
    query = select(RegisterRejectedRow).where(RegisterRejectedRow.batch_id == batch_id)
    if cursor:
        query = query.where(RegisterRejectedRow.row_number > number_after(cursor))
    rows = session.scalars(query.order_by(RegisterRejectedRow.row_number).limit(limit + 1)).all()
    return cut(
        rows,
        limit=limit,
        key=lambda row: str(row.row_number),
        make=lambda row: RejectedEntryView(
            row_number=row.row_number, column=row.column, code=row.code, reason=row.reason
        ),
    )


def last_live(session: Session, *, on: date) -> Mapping[Register, DeliveryRow]:
    """Return register → the newest file that counts on a day, whole or of changes. One query."""
    newest_of_each = (
        _deliveries()
        .ext(distinct_on(RegisterBatch.register))
        .where(RegisterBatch.status == _LIVE, RegisterBatch.data_on <= on)
        .order_by(RegisterBatch.register, RegisterBatch.data_on.desc(), RegisterBatch.id.desc())
    )
    return {row[0].register: _row(*row) for row in session.execute(newest_of_each)}


def whole_on(session: Session, *, on: date) -> Mapping[Register, tuple[uuid.UUID, int]]:
    """Return register → its newest whole file that counts on a day, and its rows. One query."""
    newest_whole = (
        select(RegisterBatch.register, RegisterBatch.id, RegisterBatch.loaded)
        .ext(distinct_on(RegisterBatch.register))
        .where(
            RegisterBatch.status == _LIVE,
            RegisterBatch.content == Content.WHOLE,
            RegisterBatch.data_on <= on,
        )
        .order_by(RegisterBatch.register, RegisterBatch.data_on.desc(), RegisterBatch.id.desc())
    )
    return {row.register: (row.id, row.loaded) for row in session.execute(newest_whole)}


def changed_since(
    session: Session, wholes: Mapping[Register, tuple[uuid.UUID, int]], *, on: date
) -> Mapping[Register, int]:
    """Return register → how many more things hold by its change files than by its whole one.

    One query, whose cost goes with the change files and not with the register: whoever calls
    reads as registrar, and gets numbers only. A marriage is one thing.
    """
    whole, batch = aliased(RegisterBatch), aliased(RegisterBatch)
    ids = [one for one, _ in wholes.values()]
    last = (
        select(StoredEntry.register, StoredEntry.entry_key_id, StoredEntry.removed)
        .ext(distinct_on(StoredEntry.entry_key_id))
        .join(batch, batch.id == StoredEntry.batch_id)
        .outerjoin(whole, (whole.register == batch.register) & whole.id.in_(ids))
        .where(
            batch.status == _LIVE,
            batch.content == Content.CHANGES,
            batch.data_on <= on,
            StoredEntry.side == 0,
            whole.id.is_(None)
            | (batch.data_on > whole.data_on)
            | ((batch.data_on == whole.data_on) & (batch.id > whole.id)),
        )
        .order_by(
            StoredEntry.entry_key_id,
            batch.data_on.desc(),
            batch.id.desc(),
            StoredEntry.row_number.desc(),
        )
        .subquery()
    )
    before = aliased(StoredEntry)
    held = (
        select(before.batch_id)
        .where(before.entry_key_id == last.c.entry_key_id, before.batch_id.in_(ids))
        .exists()
    )
    rows = session.execute(
        select(
            last.c.register,
            func.count().filter(~last.c.removed, ~held),
            func.count().filter(last.c.removed, held),
        ).group_by(last.c.register)
    )
    return {row[0]: row[1] - row[2] for row in rows}


def _deliveries() -> "Select[RegisterBatch, str]":
    return select(RegisterBatch, Department.name).join(
        Department, Department.code == RegisterBatch.department_code
    )


def _row(batch: RegisterBatch, department_name: str) -> DeliveryRow:
    return DeliveryRow(
        id=batch.id,
        register=batch.register,
        department_code=batch.department_code,
        department_name=department_name,
        layout=batch.layout,
        content=batch.content,
        file_name=batch.file_name,
        status=batch.status,
        received=batch.received,
        loaded=batch.loaded,
        rejected=batch.rejected,
        fault=batch.fault,
        repeats_id=batch.repeats_id,
        data_on=batch.data_on,
        created_at=batch.created_at,
        created_by=batch.created_by,
        undone_at=batch.undone_at,
        undone_by=batch.undone_by,
    )
