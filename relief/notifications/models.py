"""The outbox: a row that commits with the change it tells of, and is delivered after."""

import enum
import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base
from relief.notifications.types import DeliveryStatus

__all__ = ["Channel", "DeliveryStatus", "InboxMessage", "OutboxMessage"]


class Channel(enum.StrEnum):
    """How a notice reaches someone."""

    IN_APP = "in_app"
    SMS = "sms"  # to a telephone of the family


class OutboxMessage(Base):
    """One notice that is due (待发消息)."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index(
            "ix_outbox_message_due",
            "next_at",
            postgresql_where=text("status IN ('pending', 'sending')"),
        ),
        # How many a telephone was told on a day; and the page of the text messages.
        Index(
            "ix_outbox_message_phone_day",
            "phone_id",
            "counted_on",
            postgresql_where=text("counted_on IS NOT NULL"),
        ),
        Index("ix_outbox_message_texts", "id", postgresql_where=text("channel = 'sms'")),
        Index(
            "ix_outbox_message_texts_by_status",
            "status",
            "id",
            postgresql_where=text("channel = 'sms'"),
        ),
        CheckConstraint("(recipient_id IS NULL) <> (phone_id IS NULL)", name="one_addressee"),
        CheckConstraint("(channel = 'sms') = (phone_id IS NOT NULL)", name="sms_to_phones"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(String(160), unique=True)
    channel: Mapped[Channel]
    recipient_id: Mapped[uuid.UUID | None] = mapped_column(comment="staff account")
    phone_id: Mapped[uuid.UUID | None] = mapped_column(comment="secret value: of the family")
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
    # Of text messages alone.
    template: Mapped[str | None] = mapped_column(String(40))
    template_values: Mapped[dict[str, Any] | None] = mapped_column(comment="no personal data")
    phone_masked: Mapped[str | None] = mapped_column(String(20))
    handed_at: Mapped[datetime | None] = mapped_column(
        comment="to the provider, the last time; empty: surely not sent"
    )
    counted_on: Mapped[date | None] = mapped_column(comment="on which day's limit of the phone")
    provider: Mapped[str | None] = mapped_column(String(20), comment="fake: nobody was told")
    provider_id: Mapped[str | None] = mapped_column(String(80))
    provider_code: Mapped[str | None] = mapped_column(String(60), comment="its word for why not")


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
