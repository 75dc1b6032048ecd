"""Sends the text messages of the outbox in the worker, beside its tasks and the inboxes."""

import logging
import threading
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from relief.core.clock import local_date
from relief.notifications.texting import sending
from relief.notifications.texting.rules import Rules
from relief.schemes import queries as schemes
from relief.schemes.errors import ParameterNotSet

logger = logging.getLogger(__name__)


def rules_of(session: Session, now: datetime) -> Rules:
    """Return the parameters of the day. One query. Raises ParameterNotSet."""
    day = local_date(now)
    rows = schemes.parameters(session, on=day)

    def number(name: str) -> int:
        if name not in rows:
            raise ParameterNotSet(name=name, on=day.isoformat())
        return int(rows[name].value)

    return Rules(
        quiet_from=number("sms_quiet_from"),
        quiet_until=number("sms_quiet_until"),
        phone_day_max=number("sms_phone_day_max"),
        waiting_max=timedelta(hours=number("sms_waiting_hours_max")),
        attempts_max=number("sms_attempts_max"),
    )


def deliver(post: sending.Post, stop: threading.Event, seconds: float) -> None:
    """Send until `stop` is set; what cannot be sent now is looked at again."""
    while not stop.is_set():
        try:
            full = sending.send_due(post)
        except Exception as error:  # noqa: BLE001  # the thread would end, and the worker go on
            # The kind alone: what an error says may name a telephone, and so may its traceback.
            logger.warning("text messages are not sent", extra={"kind": type(error).__name__})
            full = 0
        if full < sending.BATCH:
            stop.wait(seconds)
