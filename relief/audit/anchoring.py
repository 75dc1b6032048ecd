"""Writes the newest seal outside the database, and says so in the trail itself.

The event makes the two watch each other: who cuts the anchors' end is given away by the trail,
who cuts the trail's end by the anchors.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.audit import service as audit
from relief.audit.models import AuditEvent, AuditSeal
from relief.integrations.anchors import Anchor, Anchored

WRITTEN = "audit_trail:anchored"


def anchor_newest(session: Session, *, anchor: Anchor, now: datetime) -> Anchored | None:
    """Anchor the newest seal and return the anchor; None if nothing was ever sealed.

    Killed between the two writes, it leaves an anchor that no event names, which is no fault.
    """
    newest = session.scalars(select(AuditSeal).order_by(AuditSeal.seq.desc()).limit(1)).first()
    if newest is None:
        return None
    written = anchor.append(seq=newest.seq, signature=newest.signature.hex(), at=now)
    audit.record(
        session,
        WRITTEN,
        subject_type="audit_trail",
        subject_id=audit.NOBODY,
        actor_id=None,
        now=now,
        details={"seq": written.seq, "number": written.number},
    )
    return written


def newest_number(session: Session) -> int:
    """Return the number of the newest anchor that the trail knows of; 0 if it knows none."""
    details = session.scalar(
        select(AuditEvent.details)
        .where(
            AuditEvent.subject_type == "audit_trail",
            AuditEvent.subject_id == audit.NOBODY,
            AuditEvent.action == WRITTEN,
        )
        .order_by(AuditEvent.occurred_at.desc())
        .limit(1)
    )
    return int(details["number"]) if details else 0
