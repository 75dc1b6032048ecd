"""Procedures over HTTP: their versions, and drafts that two persons publish."""

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Response

from relief.api.procedures.schemas import (
    ProcedureContentSchema,
    ProcedureDiscardIn,
    ProcedureDraftIn,
    ProcedureDraftOut,
    ProcedureEditIn,
    ProcedureHistoryOut,
    ProcedureProposalIn,
    ProcedureReturnIn,
    ProcedureSignatureIn,
    ProceduresOut,
    ProcedureVersionDetailOut,
)
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.schemes.drafting import queries, service
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, current_actor, now, requires
from relief.web.idempotency import answer

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

blp = Blueprint("procedures", __name__, url_prefix="/v1", description="办理流程")

_MEANWHILE = "别人刚刚改过这份草稿，或草稿当前状态不允许"


@blp.get("/procedures")
@requires(Permission.SEE_PROCEDURES, scope="none")
@blp.response(200, ProceduresOut)
def list_procedures() -> dict[str, Any]:
    """List the procedures as they stand today, each with its unfinished draft."""
    with unit_of_work() as session:
        found = queries.procedures(session, on=local_date(now()), reader_id=current_actor().id)
    return {"items": found}


@blp.get("/procedures/<procedure>")
@requires(Permission.SEE_PROCEDURES, scope="none")
@blp.response(200, ProcedureHistoryOut)
def get_procedure(procedure: str) -> queries.History:
    """Return a procedure with its versions and drafts: who published them, and when."""
    with unit_of_work() as session:
        return queries.history(
            session, code=procedure, on=local_date(now()), reader_id=current_actor().id
        )


@blp.get("/procedures/<procedure>/versions/<version>")
@requires(Permission.SEE_PROCEDURES, scope="none")
@blp.response(200, ProcedureVersionDetailOut)
def get_version(procedure: str, version: str) -> queries.VersionDetail:
    """Return what a version says, and what otherwise than the one before it."""
    with unit_of_work() as session:
        return queries.version_detail(
            session, code=procedure, version=queries.number_of(version), on=local_date(now())
        )


@blp.post("/procedures/<procedure>/drafts")
@requires(Permission.EDIT_PROCEDURES, scope="none")
@blp.arguments(ProcedureDraftIn)
@blp.response(201, ProcedureDraftOut)
@blp.alt_response(404, description="没有这个办理流程，或那一天没有生效的版本")
@blp.alt_response(409, description="已有一份未发布的草稿")
def begin_draft(payload: dict[str, Any], procedure: str) -> Response:
    """Copy the version in force into a draft."""
    actor, moment = current_actor(), now()
    with unit_of_work() as session:

        def work() -> queries.DraftDetail:
            draft_id = service.begin(
                session, code=procedure, on=payload["on"], actor_id=actor.id, now=moment
            )
            return _detail(session, draft_id)

        return answer(
            session, ProcedureDraftOut, actor_id=actor.id, now=moment, work=work, status=201
        )


@blp.get("/procedure-drafts/<uuid:draft_id>")
@requires(Permission.SEE_PROCEDURES, scope="none")
@blp.response(200, ProcedureDraftOut)
def get_draft(draft_id: uuid.UUID) -> queries.DraftDetail:
    """Return a draft, its difference from its base and what `relief schemes check` says of it."""
    with unit_of_work() as session:
        return _detail(session, draft_id)


@blp.put("/procedure-drafts/<uuid:draft_id>")
@requires(Permission.EDIT_PROCEDURES, scope="none")
@blp.arguments(ProcedureEditIn)
@blp.response(200, ProcedureDraftOut)
@blp.alt_response(409, description=_MEANWHILE)
@blp.alt_response(422, description="填写的流程内容不正确")
def edit_draft(payload: dict[str, Any], draft_id: uuid.UUID) -> Response:
    """Save the whole content, if nobody saved another since it was looked at."""
    content = ProcedureContentSchema().dump(payload["content"])
    return _act(service.replace, draft_id, version=payload["version"], content=content)


@blp.post("/procedure-drafts/<uuid:draft_id>/proposal")
@requires(Permission.EDIT_PROCEDURES, scope="none", step_up=True)
@blp.arguments(ProcedureProposalIn)
@blp.response(200, ProcedureDraftOut)
@blp.alt_response(409, description=f"{_MEANWHILE}；或流程检查没有通过，见 conflicts")
@blp.alt_response(422, description="施行日期早于今天")
def propose_draft(payload: dict[str, Any], draft_id: uuid.UUID) -> Response:
    """Lay a draft before a second person, with the day from which it is to hold."""
    return _act(service.propose, draft_id, **payload)


@blp.post("/procedure-drafts/<uuid:draft_id>/return")
@requires(Permission.SIGN_PROCEDURES, scope="none")
@blp.arguments(ProcedureReturnIn)
@blp.response(200, ProcedureDraftOut)
@blp.alt_response(409, description=_MEANWHILE)
def return_draft(payload: dict[str, Any], draft_id: uuid.UUID) -> Response:
    """Send a proposed draft back to be edited."""
    return _act(service.send_back, draft_id, **payload)


@blp.post("/procedure-drafts/<uuid:draft_id>/publication")
@requires(Permission.SIGN_PROCEDURES, scope="none", step_up=True)
@blp.arguments(ProcedureSignatureIn)
@blp.response(200, ProcedureDraftOut)
@blp.alt_response(403, description="起草、修改或提交过这份草稿的人不能签署")
@blp.alt_response(409, description=f"{_MEANWHILE}；摘要不一致；或流程检查没有通过")
def publish_draft(payload: dict[str, Any], draft_id: uuid.UUID) -> Response:
    """Sign what was looked at: cases that begin on its day or later take it."""
    return _act(service.publish, draft_id, **payload)


@blp.post("/procedure-drafts/<uuid:draft_id>/discard")
@requires(Permission.EDIT_PROCEDURES, scope="none")
@blp.arguments(ProcedureDiscardIn)
@blp.response(200, ProcedureDraftOut)
@blp.alt_response(409, description=_MEANWHILE)
def discard_draft(payload: dict[str, Any], draft_id: uuid.UUID) -> Response:
    """Throw a draft away; it stays readable."""
    return _act(service.discard, draft_id, **payload)


def _act(act: Callable[..., object], draft_id: uuid.UUID, **given: Any) -> Response:
    actor, moment = current_actor(), now()
    with unit_of_work() as session:

        def work() -> queries.DraftDetail:
            act(session, draft_id=draft_id, actor_id=actor.id, now=moment, **given)
            session.flush()
            return _detail(session, draft_id)

        return answer(session, ProcedureDraftOut, actor_id=actor.id, now=moment, work=work)


def _detail(session: "Session", draft_id: uuid.UUID) -> queries.DraftDetail:
    return queries.draft_detail(
        session, draft_id=draft_id, on=local_date(now()), reader_id=current_actor().id
    )
