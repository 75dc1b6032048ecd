"""Telling someone something: a row that commits with the change it tells of."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from relief.core.ids import new_id
from relief.notifications import templates
from relief.notifications.errors import MessageNotFound
from relief.notifications.models import Channel, DeliveryStatus, InboxMessage, OutboxMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a staff account is told. `dedupe_key`: told once, whoever asks for it again.

    `title` and `body` are Chinese without personal data; `link` is a path in the console.
    """

    recipient_id: uuid.UUID
    title: str
    body: str
    link: str | None
    dedupe_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneNotice:
    """What a telephone is told by text message: the secret value of its number, and no name.

    `template`: one of `templates`; `values` stand in its places and hold no personal data.
    """

    phone_id: uuid.UUID
    phone_masked: str | None
    template: str
    values: Mapping[str, str]
    dedupe_key: str


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
    notice = Notice(
        recipient_id=recipient_id, title=title, body=body, link=link, dedupe_key=dedupe_key
    )
    return notify_all(session, [notice], now=now) == 1


def notify_all(session: Session, notices: Sequence[Notice], *, now: datetime) -> int:
    """Write many notices in one statement; return how many, since a key counts once."""
    if not notices:
        return 0
    added = session.scalars(
        insert(OutboxMessage)
        .values(next_at=func.clock_timestamp())
        .on_conflict_do_nothing(index_elements=[OutboxMessage.dedupe_key])
        .returning(OutboxMessage.id),
        [_row(notice, now) for notice in notices],
    )
    return len(added.all())


def tell(session: Session, notices: Sequence[Notice], *, now: datetime) -> None:
    """Write notices from a request: the web account adds to the outbox and changes nothing in it.

    So a key that was used before is no repetition but a fault; whoever calls this does it once.
    """
    if notices:
        session.execute(
            insert(OutboxMessage).values(next_at=func.clock_timestamp()),
            [_row(notice, now) for notice in notices],
        )


def tell_phones(session: Session, notices: Sequence[PhoneNotice], *, now: datetime) -> None:
    """Write text messages for telephones of families, as `tell` does for accounts.

    Raises UnfitValues where what is to stand in a template's places does not fit.
    """
    if notices:
        session.execute(
            insert(OutboxMessage).values(next_at=func.clock_timestamp()),
            [_text_row(notice, now) for notice in notices],
        )


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


def _row(notice: Notice, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(now),
        "dedupe_key": notice.dedupe_key,
        "channel": Channel.IN_APP,
        "recipient_id": notice.recipient_id,
        "title": notice.title,
        "body": notice.body,
        "link": notice.link,
        "status": DeliveryStatus.PENDING,
        "attempts": 0,
        "created_at": now,
    }


def _text_row(notice: PhoneNotice, now: datetime) -> dict[str, Any]:
    template = templates.load_all().templates[notice.template]
    return {
        "id": new_id(now),
        "dedupe_key": notice.dedupe_key,
        "channel": Channel.SMS,
        "phone_id": notice.phone_id,
        "phone_masked": notice.phone_masked,
        "title": template.title,
        "body": template.words(notice.values),
        "template": template.code,
        "template_values": dict(notice.values),
        "status": DeliveryStatus.PENDING,
        "attempts": 0,
        "created_at": now,
    }
