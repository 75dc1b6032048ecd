"""Tells offices that somebody who was referred to them waits beyond their day (催办)."""

import logging
from datetime import datetime

from sqlalchemy.orm import Session

from relief.audit import service as audit
from relief.core.ids import new_id
from relief.notifications.service import Notice, notify_all
from relief.review.referring import telling

logger = logging.getLogger(__name__)


def watch_referrals(session: Session, *, now: datetime) -> str:
    """Tell of each late referral once, the office and its approvers; silence refuses nobody."""
    late = telling.mark_late(session, now=now)
    if not late:
        return "nothing late"
    notices = [
        Notice(
            recipient_id=account,
            title=telling.LATE_TITLE,
            body=telling.LATE_BODY,
            link=telling.link_of(referral_id),
            dedupe_key=f"referral-late:{referral_id}:{now.isoformat()}:{account}",
        )
        for referral_id, accounts in late.items()
        for account in accounts
    ]
    sent = notify_all(session, notices, now=now)
    nobody = sum(not accounts for accounts in late.values())
    if nobody:
        logger.error("late referrals reached nobody", extra={"referrals": nobody})
    audit.record(
        session,
        "referrals:told",
        subject_type="deadlines",
        subject_id=new_id(now),
        actor_id=None,
        now=now,
        details={"referrals": len(late), "notices": sent, "nobody": nobody},
    )
    return f"{len(late)} late, {sent} notices, {nobody} reached nobody"
