"""Telling someone something: a row that commits with the change it tells of."""

import uuid
from datetime import datetime

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from relief.core.ids import new_id
from relief.notifications.errors import MessageNotFound
from relief.notifications.models import Channel, DeliveryStatus, InboxMessage, OutboxMessage


def notify(
    session: Session,
    *,
    recipient_id: uuid.UUID,
    title: str,
    body: str,
    link: str | None,
    dedupe_key: str,
    now: datetime,
) -> bool:
    """Write one notice for a staff account; False if this key was used before.

    It is delivered after the caller's transaction has committed, and not at all if it does
    not. `title` and `body` are Chinese without personal data; `link` is a path in the console.
    """
    added = session.scalar(
        insert(OutboxMessage)
        .values(
            id=new_id(now),
            dedupe_key=dedupe_key,
            channel=Channel.IN_APP,
            recipient_id=recipient_id,
            title=title,
            body=body,
            link=link,
            status=DeliveryStatus.PENDING,
            attempts=0,
            next_at=func.clock_timestamp(),
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=[OutboxMessage.dedupe_key])
        .returning(OutboxMessage.id)
    )
    return added is not None


def mark_read(
    session: Session, *, message_id: uuid.UUID, account_id: uuid.UUID, now: datetime
) -> None:
    """Mark one notice of one's own as read; the first time counts. Raises MessageNotFound."""
    found = session.scalar(
        update(InboxMessage)
        .where(InboxMessage.id == message_id, InboxMessage.recipient_id == account_id)
        .values(read_at=func.coalesce(InboxMessage.read_at, now))
        .returning(InboxMessage.id)
    )
    if found is None:
        raise MessageNotFound
