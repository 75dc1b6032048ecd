"""Hands the messages over, one after another, and writes down what became of each."""

import logging
import re
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from relief.core.clock import Clock
from relief.core.privacy.cipher import CannotOpen, Cipher
from relief.core.privacy.masking import mask_phone
from relief.integrations.sms import Reply, SmsSender, Text, Verdict
from relief.notifications import templates
from relief.notifications.models import DeliveryStatus, OutboxMessage
from relief.notifications.texting import claiming
from relief.notifications.texting.claiming import LEASE, Claimed
from relief.notifications.texting.rules import Rules
from relief.notifications.types import Held

logger = logging.getLogger(__name__)

BATCH = 50
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(minutes=30)
_MOBILE = re.compile(r"1[3-9][0-9]{9}")

UnitOfWork = Callable[[], AbstractContextManager[Session]]
RulesOf = Callable[[Session, datetime], Rules]


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What a worker sends with. `rules`: the parameters, read when there is something to send."""

    unit_of_work: UnitOfWork
    clock: Clock
    cipher: Cipher
    sender: SmsSender
    rules: RulesOf


@dataclass(frozen=True, slots=True)
class _End:
    """Why a message is not handed over at all; `again`: this may pass."""

    why: Held
    again: bool = False


def send_due(post: Post, *, batch: int = BATCH) -> int:
    """Send the text messages that are due, at most `batch`, and return how many were taken."""
    with post.unit_of_work() as session:
        if not claiming.is_anything_due(session):
            return 0
        now = post.clock()
        rules = post.rules(session, now)
        claimed = claiming.claim(session, rules=rules, now=now, batch=batch)
    for one in claimed:
        _send_one(post, one, rules)
    return len(claimed)


def _send_one(post: Post, one: Claimed, rules: Rules) -> None:
    # The number is in the clear from here to the end of this function, and nowhere else.
    ready = _ready(post.cipher, one)
    if isinstance(ready, _End):
        with post.unit_of_work() as session:
            _write(session, one, _kept_back(one, ready, rules), post.clock())
        return
    with post.unit_of_work() as session:
        if not _hand_over(session, one, mask_phone(ready.phone), post.sender.name, post.clock()):
            logger.warning("a text message was taken over", extra={"notice_id": one.id})
            return
    reply = _call(post.sender, ready)
    values = _after(reply, one.attempts + 1, rules)
    try:
        with post.unit_of_work() as session:
            _write(session, one, values, post.clock())
    except SQLAlchemyError as error:
        # Once more, with what the provider said; if that fails too, the message is in doubt.
        logger.warning(
            "a text message's end was not written",
            extra={"notice_id": one.id, "kind": type(error).__name__},
        )
        with post.unit_of_work() as session:
            _write(session, one, values, post.clock())


def _ready(cipher: Cipher, one: Claimed) -> Text | _End:
    """Make the message, with the number in the clear, or say why there is none."""
    book = templates.load_all()
    template = book.templates.get(one.template or "")
    if template is None:
        return _End(Held.NO_TEMPLATE)
    try:
        values, words = template.in_order(one.values), template.words(one.values)
    except templates.UnfitValues:
        return _End(Held.UNFIT)
    if one.envelope is None:
        return _End(Held.NO_NUMBER)
    try:
        phone = cipher.open(one.envelope, row_id=one.phone_id)
    except CannotOpen:
        return _End(Held.UNREADABLE, again=True)
    if not _MOBILE.fullmatch(phone):
        return _End(Held.NO_MOBILE)
    return Text(
        id=one.id,
        phone=phone,
        template=template.code,
        values=values,
        words=f"【{book.signature}】{words}",
    )


def _hand_over(session: Session, one: Claimed, masked: str, provider: str, now: datetime) -> bool:
    """Write down that it leaves our hands now; False if it is no longer in ours."""
    handed = session.scalar(
        update(OutboxMessage)
        .where(*_mine(one), OutboxMessage.lease_until > func.clock_timestamp())
        .values(
            handed_at=now,
            attempts=OutboxMessage.attempts + 1,
            phone_masked=masked,
            provider=provider,
            lease_until=func.clock_timestamp() + LEASE,
        )
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    )
    return handed is not None


def _call(sender: SmsSender, text: Text) -> Reply:
    try:
        return sender.send(text)
    except Exception as error:  # noqa: BLE001  # whatever it is, the message may be on its way
        # The kind alone: what an error says may repeat the number, and so may its traceback.
        logger.error(  # noqa: TRY400
            "a sender failed", extra={"notice_id": text.id, "kind": type(error).__name__}
        )
        return Reply(verdict=Verdict.UNKNOWN)


def _after(reply: Reply, attempts: int, rules: Rules) -> dict[str, Any]:
    """Return what is written of an attempt."""
    said = {"provider_id": reply.provider_id, "provider_code": reply.code}
    if reply.verdict is Verdict.ACCEPTED:
        return said | {"status": DeliveryStatus.SENT, "last_error": None}
    if reply.verdict is Verdict.UNKNOWN:
        return said | {"status": DeliveryStatus.UNKNOWN, "last_error": Held.NO_REPLY}
    if reply.verdict is Verdict.REFUSED:
        return said | {"status": DeliveryStatus.FAILED, "last_error": Held.REFUSED}
    return said | _again(Held.TRY_AGAIN, attempts, rules)


def _kept_back(one: Claimed, end: _End, rules: Rules) -> dict[str, Any]:
    tried = {"attempts": one.attempts + 1}
    if not end.again:
        return tried | {"status": DeliveryStatus.FAILED, "last_error": end.why}
    return tried | _again(end.why, one.attempts + 1, rules)


def _again(why: Held, attempts: int, rules: Rules) -> dict[str, Any]:
    """Wait, twice as long each time, or give up after the last attempt.

    Whose key is not here is no attempt of the provider's: that waits until it is too old.
    """
    if attempts >= rules.attempts_max and why is not Held.UNREADABLE:
        return {"status": DeliveryStatus.FAILED, "last_error": Held.GIVEN_UP}
    return {
        "status": DeliveryStatus.PENDING,
        "last_error": why,
        "handed_at": None,
        "counted_on": None,
        "next_at": func.clock_timestamp() + wait_after(attempts),
    }


def wait_after(attempts: int) -> timedelta:
    """Return how long to wait after that many attempts.

    >>> [wait_after(n).seconds for n in (1, 2, 3, 20)]
    [10, 20, 40, 1800]
    """
    wait: timedelta = FIRST_WAIT * 2 ** min(attempts - 1, 16)
    return min(LONGEST_WAIT, wait)


def _write(session: Session, one: Claimed, values: dict[str, Any], now: datetime) -> None:
    """Write down how it went, unless the message is in doubt or in other hands meanwhile."""
    written: uuid.UUID | None = session.scalar(
        update(OutboxMessage)
        .where(*_mine(one))
        .values({**values, "lease_token": None, "lease_until": None})
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    )
    if written is None:
        logger.warning("a text message was taken over", extra={"notice_id": one.id})
    elif values["status"] is not DeliveryStatus.PENDING:
        status: DeliveryStatus = values["status"]
        claiming.record_ends(session, [one.id], status.value, values["last_error"], now)


def _mine(one: Claimed) -> tuple[ColumnElement[bool], ...]:
    return (
        OutboxMessage.id == one.id,
        OutboxMessage.lease_token == one.token,
        OutboxMessage.status == DeliveryStatus.SENDING,
    )
