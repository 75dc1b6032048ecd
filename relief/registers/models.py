"""Files of the outside registers, and their entries. Entries never change."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base, bigint
from relief.registers.types import Content, Register, RegisterBatchStatus, State


class RegisterBatch(Base):
    """One file of a register. received = loaded + rejected, always."""

    __tablename__ = "register_batch"
    __table_args__ = (
        CheckConstraint("received = loaded + rejected", name="received_adds_up"),
        CheckConstraint("loaded >= 0 AND rejected >= 0", name="counts_not_negative"),
        CheckConstraint("status <> 'loaded' OR data_on IS NOT NULL", name="loaded_of_a_day"),
        # The same bytes are one live batch, whoever sends them and however often.
        Index(
            "uq_register_batch_live_file",
            "register",
            "sha256",
            unique=True,
            postgresql_where=text("status = 'loaded'"),
        ),
        Index(
            "ix_register_batch_live",
            "register",
            "data_on",
            "id",
            postgresql_where=text("status = 'loaded'"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    register: Mapped[Register]
    department_code: Mapped[str] = mapped_column(ForeignKey("department.code"))
    layout: Mapped[str] = mapped_column(String(40), comment="layout and its version, R01@1")
    content: Mapped[Content]
    file_name: Mapped[str] = mapped_column(String(255))
    file_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    sha256: Mapped[bytes]
    status: Mapped[RegisterBatchStatus]
    received: Mapped[int]
    loaded: Mapped[int]
    rejected: Mapped[int]
    fault: Mapped[str | None] = mapped_column(String(400), comment="why a whole file was refused")
    repeats_id: Mapped[uuid.UUID | None] = mapped_column(comment="the batch this file repeats")
    data_on: Mapped[date | None] = mapped_column(comment="the day the file speaks of")
    created_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID | None]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[uuid.UUID | None]


class RegisterRejectedRow(Base):
    """A row that was not loaded, and why. Its content stays in the encrypted original file."""

    __tablename__ = "register_rejected_row"

    batch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("register_batch.id"), primary_key=True)
    row_number: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, comment="as the spreadsheet shows it, from 1"
    )
    column: Mapped[str | None] = mapped_column(String(80), comment="heading in the file")
    code: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(200), comment="Chinese, without the value")


class StoredEntry(Base):
    """One row of a register's file, of one person: a marriage is two, one for either spouse.

    What a column means in which register is told by `registers.entries`. Which entries hold on
    a day follows from the live batches (`registers.queries`), so nothing is ever overwritten.
    """

    __tablename__ = "register_entry"
    __table_args__ = (
        Index(None, "number_id", "register"),
        Index(None, "entry_key_id"),
        Index("ix_register_entry_group", "group_id", postgresql_where=text("group_id IS NOT NULL")),
        Index(
            "ix_register_entry_account",
            "account_id",
            postgresql_where=text("account_id IS NOT NULL"),
        ),
    )

    # No foreign key: checking every row of a big register costs more than its load.
    batch_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    row_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    side: Mapped[int] = mapped_column(
        SmallInteger(), primary_key=True, autoincrement=False, comment="0; 1: the other spouse"
    )
    register: Mapped[Register]
    entry_key_id: Mapped[uuid.UUID] = mapped_column(
        comment="secret value: what the entry is of, the same from file to file"
    )
    removed: Mapped[bool] = mapped_column(comment="a change file deletes the entry")
    number_id: Mapped[uuid.UUID] = mapped_column(comment="secret value, 18 characters")
    name: Mapped[str] = mapped_column(String(80))
    state: Mapped[State]
    kind: Mapped[str | None] = mapped_column(String(24))
    grade: Mapped[str | None] = mapped_column(String(1))
    relation: Mapped[str | None] = mapped_column(String(2), comment="GB/T 4761")
    place: Mapped[str | None] = mapped_column(String(200), comment="employer, firm, address, bank")
    region_code: Mapped[bigint | None]
    born_on: Mapped[date | None] = mapped_column(comment="as the number says")
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]
    amount_fen: Mapped[bigint | None]
    area_dm2: Mapped[int | None]
    group_id: Mapped[uuid.UUID | None] = mapped_column(
        comment="secret value: booklet or building that several share"
    )
    account_id: Mapped[uuid.UUID | None] = mapped_column(comment="secret value")
    other_number_id: Mapped[uuid.UUID | None] = mapped_column(comment="secret value")
    other_name: Mapped[str | None] = mapped_column(String(80))
    agrees: Mapped[bool | None] = mapped_column(
        comment="a certificate's number begins with the holder's identity number"
    )
