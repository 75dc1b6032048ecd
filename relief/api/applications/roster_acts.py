"""Entering many applications of a roster by one act (批量补办), over HTTP."""

import uuid
from typing import Any

from flask import Response

from relief.api.applications.roster_schemas import (
    RosterActIn,
    RosterActOut,
    RosterActPageOut,
    RosterPlaceArgs,
    RosterPlacePageOut,
)
from relief.core.db import unit_of_work
from relief.review.rostering import queries, service
from relief.review.rostering.queries import ActRow
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, current_actor, now, requires
from relief.web.idempotency import answer
from relief.web.pagination import PageArgs

blp = Blueprint("roster_acts", __name__, url_prefix="/v1/roster-acts", description="批量补办")


@blp.get("")
@requires(Permission.OPEN_CASES, scope="own")
@blp.arguments(PageArgs, location="query")
@blp.response(200, RosterActPageOut)
def list_roster_acts(args: dict[str, Any]) -> Any:
    """List one's own acts, newest first."""
    with unit_of_work() as session:
        return queries.list_acts(session, account_id=current_actor().id, **args)


@blp.post("")
@requires(Permission.OPEN_CASES, scope="region")
@blp.arguments(RosterActIn)
@blp.response(201, RosterActOut)
@blp.alt_response(403, description="本部门不参与办理这个项目")
@blp.alt_response(404, description="没有这个救助项目或区划")
@blp.alt_response(409, description="没有需要补办的人，或上一次还没有办完")
def begin_roster_act(payload: dict[str, Any]) -> Response:
    """Choose who is missing on a scheme's roster; one case each is entered in the background."""
    actor, moment = current_actor(), now()

    def work() -> ActRow:
        act_id = service.begin(
            session, actor=actor, scheme_code=payload.pop("scheme"), now=moment, **payload
        )
        return queries.get_act(session, account_id=actor.id, act_id=act_id)

    with unit_of_work() as session:
        return answer(session, RosterActOut, actor_id=actor.id, now=moment, work=work, status=201)


@blp.get("/<uuid:act_id>")
@requires(Permission.OPEN_CASES, scope="own")
@blp.response(200, RosterActOut)
def get_roster_act(act_id: uuid.UUID) -> ActRow:
    """Return one of one's own acts with its progress."""
    with unit_of_work() as session:
        return queries.get_act(session, account_id=current_actor().id, act_id=act_id)


@blp.get("/<uuid:act_id>/people")
@requires(Permission.OPEN_CASES, scope="own")
@blp.arguments(RosterPlaceArgs, location="query")
@blp.response(200, RosterPlacePageOut)
def list_roster_places(args: dict[str, Any], act_id: uuid.UUID) -> Any:
    """List the people of one's own act: each case, or why there is none."""
    with unit_of_work() as session:
        return queries.places(session, account_id=current_actor().id, act_id=act_id, **args)


@blp.post("/<uuid:act_id>/resume")
@requires(Permission.OPEN_CASES, scope="own")
@blp.response(202, RosterActOut)
@blp.alt_response(409, description="没有停止")
def resume_roster_act(act_id: uuid.UUID) -> Response:
    """Go on where the act stood: nobody is entered twice."""
    actor, moment = current_actor(), now()

    def work() -> ActRow:
        service.resume(session, actor=actor, act_id=act_id, now=moment)
        return queries.get_act(session, account_id=actor.id, act_id=act_id)

    with unit_of_work() as session:
        return answer(session, RosterActOut, actor_id=actor.id, now=moment, work=work, status=202)
