"""A provider of text messages that answers as a test says, and messages to send by it."""

import threading
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from relief.audit.models import AuditEvent
from relief.core.privacy import store
from relief.core.privacy.masking import mask_phone
from relief.core.privacy.models import SecretKind
from relief.integrations.sms import Reply, Text, Verdict
from relief.jobs.process import UnitOfWork
from relief.jobs.texting import rules_of
from relief.notifications import service
from relief.notifications.models import DeliveryStatus, OutboxMessage
from relief.notifications.texting.sending import Post
from tests.support.settings import CIPHER, START, FakeClock

PHONE = "13800000001"
CASE = "SL2103022026-000001"
ACCEPTED = Reply(verdict=Verdict.ACCEPTED, provider_id="id-1")
AGAIN = Reply(verdict=Verdict.TRY_AGAIN, code="Busy")
REFUSED = Reply(verdict=Verdict.REFUSED, code="Barred")
LOST = Reply(verdict=Verdict.UNKNOWN)


class Provider:
    """Gives the replies of a script, one after another, the last of them for ever."""

    name = "scripted"

    def __init__(self, *script: Reply | Exception) -> None:
        self.script = list(script or (ACCEPTED,))
        self.sent: list[Text] = []
        self._lock = threading.Lock()

    def send(self, text: Text) -> Reply:
        with self._lock:
            self.sent.append(text)
            answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def tell(session: Session, key: str = "k1", *, phone: str = PHONE, now: datetime = START) -> None:
    """Leave one text message in the outbox, in the caller's transaction."""
    ids = store.put_many(session, CIPHER, SecretKind.PHONE, [phone], now=now)
    notice = service.PhoneNotice(
        phone_id=ids[phone],
        phone_masked=mask_phone(phone),
        template="payee-in-force",
        values={"case": CASE},
        dedupe_key=key,
    )
    service.tell_phones(session, [notice], now=now)


def post_of(
    opened: UnitOfWork, sender: Provider, clock: FakeClock | None = None, **changes: object
) -> Post:
    """What a worker sends with, by the parameters of the seeds."""
    given = {
        "unit_of_work": opened,
        "clock": clock or FakeClock(),
        "cipher": CIPHER,
        "sender": sender,
        "rules": rules_of,
    }
    return Post(**{**given, **changes})  # type: ignore[arg-type]  # whatever a test changes


def row(session: Session, key: str = "k1") -> OutboxMessage:
    """The message, as the database has it now."""
    found = select(OutboxMessage).where(OutboxMessage.dedupe_key == key)
    return session.scalars(found, execution_options={"populate_existing": True}).one()


def stands(session: Session, key: str = "k1") -> tuple[DeliveryStatus, str | None]:
    """How the message stands, and why."""
    found = row(session, key)
    return found.status, found.last_error


def seconds_left(session: Session, key: str = "k1") -> float:
    """How long the message waits still."""
    moment = session.execute(select(func.clock_timestamp())).scalar_one()
    return float((row(session, key).next_at - moment).total_seconds())


def make_due(session: Session, **values: object) -> None:
    """Let every message be due, as time would; and be what a test says."""
    session.execute(update(OutboxMessage).values(next_at=func.clock_timestamp(), **values))
    session.commit()


def lapse(session: Session) -> None:
    """End every lease, as half a minute would."""
    ended = func.clock_timestamp() - timedelta(seconds=1)
    session.execute(update(OutboxMessage).values(lease_until=ended))
    session.commit()


def ends(session: Session) -> list[tuple[str, str | None]]:
    """What the audit trail says of how messages ended."""
    found = select(AuditEvent.action, AuditEvent.details).where(
        AuditEvent.subject_type == "text_message"
    )
    return [(action, details.get("reason")) for action, details in session.execute(found)]
