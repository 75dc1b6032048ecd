"""Signed lists of decisions (清单审批), over HTTP.

Every write answers with the list as it is then.
"""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Response

from relief.api.decision_lists.schemas import (
    DecisionListEntryPageOut,
    DecisionListIn,
    DecisionListOut,
    DecisionListPageOut,
    DigestIn,
    EntryArgs,
)
from relief.core.db import unit_of_work
from relief.review.lists import queries, service
from relief.review.lists.queries import ListRow
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, current_actor, now, requires
from relief.web.idempotency import answer
from relief.web.pagination import PageArgs

blp = Blueprint("decision_lists", __name__, url_prefix="/v1/decision-lists", description="清单审批")


@blp.get("")
@requires(Permission.DECIDE_CASES, scope="own")
@blp.arguments(PageArgs, location="query")
@blp.response(200, DecisionListPageOut)
def list_decision_lists(args: dict[str, Any]) -> Any:
    """List one's own lists, newest first."""
    with unit_of_work() as session:
        return queries.list_lists(session, account_id=current_actor().id, **args)


@blp.post("")
@requires(Permission.DECIDE_CASES, scope="region")
@blp.arguments(DecisionListIn)
@blp.response(201, DecisionListOut)
@blp.alt_response(404, description="没有这个救助项目或区划")
@blp.alt_response(409, description="没有等待本人审批的这类申请")
def draw_decision_list(payload: dict[str, Any]) -> Response:
    """Draw a list of the cases that wait for one's decision; nothing is decided."""
    actor, moment = current_actor(), now()

    def work() -> ListRow:
        list_id = service.draw(
            session, actor=actor, scheme_code=payload.pop("scheme"), now=moment, **payload
        )
        return queries.get_list(session, account_id=actor.id, list_id=list_id)

    with unit_of_work() as session:
        return answer(
            session, DecisionListOut, actor_id=actor.id, now=moment, work=work, status=201
        )


@blp.get("/<uuid:list_id>")
@requires(Permission.DECIDE_CASES, scope="own")
@blp.response(200, DecisionListOut)
def get_decision_list(list_id: uuid.UUID) -> ListRow:
    """Return one of one's own lists with its progress."""
    with unit_of_work() as session:
        return queries.get_list(session, account_id=current_actor().id, list_id=list_id)


@blp.get("/<uuid:list_id>/cases")
@requires(Permission.DECIDE_CASES, scope="own")
@blp.arguments(EntryArgs, location="query")
@blp.response(200, DecisionListEntryPageOut)
def list_entries(args: dict[str, Any], list_id: uuid.UUID) -> Any:
    """List the cases of one's own list: what there is to look at, and what became of each."""
    with unit_of_work() as session:
        account_id = current_actor().id
        service.own(session, actor_id=account_id, list_id=list_id)
        return queries.entries(session, account_id=account_id, list_id=list_id, **args)


@blp.post("/<uuid:list_id>/cases/<uuid:case_id>/take-off")
@requires(Permission.DECIDE_CASES, scope="own")
@blp.response(200, DecisionListOut)
@blp.alt_response(409, description="已经签署，或不在清单上")
def take_off(list_id: uuid.UUID, case_id: uuid.UUID) -> Response:
    """Take a case off a list before it is signed; the digest is another one then."""
    return _done(service.take_off, list_id, status=200, case_id=case_id)


@blp.post("/<uuid:list_id>/sign")
@requires(Permission.DECIDE_CASES, scope="own", step_up=True)
@blp.arguments(DigestIn)
@blp.response(202, DecisionListOut)
@blp.alt_response(409, description="已经签署，摘要不一致，或清单上没有可以一并审批的申请")
def sign_decision_list(payload: dict[str, Any], list_id: uuid.UUID) -> Response:
    """Sign the list that was looked at; its cases are decided in the background."""
    return _done(service.sign, list_id, **payload)


@blp.post("/<uuid:list_id>/stop")
@requires(Permission.DECIDE_CASES, scope="own")
@blp.response(202, DecisionListOut)
@blp.alt_response(409, description="没有在办理")
def stop_decision_list(list_id: uuid.UUID) -> Response:
    """Stop: what is decided stays so, the rest waits."""
    return _done(service.stop, list_id)


@blp.post("/<uuid:list_id>/resume")
@requires(Permission.DECIDE_CASES, scope="own", step_up=True)
@blp.response(202, DecisionListOut)
@blp.alt_response(409, description="没有停止")
def resume_decision_list(list_id: uuid.UUID) -> Response:
    """Go on where the list stood, as it was signed."""
    return _done(service.resume, list_id)


def _done(
    act: Callable[..., None], list_id: uuid.UUID, *, status: int = 202, **given: Any
) -> Response:
    """Do it once for each Idempotency-Key, and answer with the list."""
    actor, moment = current_actor(), now()

    def work() -> ListRow:
        act(session, actor=actor, list_id=list_id, now=moment, **given)
        return queries.get_list(session, account_id=actor.id, list_id=list_id)

    with unit_of_work() as session:
        return answer(
            session, DecisionListOut, actor_id=actor.id, now=moment, work=work, status=status
        )
