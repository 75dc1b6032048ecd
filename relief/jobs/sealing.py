"""Seals the audit trail, anchors it outside the database, and checks it every night."""

import logging
from datetime import datetime

from sqlalchemy.orm import Session

from relief.accounts.types import Role
from relief.audit import anchoring, checks, sealing
from relief.core.clock import local_date
from relief.jobs.queries import holders_of
from relief.notifications.service import notify
from relief.web.context import config

logger = logging.getLogger(__name__)

TOLD = (Role.AUDIT_ADMIN, Role.AUDITOR)
TITLE = "审计日志校验发现问题"
BODY = "审计日志与封存记录不一致：{what}。请立即保全现场并按应急预案处置，不要修改数据库。"


def seal_audit_trail(session: Session, *, now: datetime) -> str:
    """Seal what was committed since the last run."""
    return str(sealing.seal(session, keys=checks.keys_of(config().seal), now=now))


def anchor_audit_trail(session: Session, *, now: datetime) -> str:
    """Write the newest seal outside the database."""
    written = anchoring.anchor_newest(session, anchor=checks.anchor_of(config().seal), now=now)
    return f"seal {written.seq} in anchor {written.number}" if written else "nothing sealed yet"


def check_audit_trail(session: Session, *, now: datetime) -> str:
    """Verify the whole trail, remember the outcome, and tell the auditors of a fault."""
    outcome = checks.verify_and_record(session, settings=config().seal, now=now)
    if outcome.whole:
        return f"whole: {outcome.events} events"
    logger.error("the audit trail is not whole", extra={"fault": outcome.fault})
    for account in holders_of(session, TOLD):
        notify(
            session,
            recipient_id=account,
            title=TITLE,
            body=BODY.format(what=outcome.words),
            link=None,
            dedupe_key=f"audit-check:{local_date(now).isoformat()}:{account}",
            now=now,
        )
    return f"NOT WHOLE: {outcome.fault}"
