"""How far the sealing has come, for the pages and the health of the jobs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, cast, func, select
from sqlalchemy.orm import Session

from relief.audit.anchoring import WRITTEN
from relief.audit.checks import CHECKED
from relief.audit.models import AuditEvent, AuditSeal
from relief.audit.sealing import as_xid
from relief.audit.service import NOBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class SealState:
    """The last seal, anchor and check, and what waits to be sealed."""

    last_seq: int | None
    sealed_at: datetime | None
    waiting: int
    lag_seconds: float
    anchored_at: datetime | None
    anchored_seq: int | None
    checked_at: datetime | None
    whole: bool | None
    finding: dict[str, Any] | None


def seal_state(session: Session, *, now: datetime) -> SealState:
    """Return it in four queries. `lag_seconds`: the age of the oldest event without a seal."""
    last = session.scalars(select(AuditSeal).order_by(AuditSeal.seq.desc()).limit(1)).first()
    waiting, oldest = _waiting(session)
    anchored, checked = _newest(session, WRITTEN), _newest(session, CHECKED)
    return SealState(
        last_seq=last.seq if last else None,
        sealed_at=last.sealed_at if last else None,
        waiting=waiting,
        lag_seconds=max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
        anchored_at=anchored.occurred_at if anchored else None,
        anchored_seq=anchored.details["seq"] if anchored else None,
        checked_at=checked.occurred_at if checked else None,
        whole=checked.details["whole"] if checked else None,
        finding=checked.details["finding"] if checked else None,
    )


def seal_lag(session: Session, *, now: datetime) -> dict[str, Any]:
    """Return what the health page of the jobs tells of the sealing. Two queries."""
    waiting, oldest = _waiting(session)
    lag = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
    return {"waiting": waiting, "lag_seconds": round(lag, 1)}


def _waiting(session: Session) -> tuple[int, datetime | None]:
    """Count what was written since the last seal's horizon: an index range, however long all is."""
    horizon = session.scalar(
        select(cast(AuditSeal.horizon, Text)).order_by(AuditSeal.seq.desc()).limit(1)
    )
    query = select(func.count(), func.min(AuditEvent.occurred_at))
    if horizon is not None:
        query = query.where(AuditEvent.xid >= as_xid(horizon))
    count, oldest = session.execute(query).one()
    return count, oldest


def _newest(session: Session, action: str) -> AuditEvent | None:
    return session.scalars(
        select(AuditEvent)
        .where(
            AuditEvent.subject_type == "audit_trail",
            AuditEvent.subject_id == NOBODY,
            AuditEvent.action == action,
        )
        .order_by(AuditEvent.occurred_at.desc())
        .limit(1)
    ).first()
