"""The audit trail, the grounds on which personal data may be seen, and row history."""

import enum
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from relief.core.db import Base, bigint


class TransactionId(UserDefinedType[str]):
    """PostgreSQL's xid8: lets a sealer wait for transactions that are still open."""

    cache_ok = True

    def get_col_spec(self, **_options: object) -> str:
        """Return the SQL type's name."""
        return "xid8"


class AuditEvent(Base):
    """Who did what to which record, and when (审计日志). Rows are added and never changed."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index(None, "subject_type", "subject_id", "occurred_at"),
        Index(None, "actor_id", "occurred_at"),
        Index(None, "xid", "id"),  # the sealer goes along it
        # Who looked at a person is also who looked at a household that showed the person.
        Index(
            "ix_audit_event_shown",
            text("(details -> 'persons')"),
            postgresql_using="gin",
            postgresql_where=text("action = 'household:viewed'"),
        ),
        # And who took a list away in which the household stood.
        Index(
            "ix_audit_event_exported",
            text("(details -> 'shown')"),
            postgresql_using="gin",
            postgresql_where=text("action = 'household:exported'"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    occurred_at: Mapped[datetime]
    actor_id: Mapped[uuid.UUID | None] = mapped_column(comment="empty: the system itself")
    action: Mapped[str] = mapped_column(String(80))
    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[uuid.UUID]
    request_id: Mapped[str | None] = mapped_column(String(64))
    details: Mapped[dict[str, Any]] = mapped_column()
    xid: Mapped[str] = mapped_column(TransactionId(), server_default=text("pg_current_xact_id()"))
    region_code: Mapped[bigint | None] = mapped_column(
        comment="of the household or person concerned; empty: read by the whole city only"
    )

    # Whoever writes the trail need not be allowed to read it, not even its own row's `xid`.
    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012  # SQLAlchemy's form


class GroundKind(enum.StrEnum):
    """What kind of work lets someone see unmasked data (查询事由)."""

    CASE = "case"
    TASK = "task"
    ALERT = "alert"
    REQUEST = "request"


class AccessGround(Base):
    """A reason to see one person's unmasked data, open while the work is open.

    The room that owns the work opens and closes it. `holder_id` empty: anyone who does
    that kind of work and has the person in scope; else only that account.
    """

    __tablename__ = "access_ground"
    __table_args__ = (
        CheckConstraint("closed_at IS NULL OR closed_at >= opened_at", name="closed_after_opened"),
        Index("ix_access_ground_open", "subject_id", postgresql_where=text("closed_at IS NULL")),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[GroundKind]
    reference: Mapped[str] = mapped_column(String(80), comment="the case, task, alert or request")
    subject_id: Mapped[uuid.UUID] = mapped_column(comment="person")
    holder_id: Mapped[uuid.UUID | None]
    purpose: Mapped[str] = mapped_column(String(200))
    opened_at: Mapped[datetime]
    opened_by: Mapped[uuid.UUID | None]
    expires_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class AccessRequest(Base):
    """A request to see one person's data, which a second person approves or refuses."""

    __tablename__ = "access_request"
    __table_args__ = (
        CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="four_eyes"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    subject_id: Mapped[uuid.UUID] = mapped_column(index=True, comment="person")
    region_code: Mapped[bigint] = mapped_column(comment="of the person, for the approver's scope")
    purpose: Mapped[str] = mapped_column(String(200))
    asked_by: Mapped[uuid.UUID] = mapped_column(index=True)
    asked_at: Mapped[datetime]
    decided_by: Mapped[uuid.UUID | None]
    decided_at: Mapped[datetime | None]
    approved: Mapped[bool | None]
    reason: Mapped[str | None] = mapped_column(String(200))
    ground_id: Mapped[uuid.UUID | None]


class RowVersion(Base):
    """What a row was before a change (历年变化), written by one generic trigger.

    `op` I, U or D. `before` holds the old values of the changed columns (U), of the whole row
    (D), or nothing (I): a row as of any moment is today's with the changes since taken back.
    """

    __tablename__ = "row_version"
    __table_args__ = (
        Index(None, "table_name", "row_id", "changed_at"),
        # Who was in a household, and which places a person had, when the rows now say otherwise.
        Index(
            "ix_row_version_former_household",
            text("(before ->> 'household_id')"),
            postgresql_where=text(
                "table_name = 'membership' AND (before ->> 'household_id') IS NOT NULL"
            ),
        ),
        Index(
            "ix_row_version_former_person",
            text("(before ->> 'person_id')"),
            postgresql_where=text("table_name = 'enrolment' AND op = 'D'"),
        ),
    )

    id: Mapped[bigint] = mapped_column(primary_key=True, autoincrement=True)
    table_name: Mapped[str] = mapped_column(String(40))
    row_id: Mapped[uuid.UUID]
    op: Mapped[str] = mapped_column(String(1))
    changed_at: Mapped[datetime] = mapped_column()
    actor_id: Mapped[uuid.UUID | None]
    reason: Mapped[str | None] = mapped_column(String(120))
    before: Mapped[dict[str, Any] | None] = mapped_column()
    after: Mapped[dict[str, Any] | None] = mapped_column()


class AuditSeal(Base):
    """One batch of sealed audit events (封存). Rows are added and never changed.

    `previous` is the signature of the seal before; `signature` needs the key, which is not in
    the database. `horizon`: every transaction before it had ended when this was sealed, and
    all its events are in this seal or an earlier one.
    """

    __tablename__ = "audit_seal"

    seq: Mapped[bigint] = mapped_column(primary_key=True, autoincrement=False)
    previous: Mapped[bytes]
    root: Mapped[bytes] = mapped_column(comment="Merkle root over the leaves")
    count: Mapped[bigint]
    horizon: Mapped[str] = mapped_column(TransactionId())
    sealed_at: Mapped[datetime]
    key_fingerprint: Mapped[str] = mapped_column(Text())
    signature: Mapped[bytes]


class AuditSealItem(Base):
    """One event of a seal, and its keyed leaf. No foreign keys: tampering must be told, not met."""

    __tablename__ = "audit_seal_item"

    seq: Mapped[bigint] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[bigint] = mapped_column(primary_key=True, autoincrement=False)
    event_id: Mapped[uuid.UUID] = mapped_column(unique=True)
    leaf: Mapped[bytes]
