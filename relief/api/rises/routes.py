"""Rises of a standard (提标), over HTTP. Every write answers with what it wrote as it is then."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Response

from relief.api.decision_lists.schemas import DigestIn
from relief.api.rises.schemas import (
    RiseEntryArgs,
    RiseEntryFilterIn,
    StandardRiseEntryPageOut,
    StandardRiseIn,
    StandardRiseOut,
    StandardRisePageOut,
)
from relief.core.db import unit_of_work
from relief.review.rising import export, queries, service
from relief.review.rising.queries import RiseRow
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, current_actor, now, requires
from relief.web.downloads import as_download
from relief.web.idempotency import answer
from relief.web.pagination import PageArgs

blp = Blueprint("rises", __name__, url_prefix="/v1/standard-rises", description="提标")
_FILE = {
    "description": "差异清单，CSV，UTF-8",
    "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
}


@blp.get("")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(PageArgs, location="query")
@blp.response(200, StandardRisePageOut)
def list_standard_rises(args: dict[str, Any]) -> Any:
    """List the rises of one's county or city, newest first."""
    with unit_of_work() as session:
        return queries.rises(session, actor=current_actor(), **args)


@blp.post("")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(StandardRiseIn)
@blp.response(201, StandardRiseOut)
@blp.alt_response(404, description="没有这个救助项目")
@blp.alt_response(409, description="不由本人办理，没有新标准，没有正在发放的，或者正在办理")
def start_standard_rise(payload: dict[str, Any]) -> Response:
    """Begin a rise: the list of differences is drawn in the background, nothing is decided."""
    actor, moment = current_actor(), now()

    def work() -> RiseRow:
        rise_id = service.start(session, actor=actor, now=moment, **payload)
        return queries.get_rise(session, actor=actor, rise_id=rise_id)

    with unit_of_work() as session:
        return answer(
            session, StandardRiseOut, actor_id=actor.id, now=moment, work=work, status=201
        )


@blp.get("/<uuid:rise_id>")
@requires(Permission.WORK_CASES, scope="region")
@blp.response(200, StandardRiseOut)
def get_standard_rise(rise_id: uuid.UUID) -> RiseRow:
    """Return a rise with its progress."""
    with unit_of_work() as session:
        return queries.get_rise(session, actor=current_actor(), rise_id=rise_id)


@blp.get("/<uuid:rise_id>/entitlements")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(RiseEntryArgs, location="query")
@blp.response(200, StandardRiseEntryPageOut)
def list_rise_entries(args: dict[str, Any], rise_id: uuid.UUID) -> Any:
    """List the entitlements of a rise: the differences, and what became of each."""
    with unit_of_work() as session:
        actor = current_actor()
        service.seen(session, actor=actor, rise_id=rise_id)
        return queries.entries(session, actor=actor, rise_id=rise_id, **args)


@blp.post("/<uuid:rise_id>/export")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(RiseEntryFilterIn)
@blp.response(200)
@blp.doc(responses={"200": _FILE})
def export_differences(payload: dict[str, Any], rise_id: uuid.UUID) -> Response:
    """Send the list of differences as a file. It is recorded, so it is a POST."""
    with unit_of_work() as session:
        content = export.take(session, actor=current_actor(), rise_id=rise_id, now=now(), **payload)
    return as_download(iter([content]), len(content), name=export.FILE, media_type="text/csv")


@blp.post("/<uuid:rise_id>/sign")
@requires(Permission.DECIDE_CASES, scope="region", step_up=True)
@blp.arguments(DigestIn)
@blp.response(202, StandardRiseOut)
@blp.alt_response(409, description="没有生成或者已经签署，由本人生成，摘要不一致，或者已过期")
def sign_standard_rise(payload: dict[str, Any], rise_id: uuid.UUID) -> Response:
    """Sign the list that was looked at; it is decided in the background."""
    return _done(service.sign, rise_id, **payload)


@blp.post("/<uuid:rise_id>/stop")
@requires(Permission.DECIDE_CASES, scope="region")
@blp.response(202, StandardRiseOut)
@blp.alt_response(409, description="没有在办理")
def stop_standard_rise(rise_id: uuid.UUID) -> Response:
    """Stop: what is decided stays so, the rest waits."""
    return _done(service.stop, rise_id)


@blp.post("/<uuid:rise_id>/resume")
@requires(Permission.DECIDE_CASES, scope="region", step_up=True)
@blp.response(202, StandardRiseOut)
@blp.alt_response(409, description="没有停止，或者不由本人签署")
def resume_standard_rise(rise_id: uuid.UUID) -> Response:
    """Go on where it stood."""
    return _done(service.resume, rise_id)


@blp.post("/<uuid:rise_id>/cancel")
@requires(Permission.WORK_CASES, scope="region")
@blp.response(200, StandardRiseOut)
@blp.alt_response(409, description="正在办理或者已经结束")
def cancel_standard_rise(rise_id: uuid.UUID) -> Response:
    """Give up a rise that nothing works on: what was decided stays so."""
    return _done(service.cancel, rise_id, status=200)


def _done(
    act: Callable[..., None], rise_id: uuid.UUID, *, status: int = 202, **given: Any
) -> Response:
    """Do it once for each Idempotency-Key, and answer with the rise."""
    actor, moment = current_actor(), now()

    def work() -> RiseRow:
        act(session, actor=actor, rise_id=rise_id, now=moment, **given)
        return queries.get_rise(session, actor=actor, rise_id=rise_id)

    with unit_of_work() as session:
        return answer(
            session, StandardRiseOut, actor_id=actor.id, now=moment, work=work, status=status
        )
