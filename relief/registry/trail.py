"""What happened to one household or person, and who looked: for who reads the audit trail.

Reading it is a look as well, and is recorded like one. Without the right to see households,
as the audit administrator has none, the events are shown and the changed values are not.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from sqlalchemy import Select, select, text
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.accounts.permissions import Permission
from relief.audit import queries
from relief.audit import service as audit
from relief.audit.models import AuditEvent
from relief.core.paging import Page
from relief.core.scope import Scope
from relief.registry.errors import HouseholdNotFound, PersonNotFound
from relief.registry.models import Household, Membership, Person
from relief.registry.queries.history import household_changes, person_changes
from relief.registry.queries.rows import ChangeRow
from relief.registry.queries.visible import household_visible, person_visible

Kind = Literal["household", "person"]


@dataclass(frozen=True, slots=True)
class RecordTrail:
    """The events of one record, newest first, and its newest changes."""

    events: Page[AuditEvent]
    changes: Sequence[ChangeRow]
    names: Mapping[uuid.UUID, str]


def record_history(
    session: Session,
    *,
    reader: Actor,
    kind: Kind,
    record_id: uuid.UUID,
    limit: int,
    now: datetime,
    cursor: str | None = None,
) -> RecordTrail:
    """Return what was done to a record. Raises HouseholdNotFound or PersonNotFound.

    Who audits a county finds nothing of a record that is not there, also of its past.
    """
    _note(session, reader, kind, record_id, verb="history_viewed", now=now)
    ranges = reader.trail_ranges
    events = queries.list_events(
        session,
        filters=queries.EventFilter(subject_type=kind, subject_id=record_id),
        ranges=ranges,
        limit=limit,
        cursor=cursor,
    )
    if not reader.may(Permission.SEE_HOUSEHOLDS):
        return RecordTrail(events, (), {})
    if kind == "person":
        people = Person.id == record_id
        changes = person_changes(session, reader.scope, record_id)
    else:
        inside = select(Membership.person_id).where(Membership.household_id == record_id)
        people = Person.id.in_(inside)
        changes = household_changes(session, reader.scope, record_id, session.scalars(inside).all())
    names = session.execute(select(Person.id, Person.name).where(people))
    return RecordTrail(events, changes, {row.id: row.name for row in names})


def lookers(
    session: Session,
    *,
    reader: Actor,
    person_id: uuid.UUID,
    limit: int,
    now: datetime,
    cursor: str | None = None,
) -> Page[AuditEvent]:
    """Return who looked at a person, when and on what ground. Raises PersonNotFound."""
    _note(session, reader, "person", person_id, verb="lookers_viewed", now=now)
    return queries.list_lookers(
        session, person_id=person_id, ranges=reader.trail_ranges, limit=limit, cursor=cursor
    )


def _note(
    session: Session,
    reader: Actor,
    kind: Kind,
    record_id: uuid.UUID,
    *,
    verb: str,
    now: datetime,
) -> None:
    """Record the look, of a record that the reader may know of."""
    audit.record(
        session,
        f"{kind}:{verb}",
        subject_type=kind,
        subject_id=record_id,
        actor_id=reader.id,
        now=now,
        region_code=_require(session, reader, kind, record_id),
    )


def _require(session: Session, reader: Actor, kind: Kind, record_id: uuid.UUID) -> int | None:
    """Return a record's region; None for one merged away, whose past is still to be read."""
    ranges = reader.trail_ranges
    if ranges is None:
        # Row security shows no household to the audit administrator, nor rows that are gone.
        place, known = session.execute(_ANYWHERE, {"kind": kind, "record": record_id}).one()
        if place is not None or known:
            return cast("int | None", place)
    elif (found := session.scalar(_placed(kind, record_id, Scope(ranges, None)))) is not None:
        return found
    raise HouseholdNotFound if kind == "household" else PersonNotFound


_ANYWHERE = text("SELECT region, known FROM place_of_record(:kind, :record)")


def _placed(kind: Kind, record_id: uuid.UUID, scope: Scope) -> "Select[int]":
    """Return the query of a record's region, if the record is in scope."""
    if kind == "household":
        return select(Household.region_code).where(
            Household.id == record_id, household_visible(scope)
        )
    return (
        select(Person.home_region_code)
        .select_from(Person)
        .outerjoin(Membership, Membership.person_id == Person.id)
        .outerjoin(Household, Household.id == Membership.household_id)
        .where(Person.id == record_id, person_visible(scope))
    )
