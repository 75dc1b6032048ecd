"""The quality of departments' files over HTTP, and the files of their faults."""

import uuid
from typing import Any
from urllib.parse import quote

from flask import Response

from relief.api.batches.schemas import TaskOut
from relief.api.quality.schemas import FaultFileIn, QualityListOut, SchemeQualityOut
from relief.core.db import unit_of_work
from relief.registry.quality import service
from relief.registry.quality.writing import MEDIA_TYPES
from relief.registry.queries import quality
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, cipher, config, current_actor, now, requires

_FILE = {
    "description": "OK",
    "content": {
        media_type: {"schema": {"type": "string", "format": "binary"}}
        for media_type in MEDIA_TYPES.values()
    },
}

blp = Blueprint("quality", __name__, url_prefix="/v1/quality", description="数据质量")


@blp.get("")
@requires(Permission.SEE_BATCHES, scope="department")
@blp.response(200, QualityListOut)
def list_quality() -> dict[str, Any]:
    """Return the quality of every scheme's files: of all, or those of one's own department."""
    with unit_of_work() as session:
        return {"items": quality.list_quality(session, scope=current_actor().scope, now=now())}


@blp.get("/<scheme>")
@requires(Permission.SEE_BATCHES, scope="department")
@blp.response(200, SchemeQualityOut)
def get_quality(scheme: str) -> quality.SchemeQuality:
    """Return one scheme's quality by field and by file."""
    with unit_of_work() as session:
        return quality.scheme_quality(
            session, scope=current_actor().scope, scheme_code=scheme, now=now()
        )


@blp.post("/<scheme>/fault-files")
@requires(Permission.TAKE_FAULTS, scope="department", step_up=True)
@blp.arguments(FaultFileIn)
@blp.response(202, TaskOut)
def ask(payload: dict[str, Any], scheme: str) -> Any:
    """Queue the making of a file that says which rows of the scheme's files have which fault."""
    actor = current_actor()
    with unit_of_work() as session:
        return service.ask(
            session,
            scope=actor.scope,
            scheme_code=scheme,
            form=payload["form"],
            actor_id=actor.id,
            now=now(),
        )


@blp.post("/fault-files/<uuid:task_id>")
@requires(Permission.TAKE_FAULTS, scope="own", step_up=True)
@blp.response(200)
@blp.doc(responses={"200": _FILE})
@blp.alt_response(409, description="清单还没有生成，或已超过保存期限")
def take(task_id: uuid.UUID) -> Response:
    """Send the file that a task of the caller's made. It is recorded, so it is a POST."""
    actor = current_actor()
    with unit_of_work() as session:
        file = service.take(
            session,
            scope=actor.scope,
            task_id=task_id,
            actor_id=actor.id,
            cipher=cipher(),
            storage=config().storage_dir,
            now=now(),
        )
    return Response(
        file.pieces,
        mimetype=file.media_type,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}"},
    )
