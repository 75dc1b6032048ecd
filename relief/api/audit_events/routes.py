"""The audit trail over HTTP."""

from typing import Any

from relief.api.audit_events.schemas import EventArgs, EventPageOut
from relief.audit import queries
from relief.core.db import unit_of_work
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, current_actor, requires

blp = Blueprint("audit_events", __name__, url_prefix="/v1/audit-events", description="审计日志")


@blp.get("")
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
