"""Requests to see a person unmasked, over HTTP."""

import uuid
from typing import Any

from flask import Response

from relief.api.access.schemas import (
    AccessRequestArgs,
    AccessRequestIn,
    AccessRequestOut,
    AccessRequestPageOut,
    DecisionIn,
)
from relief.core.db import unit_of_work
from relief.registry import disclosure
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, current_actor, now, requires
from relief.web.idempotency import answer

blp = Blueprint("access", __name__, url_prefix="/v1/access-requests", description="查询申请")


@blp.get("")
@requires(Permission.ASK_ACCESS, scope="household")
@blp.arguments(AccessRequestArgs, location="query")
@blp.response(200, AccessRequestPageOut)
def list_access_requests(args: dict[str, Any]) -> Any:
    """List one's own requests; who decides sees all about persons in scope."""
    actor = current_actor()
    with unit_of_work() as session:
        return disclosure.list_access_requests(
            session,
            scope=actor.scope,
            actor_id=actor.id,
            decides=actor.may(Permission.DECIDE_ACCESS),
            **args,
        )


@blp.post("")
@requires(Permission.ASK_ACCESS, scope="household")
@blp.arguments(AccessRequestIn)
@blp.response(201, AccessRequestOut)
def ask_access(payload: dict[str, Any]) -> Response:
    """Ask to see a person's data."""
    actor, moment = current_actor(), now()
    with unit_of_work() as session:
        return answer(
            session,
            AccessRequestOut,
            actor_id=actor.id,
            now=moment,
            work=lambda: disclosure.ask_access(
                session, scope=actor.scope, **payload, actor_id=actor.id, now=moment
            ),
            status=201,
        )


@blp.post("/<uuid:request_id>/decision")
@requires(Permission.DECIDE_ACCESS, scope="household")
@blp.arguments(DecisionIn)
@blp.response(200, AccessRequestOut)
@blp.alt_response(409, description="已经办结")
def decide_access(payload: dict[str, Any], request_id: uuid.UUID) -> Response:
    """Approve or refuse a request of someone else."""
    actor, moment = current_actor(), now()
    with unit_of_work() as session:
        return answer(
            session,
            AccessRequestOut,
            actor_id=actor.id,
            now=moment,
            work=lambda: disclosure.decide_access(
                session,
                scope=actor.scope,
                request_id=request_id,
                **payload,
                actor_id=actor.id,
                now=moment,
            ),
        )
