"""Delivers what is in the outbox: lease, send, write down how it went.

A notice is leased with a token before anything is sent, so that a sender that dies leaves it
to the next one, and one that was taken for dead changes nothing. The inbox is in this
database: there a notice arrives in the transaction that marks it delivered, exactly once.
Another system may lose its reply: then nobody knows whether the notice arrived, its state is
`unknown`, and it waits to be reconciled instead of being sent again.
"""

import enum
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from relief.core.clock import Clock
from relief.core.ids import new_id
from relief.notifications.models import Channel, DeliveryStatus, InboxMessage, OutboxMessage

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
BATCH = 50
MAX_ATTEMPTS = 48
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(minutes=5)  # with 48 attempts, a notice is given up after four hours

UnitOfWork = Callable[[], AbstractContextManager[Session]]


class Outcome(enum.Enum):
    """How one attempt to send went."""

    DELIVERED = enum.auto()
    REFUSED = enum.auto()  # surely not delivered: try again later
    NO_REPLY = enum.auto()  # may have been delivered: never try again by oneself


# Hands one notice to another system, with no transaction open and a time limit far below the
# lease. Without a sender, in_app is the inbox in this database, and any other channel waits.
Sender = Callable[[OutboxMessage], Outcome]
NO_SENDERS: Mapping[Channel, Sender] = {}


def deliver_due(
    unit_of_work: UnitOfWork,
    *,
    clock: Clock,
    senders: Mapping[Channel, Sender] = NO_SENDERS,
    batch: int = BATCH,
) -> int:
    """Try the notices that are due, at most `batch`, and return how many were tried."""
    with unit_of_work() as session:
        _doubt_abandoned(session, senders)
        leased = _lease(session, clock(), batch, {Channel.IN_APP, *senders})
    for message in leased:
        sender = senders.get(message.channel)
        outcome = Outcome.DELIVERED if sender is None else _send(sender, message)
        try:
            with unit_of_work() as session:
                _write_down(session, message, outcome, to_inbox=sender is None, now=clock())
        except SQLAlchemyError as error:
            # What another system did stays in doubt; the inbox surely holds nothing.
            logger.warning(
                "a notice was not delivered",
                extra={"notice_id": message.id, "kind": type(error).__name__},
            )
            left = Outcome.REFUSED if sender is None else Outcome.NO_REPLY
            with unit_of_work() as session:
                _write_down(session, message, left, to_inbox=False, now=clock())
    return len(leased)


def _send(sender: Sender, message: OutboxMessage) -> Outcome:
    try:
        return sender(message)
    except Exception:
        logger.exception("a sender failed", extra={"notice_id": message.id})
        return Outcome.NO_REPLY


def abandoned() -> ColumnElement[bool]:
    """Say which notices were leased by somebody who let the lease run out."""
    return and_(
        OutboxMessage.status == DeliveryStatus.SENDING,
        OutboxMessage.lease_until < func.clock_timestamp(),
    )


def _doubt_abandoned(session: Session, senders: Mapping[Channel, Sender]) -> None:
    """Nobody knows what a sender that died had handed over already."""
    if senders:
        session.execute(
            update(OutboxMessage)
            .where(abandoned(), OutboxMessage.channel.in_(senders.keys()))
            .values(status=DeliveryStatus.UNKNOWN, lease_token=None, lease_until=None)
        )


def _lease(
    session: Session, now: datetime, batch: int, channels: Collection[Channel]
) -> Sequence[OutboxMessage]:
    """Take what is due on the channels that are served; what is on another one waits."""
    clock = func.clock_timestamp()
    due = (
        select(OutboxMessage.id)
        .where(
            or_(OutboxMessage.status == DeliveryStatus.PENDING, abandoned()),
            OutboxMessage.next_at <= clock,
            OutboxMessage.channel.in_(channels),
        )
        .order_by(OutboxMessage.next_at)
        .limit(batch)
        .with_for_update(skip_locked=True)
    )
    leased = session.scalars(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(due))
        .values(
            status=DeliveryStatus.SENDING,
            attempts=OutboxMessage.attempts + 1,
            lease_token=new_id(now),
            lease_until=clock + LEASE,
        )
        .returning(OutboxMessage)
        .execution_options(populate_existing=True, synchronize_session=False)
    ).all()
    return sorted(leased, key=lambda message: message.id)


def _write_down(
    session: Session, message: OutboxMessage, outcome: Outcome, *, to_inbox: bool, now: datetime
) -> None:
    """Store how the attempt went, unless the lease went to another sender meanwhile."""
    written = session.scalar(
        update(OutboxMessage)
        .where(
            OutboxMessage.id == message.id,
            OutboxMessage.lease_token == message.lease_token,
            OutboxMessage.status == DeliveryStatus.SENDING,
        )
        .values(
            {**_after(message.attempts, outcome, now), "lease_token": None, "lease_until": None}
        )
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    )
    if written is None:
        logger.warning("a notice was taken over", extra={"notice_id": message.id})
    elif to_inbox:
        _to_inbox(session, message, now)


def _after(attempts: int, outcome: Outcome, now: datetime) -> dict[str, object]:
    if outcome is Outcome.DELIVERED:
        return {"status": DeliveryStatus.DELIVERED, "delivered_at": now, "last_error": None}
    if outcome is Outcome.NO_REPLY:
        return {"status": DeliveryStatus.UNKNOWN, "last_error": "no-reply"}
    if attempts >= MAX_ATTEMPTS:
        return {"status": DeliveryStatus.FAILED, "last_error": "refused"}
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempts - 1, 16))
    return {
        "status": DeliveryStatus.PENDING,
        "last_error": "refused",
        "next_at": func.clock_timestamp() + wait,
    }


def _to_inbox(session: Session, message: OutboxMessage, now: datetime) -> None:
    session.execute(
        insert(InboxMessage)
        .values(
            id=message.id,
            recipient_id=message.recipient_id,
            title=message.title,
            body=message.body,
            link=message.link,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=[InboxMessage.id])
    )
