"""Reading the audit trail."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, literal_column, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from relief.audit.models import AuditEvent
from relief.core.paging import Page, newest_first
from relief.core.scope import RegionRange, within

LOOKS = ("person:viewed", "person:unmasked")
TAKEN = frozenset({"household", "person"})  # what stands in lists that are taken away


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What the trail is narrowed to; the period is `since <= occurred_at < until`."""

    actor_id: uuid.UUID | None = None
    subject_type: str | None = None
    subject_id: uuid.UUID | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def readable(ranges: Sequence[RegionRange] | None) -> "Select[AuditEvent]":
    """Return the query of the events that someone may read."""
    query = select(AuditEvent)
    return query if ranges is None else query.where(within(AuditEvent.region_code, ranges))


def list_lookers(
    session: Session,
    *,
    person_id: uuid.UUID,
    ranges: Sequence[RegionRange] | None,
    limit: int,
    cursor: str | None = None,
) -> Page[AuditEvent]:
    """Return one page of the looks at a person, newest first. One query.

    A look at a household is a look at everyone whom its page showed; so is a list taken away that
    names the person.
    """
    shown: ColumnElement[Any] = literal_column("(audit_event.details -> 'persons')", JSONB())
    query = readable(ranges).where(
        or_(
            and_(
                AuditEvent.subject_type == "person",
                AuditEvent.subject_id == person_id,
                AuditEvent.action.in_(LOOKS),
            ),
            and_(
                # As it stands in the index, so that the planner knows it again.
                AuditEvent.action == literal_column("'household:viewed'"),
                shown.contains([str(person_id)]),
            ),
            _exported(person_id),
        )
    )
    return newest_first(
        session, query, AuditEvent.id, limit=limit, cursor=cursor, make=lambda event: event
    )


def list_events(
    session: Session,
    *,
    filters: EventFilter,
    ranges: Sequence[RegionRange] | None,
    limit: int,
    cursor: str | None = None,
) -> Page[AuditEvent]:
    """Return one page of events, newest first. One query.

    `ranges`: of which regions; None: of the whole city, and what concerns no region.
    """
    query = readable(ranges)
    if filters.subject_type in TAKEN and filters.subject_id is not None:
        own = and_(
            AuditEvent.subject_type == filters.subject_type,
            AuditEvent.subject_id == filters.subject_id,
        )
        query = query.where(or_(own, _exported(filters.subject_id)))
        filters = replace(filters, subject_type=None, subject_id=None)
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


def _exported(record_id: uuid.UUID) -> ColumnElement[bool]:
    """Match the events of lists that were taken away with this household or householder."""
    shown: ColumnElement[Any] = literal_column("(audit_event.details -> 'shown')", JSONB())
    # As it stands in the index, so that the planner knows it again.
    taken = AuditEvent.action == literal_column("'household:exported'")
    return and_(taken, shown.contains([str(record_id)]))
