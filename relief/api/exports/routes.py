"""Lists taken away as files, over HTTP."""

import uuid
from typing import Any

from flask import Response

from relief.api.exports.schemas import ExportIn, ExportOut, ExportPageOut
from relief.core.db import unit_of_work
from relief.registry.exports import queries, service
from relief.registry.queries import HouseholdFilter
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, cipher, config, current_actor, now, requires
from relief.web.downloads import as_download
from relief.web.idempotency import answer
from relief.web.pagination import PageArgs

_BINARY = {"type": "string", "format": "binary"}
_FILE = {
    "description": "OK",
    "content": {kind: {"schema": _BINARY} for kind in service.MEDIA_TYPES},
}

blp = Blueprint("exports", __name__, url_prefix="/v1/exports", description="名单导出")


@blp.get("")
@requires(Permission.EXPORT_HOUSEHOLDS, scope="own")
@blp.arguments(PageArgs, location="query")
@blp.response(200, ExportPageOut)
def list_exports(args: dict[str, Any]) -> Any:
    """List one's own exports, newest first."""
    with unit_of_work() as session:
        return queries.list_exports(session, account_id=current_actor().id, now=now(), **args)


@blp.post("")
@requires(Permission.EXPORT_HOUSEHOLDS, scope="household", step_up=True)
@blp.arguments(ExportIn)
@blp.response(202, ExportOut)
def ask_export(payload: dict[str, Any]) -> Response:
    """Ask for a file of what the list shows; it is made in the background."""
    actor, moment = current_actor(), now()
    form, purpose, remark = (payload.pop(name) for name in ("form", "purpose", "remark"))

    def work() -> queries.ExportRow:
        export_id = service.ask(
            session,
            cipher(),
            asker=actor,
            filters=HouseholdFilter(**payload),
            form=form,
            purpose=purpose,
            remark=remark,
            rules=config().exports,
            now=moment,
        )
        return queries.get_export(session, export_id=export_id, account_id=actor.id, now=moment)

    with unit_of_work() as session:
        return answer(session, ExportOut, actor_id=actor.id, now=moment, work=work, status=202)


@blp.get("/<uuid:export_id>")
@requires(Permission.EXPORT_HOUSEHOLDS, scope="own")
@blp.response(200, ExportOut)
def get_export(export_id: uuid.UUID) -> queries.ExportRow:
    """Return one of one's own exports with its progress."""
    with unit_of_work() as session:
        return queries.get_export(
            session, export_id=export_id, account_id=current_actor().id, now=now()
        )


@blp.post("/<uuid:export_id>/file")
@requires(Permission.EXPORT_HOUSEHOLDS, scope="own", step_up=True)
@blp.response(200)
@blp.doc(responses={"200": _FILE})
@blp.alt_response(409, description="还没有生成、已过期，或有的困难户已不在查看范围内")
def fetch_export(export_id: uuid.UUID) -> Response:
    """Return the file; who took which households away is recorded, so it is a POST."""
    with unit_of_work() as session:
        found = service.fetch(
            session,
            cipher(),
            export_id=export_id,
            asker=current_actor(),
            storage=config().storage_dir,
            now=now(),
        )
    return as_download(found.pieces, found.size, name=found.name, media_type=found.media_type)
