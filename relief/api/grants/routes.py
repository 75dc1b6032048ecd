"""Grants that wait for a second security administrator, over HTTP."""

import uuid
from typing import Any

from flask import Response

from relief.accounts import grants
from relief.api.grants.schemas import GrantDecisionIn, GrantOut, GrantsOut
from relief.core.db import unit_of_work
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, current_actor, now, requires
from relief.web.idempotency import answer

blp = Blueprint("grants", __name__, url_prefix="/v1/grants", description="双人授权")


@blp.get("")
@requires(Permission.GRANT_ROLES, scope="none")
@blp.response(200, GrantsOut)
def list_grants() -> dict[str, Any]:
    """List what waits for a second person."""
    with unit_of_work() as session:
        return {"items": grants.open_proposals(session)}


@blp.post("/<uuid:proposal_id>/decision")
@requires(Permission.GRANT_ROLES, scope="none", step_up=True)
@blp.arguments(GrantDecisionIn)
@blp.response(200, GrantOut)
@blp.alt_response(403, description="自己提出的或者关于自己的，或者须先验证身份")
@blp.alt_response(409, description="已经办结")
def decide_grant(payload: dict[str, Any], proposal_id: uuid.UUID) -> Response:
    """Approve or refuse what another administrator proposed for a third person."""
    actor, moment = current_actor(), now()
    with unit_of_work() as session:

        def work() -> grants.ProposalRow:
            grants.decide(
                session, proposal_id=proposal_id, **payload, actor_id=actor.id, now=moment
            )
            return grants.get(session, proposal_id=proposal_id)

        return answer(session, GrantOut, actor_id=actor.id, now=moment, work=work)
