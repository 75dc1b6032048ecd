"""Reading the audit trail."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.audit.models import AuditEvent
from relief.core.paging import Page, newest_first


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What the trail is narrowed to; the period is `since <= occurred_at < until`."""

    actor_id: uuid.UUID | None = None
    subject_type: str | None = None
    subject_id: uuid.UUID | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def list_events(
    session: Session, *, filters: EventFilter, limit: int, cursor: str | None = None
) -> Page[AuditEvent]:
    """Return one page of events, newest first. One query."""
    query = select(AuditEvent)
    for column, value in (
        (AuditEvent.actor_id, filters.actor_id),
        (AuditEvent.subject_type, filters.subject_type),
        (AuditEvent.subject_id, filters.subject_id),
        (AuditEvent.action, filters.action),
    ):
        if value is not None:
            query = query.where(column == value)
    if filters.since is not None:
        query = query.where(AuditEvent.occurred_at >= filters.since)
    if filters.until is not None:
        query = query.where(AuditEvent.occurred_at < filters.until)
    return newest_first(
        session, query, AuditEvent.id, limit=limit, cursor=cursor, make=lambda event: event
    )
