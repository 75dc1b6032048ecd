"""Reads what became of the text messages (发送记录). The number is masked, whoever asks."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.core.paging import Page, newest_first
from relief.notifications.models import Channel, DeliveryStatus, OutboxMessage
from relief.notifications.types import Held


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRecord:
    """One text message. `reason`: empty when it was taken."""

    id: uuid.UUID
    created_at: datetime
    template: str | None
    title: str
    words: str
    phone_masked: str | None
    status: DeliveryStatus
    attempts: int
    reason: Held | None
    next_at: datetime | None
    handed_at: datetime | None
    provider: str | None
    provider_id: str | None
    provider_code: str | None


def text_messages(
    session: Session, *, status: DeliveryStatus | None, limit: int, cursor: str | None = None
) -> Page[TextRecord]:
    """Return one page of the text messages, or of those that stand so, newest first. One query."""
    query = select(OutboxMessage).where(OutboxMessage.channel == Channel.SMS)
    if status is not None:
        query = query.where(OutboxMessage.status == status)
    return newest_first(session, query, OutboxMessage.id, limit=limit, cursor=cursor, make=_record)


def _record(row: OutboxMessage) -> TextRecord:
    waits = row.status is DeliveryStatus.PENDING
    return TextRecord(
        id=row.id,
        created_at=row.created_at,
        template=row.template,
        title=row.title,
        words=row.body,
        phone_masked=row.phone_masked,
        status=row.status,
        attempts=row.attempts,
        reason=Held(row.last_error) if row.last_error else None,
        next_at=row.next_at if waits else None,
        handed_at=row.handed_at,
        provider=row.provider,
        provider_id=row.provider_id,
        provider_code=row.provider_code,
    )
