"""The audit trail over HTTP."""

import uuid
from typing import Any

from relief.api.audit_events.schemas import (
    EventArgs,
    EventPageOut,
    RecordTrailOut,
    SealStateOut,
)
from relief.audit import queries, state
from relief.core.db import unit_of_work
from relief.registry import trail
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, current_actor, now, requires
from relief.web.pagination import PageArgs

blp = Blueprint("audit_events", __name__, url_prefix="/v1", description="审计日志")


@blp.get("/audit-events")
@requires(Permission.READ_AUDIT, scope="region")
@blp.arguments(EventArgs, location="query")
@blp.response(200, EventPageOut)
def list_events(args: dict[str, Any]) -> Any:
    """List audit events, newest first; an auditor of a county reads those of its people."""
    limit, cursor = args.pop("limit"), args.pop("cursor")
    with unit_of_work() as session:
        return queries.list_events(
            session,
            filters=queries.EventFilter(**args),
            ranges=current_actor().trail_ranges,
            limit=limit,
            cursor=cursor,
        )


@blp.get("/audit-state")
@requires(Permission.READ_AUDIT, scope="none")
@blp.response(200, SealStateOut)
def get_state() -> Any:
    """Return how far the trail is sealed, anchored and checked."""
    with unit_of_work() as session:
        return state.seal_state(session, now=now())


@blp.get("/audit-trail/households/<uuid:household_id>")
@requires(Permission.READ_AUDIT, scope="region")
@blp.arguments(PageArgs, location="query")
@blp.response(200, RecordTrailOut)
def get_household_trail(args: dict[str, Any], household_id: uuid.UUID) -> Any:
    """Return what was done to a household; that one read it is recorded."""
    return _record("household", household_id, args)


@blp.get("/audit-trail/persons/<uuid:person_id>")
@requires(Permission.READ_AUDIT, scope="region")
@blp.arguments(PageArgs, location="query")
@blp.response(200, RecordTrailOut)
def get_person_trail(args: dict[str, Any], person_id: uuid.UUID) -> Any:
    """Return what was done to a person; that one read it is recorded."""
    return _record("person", person_id, args)


@blp.get("/audit-trail/persons/<uuid:person_id>/lookers")
@requires(Permission.READ_AUDIT, scope="region")
@blp.arguments(PageArgs, location="query")
@blp.response(200, EventPageOut)
def list_lookers(args: dict[str, Any], person_id: uuid.UUID) -> Any:
    """List who looked at a person, newest first; that one read it is recorded."""
    with unit_of_work() as session:
        return trail.lookers(
            session, reader=current_actor(), person_id=person_id, now=now(), **args
        )


def _record(kind: trail.Kind, record_id: uuid.UUID, args: dict[str, Any]) -> trail.RecordTrail:
    with unit_of_work() as session:
        return trail.record_history(
            session, reader=current_actor(), kind=kind, record_id=record_id, now=now(), **args
        )
