"""What the departments sent, row by row. These rows never change."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base, bigint
from relief.registry.types import BatchStatus, Channel, FileContent, LinkRule


class ImportBatch(Base):
    """One department file (批次). received = loaded + rejected, always."""

    __tablename__ = "import_batch"
    __table_args__ = (
        CheckConstraint("received = loaded + rejected", name="received_adds_up"),
        CheckConstraint("loaded >= 0 AND rejected >= 0", name="counts_not_negative"),
        # The same bytes are one live batch, whoever sends them and however often.
        Index(
            "uq_import_batch_live_file",
            "scheme_code",
            "sha256",
            unique=True,
            postgresql_where=text("status IN ('received', 'loaded', 'merged', 'held')"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    scheme_code: Mapped[str] = mapped_column(ForeignKey("scheme.code"), index=True)
    department_code: Mapped[str] = mapped_column(ForeignKey("department.code"), index=True)
    layout: Mapped[str] = mapped_column(String(40), comment="layout and its version, S01@1")
    content: Mapped[FileContent] = mapped_column(
        server_default=FileContent.HISTORY.value, comment="what its rows say together"
    )
    channel: Mapped[Channel] = mapped_column(
        server_default=Channel.FILE.value, comment="a file, or single records by program"
    )
    region_code: Mapped[int | None] = mapped_column(
        BigInteger, comment="the part of the city whose whole roll it is; none: all of it"
    )
    file_name: Mapped[str] = mapped_column(String(255))
    file_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    sha256: Mapped[bytes]
    status: Mapped[BatchStatus]
    received: Mapped[int]
    loaded: Mapped[int]
    rejected: Mapped[int]
    fault: Mapped[str | None] = mapped_column(String(400), comment="why a whole file was refused")
    fingerprint_key_id: Mapped[int | None] = mapped_column(
        BigInteger, comment="which index key made the fingerprints of its records"
    )
    repeats_id: Mapped[uuid.UUID | None] = mapped_column(comment="the batch this file repeats")
    data_on: Mapped[date | None] = mapped_column(comment="latest day the rows speak of")
    created_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID | None]
    merged_at: Mapped[datetime | None]
    shown: Mapped[bool] = mapped_column(
        server_default=text("false"), comment="the registry, as last merged, follows from it"
    )
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[uuid.UUID | None]
    held: Mapped[dict[str, Any] | None] = mapped_column(
        comment="how many people a roll would have taken off, when a merge held it"
    )
    decided_at: Mapped[datetime | None] = mapped_column(comment="on a held roll, by a steward")
    decided_by: Mapped[uuid.UUID | None]


class RejectedRow(Base):
    """A row that was not loaded, and why. Its content stays in the encrypted original file."""

    __tablename__ = "rejected_row"

    batch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("import_batch.id"), primary_key=True)
    row_number: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, comment="as the spreadsheet shows it, from 1"
    )
    column: Mapped[str | None] = mapped_column(String(80), comment="heading in the file")
    code: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(200), comment="Chinese, without the value")


class SourceIdentity(Base):
    """One distinct way in which one file describes one person.

    Many records share it: twelve months of the same allowance are one identity. Linking
    works on these, not on records (design decision 4).
    """

    __tablename__ = "source_identity"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    batch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("import_batch.id"), index=True)
    scheme_code: Mapped[str] = mapped_column(String(8))
    department_code: Mapped[str] = mapped_column(String(8))
    county_code: Mapped[int]
    region_code: Mapped[bigint]
    name: Mapped[str] = mapped_column(String(80), comment="as written, trimmed")
    name_key: Mapped[str] = mapped_column(String(80), comment="for comparison: no spaces, one dot")
    citizen_id: Mapped[uuid.UUID | None] = mapped_column(comment="secret_value, 18 characters")
    citizen_id_valid: Mapped[bool]
    number_born_on: Mapped[date | None] = mapped_column(comment="birth date within the number")
    sex: Mapped[str | None] = mapped_column(String(1))
    born_on: Mapped[date | None] = mapped_column(comment="as the file states it")
    ethnicity: Mapped[str | None] = mapped_column(String(2))
    marital: Mapped[str | None] = mapped_column(String(2))
    phone: Mapped[uuid.UUID | None]
    account: Mapped[uuid.UUID | None]
    health: Mapped[uuid.UUID | None]
    address: Mapped[str | None] = mapped_column(String(200))
    household_number: Mapped[str | None] = mapped_column(String(40), comment="the department's own")
    householder_name: Mapped[str | None] = mapped_column(String(80))
    relation: Mapped[str | None] = mapped_column(String(2))
    died_on: Mapped[date | None]
    first_on: Mapped[date | None] = mapped_column(comment="earliest day its records speak of")
    last_on: Mapped[date | None]
    record_count: Mapped[int]


class SourceLink(Base):
    """Which person a source identity speaks of, as the last merge decided, and by which rule."""

    __tablename__ = "source_link"

    identity_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(index=True)
    rule: Mapped[LinkRule]
    part_id: Mapped[uuid.UUID | None] = mapped_column(
        index=True, comment="link_part; none until a merge of the whole has divided the registry"
    )


class SourceRecord(Base):
    """One row of a department file: one aid of one person in one period."""

    __tablename__ = "source_record"

    # No foreign keys: checking three million rows one by one costs more than the load itself.
    batch_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    row_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    identity_id: Mapped[uuid.UUID] = mapped_column(index=True)
    county_code: Mapped[int]
    period_on: Mapped[date | None] = mapped_column(comment="first day of the month, term or year")
    amount_fen: Mapped[bigint | None]
    item: Mapped[str | None] = mapped_column(String(80), comment="kind of aid, grade, status")
    action: Mapped[str | None] = mapped_column(
        String(8), comment="of a change file: joined, changed, left"
    )
    fingerprint: Mapped[uuid.UUID] = mapped_column(
        index=True, comment="digest of the row's canonical content within its scheme"
    )
