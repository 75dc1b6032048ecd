"""Tells offices that re-checks are overdue; whatever is granted runs on."""

import logging
from datetime import datetime

from sqlalchemy.orm import Session

from relief.audit import service as audit
from relief.core.clock import local_date
from relief.core.ids import new_id
from relief.notifications.service import Notice, notify_all
from relief.review.rechecking import overdue

logger = logging.getLogger(__name__)
BODY = "{cases} 件申请事项：{numbers}{more}。逾期不影响待遇发放，请尽快核查。"


def watch_rechecks(session: Session, *, now: datetime) -> str:
    """Tell of each overdue re-check once."""
    told, nobody = overdue.mark_overdue(session, now=now)
    if not told and not nobody:
        return "nothing overdue"
    notices = [
        Notice(
            recipient_id=account,
            title="定期核查已经逾期",
            body=BODY.format(
                cases=late.cases,
                numbers="、".join(late.numbers),
                more="等" if late.cases > len(late.numbers) else "",
            ),
            link="/cases",
            dedupe_key=f"recheck:{local_date(now).isoformat()}:{account}",
        )
        for account, late in sorted(told.items())
    ]
    sent = notify_all(session, notices, now=now)
    if nobody:
        logger.error("overdue re-checks reached nobody", extra={"rechecks": nobody})
    audit.record(
        session,
        "rechecks:told",
        subject_type="deadlines",
        subject_id=new_id(now),
        actor_id=None,
        now=now,
        details={"notices": sent, "nobody": nobody},
    )
    return f"{sent} notices, {nobody} reached nobody"
