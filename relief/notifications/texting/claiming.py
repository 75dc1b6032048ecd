"""Which text messages a worker takes now, and which wait or end instead.

Each statement speaks of many messages. Nothing is sent in here.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, exists, func, or_, select, update
from sqlalchemy.orm import Session

from relief.audit import service as audit
from relief.core.clock import local_date
from relief.core.ids import new_id
from relief.core.privacy.models import SecretValue
from relief.notifications.delivery import abandoned
from relief.notifications.models import Channel, DeliveryStatus, OutboxMessage
from relief.notifications.texting.rules import Rules
from relief.notifications.types import Held

# Of one message, from the moment it is handed over; a provider has a few seconds.
LEASE = timedelta(seconds=30)
# What may have reached the telephone, and so counts for its day.
_COUNTS = (
    DeliveryStatus.SENDING, DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.UNKNOWN,
)  # fmt: skip
_TEXT = OutboxMessage.channel == Channel.SMS


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """One message in hand, with the sealed number."""

    id: uuid.UUID
    token: uuid.UUID
    template: str | None
    values: Mapping[str, str]
    phone_id: uuid.UUID
    envelope: bytes | None = field(repr=False)
    attempts: int


def is_anything_due(session: Session) -> bool:
    """Tell whether there is something to do. One query, by the index of what is not ended."""
    due = or_(OutboxMessage.status == DeliveryStatus.PENDING, abandoned())
    found = exists().where(due, OutboxMessage.next_at <= func.clock_timestamp(), _TEXT)
    return bool(session.scalar(select(found)))


def claim(session: Session, *, rules: Rules, now: datetime, batch: int) -> Sequence[Claimed]:
    """Take the messages that may be sent now, at most `batch`, under a lease.

    1. What a dead worker had in hand is unknown if it was handed over, and due again if not.
    2. What has waited too long ends.
    3. In the quiet hours everything else waits for their end.
    4. A telephone that was told enough today waits for tomorrow.
    """
    _settle_abandoned(session, now)
    _end_old(session, rules, now)
    if (until := rules.quiet_end(now)) is not None:
        _hold(session, None, until - now, Held.QUIET)
        return ()
    rows = _due(session, batch)
    envelopes = _lock_phones(session, {row.phone_id for row in rows})
    today = local_date(now)
    told = _told(session, set(envelopes), today)
    mine: list[uuid.UUID] = []
    later: list[uuid.UUID] = []
    for row in rows:
        (mine if told[row.phone_id] < rules.phone_day_max else later).append(row.id)
        told[row.phone_id] += 1
    if later:
        _hold(session, later, rules.next_day(now) - now, Held.DAY_LIMIT)
    return _lease(session, mine, envelopes, today, now)


def _settle_abandoned(session: Session, now: datetime) -> None:
    """Nobody knows what became of a message that was handed over by a worker that died."""
    lost = session.scalars(
        update(OutboxMessage)
        .where(abandoned(), _TEXT, OutboxMessage.handed_at.is_not(None))
        .values(
            status=DeliveryStatus.UNKNOWN,
            last_error=Held.ABANDONED,
            lease_token=None,
            lease_until=None,
        )
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    ).all()
    record_ends(session, lost, "unknown", Held.ABANDONED, now)
    session.execute(
        update(OutboxMessage)
        .where(abandoned(), _TEXT, OutboxMessage.handed_at.is_(None))
        .values(status=DeliveryStatus.PENDING, counted_on=None, lease_token=None, lease_until=None)
        .execution_options(synchronize_session=False)
    )


def _end_old(session: Session, rules: Rules, now: datetime) -> None:
    old = session.scalars(
        update(OutboxMessage)
        .where(
            OutboxMessage.id.in_(
                select(OutboxMessage.id)
                .where(*_waiting(), OutboxMessage.created_at < now - rules.waiting_max)
                .with_for_update(skip_locked=True)
            )
        )
        .values(status=DeliveryStatus.EXPIRED, last_error=Held.TOO_OLD)
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    ).all()
    record_ends(session, old, "expired", Held.TOO_OLD, now)


def record_ends(
    session: Session, ids: Collection[uuid.UUID], how: str, why: Held | None, now: datetime
) -> None:
    """Write into the audit trail how messages ended."""
    for message_id in ids:
        audit.record(
            session,
            f"text_message:{how}",
            subject_type="text_message",
            subject_id=message_id,
            actor_id=None,
            now=now,
            details={} if why is None else {"reason": why.value},
        )


def _waiting() -> tuple[Any, ...]:
    return (
        OutboxMessage.status == DeliveryStatus.PENDING,
        OutboxMessage.next_at <= func.clock_timestamp(),
        _TEXT,
    )


def _hold(session: Session, ids: Collection[uuid.UUID] | None, wait: timedelta, why: Held) -> None:
    """Let messages wait: those named, or whatever is due."""
    which = _waiting() if ids is None else (OutboxMessage.id.in_(ids),)
    session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.id.in_(
                select(OutboxMessage.id).where(*which).with_for_update(skip_locked=True)
            )
        )
        .values(next_at=func.clock_timestamp() + wait, last_error=why)
        .execution_options(synchronize_session=False)
    )


def _due(session: Session, batch: int) -> Sequence["Row[uuid.UUID, uuid.UUID | None]"]:
    return session.execute(
        select(OutboxMessage.id, OutboxMessage.phone_id)
        .where(*_waiting())
        .order_by(OutboxMessage.next_at, OutboxMessage.id)
        .limit(batch)
        .with_for_update(skip_locked=True)
    ).all()


def _lock_phones(session: Session, phones: Collection[Any]) -> Mapping[uuid.UUID, bytes]:
    """Return the sealed numbers; until the end of the transaction nobody else counts for them.

    Always in one order, so that two workers wait for each other and never in a ring.
    """
    rows = session.execute(
        select(SecretValue.id, SecretValue.ciphertext)
        .where(SecretValue.id.in_(phones))
        .order_by(SecretValue.id)
        .with_for_update(key_share=True)
    )
    return {row_id: bytes(envelope) for row_id, envelope in rows}


def _told(session: Session, phones: Collection[uuid.UUID], day: date) -> Counter[Any]:
    """Count what each telephone was told on a day, or may have been."""
    rows = session.execute(
        select(OutboxMessage.phone_id, func.count())
        .where(
            OutboxMessage.phone_id.in_(phones),
            OutboxMessage.counted_on == day,
            OutboxMessage.status.in_(_COUNTS),
        )
        .group_by(OutboxMessage.phone_id)
    )
    return Counter({row[0]: row[1] for row in rows})


def _lease(
    session: Session,
    ids: Collection[uuid.UUID],
    envelopes: Mapping[uuid.UUID, bytes],
    today: date,
    now: datetime,
) -> Sequence[Claimed]:
    token = new_id(now)
    rows = session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(ids))
        .values(
            status=DeliveryStatus.SENDING,
            counted_on=today,
            handed_at=None,
            last_error=None,
            lease_token=token,
            lease_until=func.clock_timestamp() + LEASE,
        )
        .returning(
            OutboxMessage.id,
            OutboxMessage.template,
            OutboxMessage.template_values,
            OutboxMessage.phone_id,
            OutboxMessage.attempts,
        )
        .execution_options(synchronize_session=False)
    )
    claimed = [
        Claimed(
            id=row.id,
            token=token,
            template=row.template,
            values=row.template_values or {},
            phone_id=row.phone_id,
            envelope=envelopes.get(row.phone_id),
            attempts=row.attempts,
        )
        for row in rows
    ]
    return sorted(claimed, key=lambda one: one.id)
