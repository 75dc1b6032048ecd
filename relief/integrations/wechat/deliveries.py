"""Which pushes have come: WeChat sends one again when our answer is late or lost."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from relief.integrations.wechat.models import WeChatDelivery
from relief.integrations.wechat.types import Push

# Longer than a push is taken for (`push.FRESH`): what is forgotten here is refused there.
KEEP = timedelta(days=2)


def is_new(session: Session, push: Push, *, now: datetime) -> bool:
    """Note a push, and tell whether this is the first delivery of it.

    In the transaction of what the push does: a second delivery waits for the first, and is new if
    that one was undone.
    """
    noted = session.scalar(
        insert(WeChatDelivery)
        .values(key=push.key, received_at=now)
        .on_conflict_do_nothing()
        .returning(WeChatDelivery.key)
    )
    return noted is not None


def purge(session: Session, *, now: datetime) -> int:
    """Forget the pushes that WeChat does not send again."""
    gone = delete(WeChatDelivery).where(WeChatDelivery.received_at < now - KEEP)
    return len(session.scalars(gone.returning(WeChatDelivery.key)).all())
