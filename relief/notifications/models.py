"""The outbox: a row that commits with the change it tells of, and is delivered after."""

import enum
import uuid
from datetime import datetime

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base


class Channel(enum.StrEnum):
    """How a notice reaches someone."""

    IN_APP = "in_app"


class DeliveryStatus(enum.StrEnum):
    """Where a notice stands."""

    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"


class OutboxMessage(Base):
    """One notice that is due (待发消息)."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index(
            "ix_outbox_message_due",
            "next_at",
            postgresql_where=text("status IN ('pending', 'sending')"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(String(160), unique=True)
    channel: Mapped[Channel]
    recipient_id: Mapped[uuid.UUID] = mapped_column(comment="staff account")
    title: Mapped[str] = mapped_column(String(80))
    body: Mapped[str] = mapped_column(String(500), comment="no personal data")
    link: Mapped[str | None] = mapped_column(String(200), comment="path in the console")
    status: Mapped[DeliveryStatus]
    attempts: Mapped[int]
    next_at: Mapped[datetime]
    lease_token: Mapped[uuid.UUID | None]
    lease_until: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]


class InboxMessage(Base):
    """A notice in a member of staff's inbox (站内消息)."""

    __tablename__ = "inbox_message"
    __table_args__ = (Index(None, "recipient_id", "id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, comment="the outbox row's id")
    recipient_id: Mapped[uuid.UUID]
    title: Mapped[str] = mapped_column(String(80))
    body: Mapped[str] = mapped_column(String(500))
    link: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
