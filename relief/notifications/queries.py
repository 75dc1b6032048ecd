"""Reading one's inbox, and how much the outbox still holds."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from relief.notifications.models import InboxMessage, OutboxMessage

_OPEN = "status IN ('pending', 'sending')"


@dataclass(frozen=True, slots=True)
class OutboxDepth:
    """How many notices wait, and for how long the oldest has been due."""

    waiting: int
    oldest_due_seconds: float


def inbox(
    session: Session,
    *,
    account_id: uuid.UUID,
    limit: int,
    before: uuid.UUID | None = None,
    unread_only: bool = False,
) -> Sequence[InboxMessage]:
    """Return up to `limit` notices of an account, newest first, older than id `before`."""
    query = select(InboxMessage).where(InboxMessage.recipient_id == account_id)
    if before is not None:
        query = query.where(InboxMessage.id < before)
    if unread_only:
        query = query.where(InboxMessage.read_at.is_(None))
    return session.scalars(query.order_by(InboxMessage.id.desc()).limit(limit)).all()


def unread_count(session: Session, *, account_id: uuid.UUID, at_most: int = 100) -> int:
    """Count the account's unread notices, stopping at `at_most`."""
    unread = (
        select(InboxMessage.id)
        .where(InboxMessage.recipient_id == account_id, InboxMessage.read_at.is_(None))
        .limit(at_most)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(unread)) or 0


def depth(session: Session) -> OutboxDepth:
    """Return how much waits in the outbox; reads only what is not delivered.

    A text message that is held back on purpose is due when it may be sent, and not before.
    """
    oldest = func.min(OutboxMessage.next_at)
    row = session.execute(
        select(
            func.count(),
            func.coalesce(func.extract("epoch", func.clock_timestamp() - oldest), 0),
        )
        .select_from(OutboxMessage)
        .where(text(_OPEN))
    ).one()
    return OutboxDepth(row[0], max(0.0, float(row[1])))
