"""New values of parameters, over HTTP: drafted by one, published by another."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Response

from relief.api.rises.schemas import ParameterDraftIn, ParameterDraftOut, ParameterDraftPageOut
from relief.core.db import unit_of_work
from relief.review.rising import values
from relief.review.rising.values import DraftRow
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, current_actor, now, requires
from relief.web.idempotency import answer
from relief.web.pagination import PageArgs

blp = Blueprint(
    "parameter_drafts", __name__, url_prefix="/v1/parameter-drafts", description="参数新值"
)


@blp.get("")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(PageArgs, location="query")
@blp.response(200, ParameterDraftPageOut)
def list_parameter_drafts(args: dict[str, Any]) -> Any:
    """List the new values, newest first: a county's to its office alone until it is published."""
    with unit_of_work() as session:
        return values.drafts(session, actor=current_actor(), **args)


@blp.post("")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(ParameterDraftIn)
@blp.response(201, ParameterDraftOut)
@blp.alt_response(409, description="不由本人办理，或者这一天已有新值")
def draft_parameter(payload: dict[str, Any]) -> Response:
    """Draft what a parameter is to be worth from a day on, in the city or in one's own county."""
    actor, moment = current_actor(), now()

    def work() -> DraftRow:
        draft_id = values.draft(session, actor=actor, now=moment, **payload)
        return values.get_draft(session, draft_id=draft_id)

    with unit_of_work() as session:
        return answer(
            session, ParameterDraftOut, actor_id=actor.id, now=moment, work=work, status=201
        )


@blp.post("/<uuid:draft_id>/publish")
@requires(Permission.DECIDE_CASES, scope="region", step_up=True)
@blp.response(200, ParameterDraftOut)
@blp.alt_response(409, description="由本人起草，或者已经发布、作废")
def publish_parameter(draft_id: uuid.UUID) -> Response:
    """Publish somebody else's draft: from its day on the rules go by it."""
    return _done(values.publish, draft_id)


@blp.post("/<uuid:draft_id>/discard")
@requires(Permission.WORK_CASES, scope="region")
@blp.response(200, ParameterDraftOut)
@blp.alt_response(409, description="已经发布、作废")
def discard_parameter(draft_id: uuid.UUID) -> Response:
    """Discard a draft that is not published."""
    return _done(values.discard, draft_id)


def _done(act: Callable[..., None], draft_id: uuid.UUID) -> Response:
    actor, moment = current_actor(), now()

    def work() -> DraftRow:
        act(session, actor=actor, draft_id=draft_id, now=moment)
        return values.get_draft(session, draft_id=draft_id)

    with unit_of_work() as session:
        return answer(session, ParameterDraftOut, actor_id=actor.id, now=moment, work=work)
