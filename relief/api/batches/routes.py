"""Department files over HTTP."""

import uuid
from io import BytesIO
from typing import Any

from flask import Response, send_file

from relief.api.batches.schemas import (
    BatchArgs,
    BatchOut,
    BatchPageOut,
    RejectedRowPageOut,
    RollDecisionIn,
    TaskOut,
    UploadFileIn,
    UploadIn,
)
from relief.core.db import unit_of_work
from relief.registry import disclosure, queries
from relief.registry.intake import guard, rejects, rolls, uploads
from relief.registry.intake import service as intake
from relief.tasks import queries as tasks
from relief.tasks import service as task_service
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, cipher, config, current_actor, now, requires
from relief.web.limits import takes_files
from relief.web.pagination import PageArgs

_BINARY = {"type": "string", "format": "binary"}
# Of the kind that the file was; flask-smorest knows of one media type only.
_AS_IT_CAME = {
    "description": "OK",
    "content": {media_type: {"schema": _BINARY} for media_type in guard.MEDIA_TYPES.values()},
}

blp = Blueprint("batches", __name__, url_prefix="/v1", description="导入批次")


@blp.get("/batches")
@requires(Permission.SEE_BATCHES, scope="department")
@blp.arguments(BatchArgs, location="query")
@blp.response(200, BatchPageOut)
def list_batches(args: dict[str, Any]) -> Any:
    """List batches, newest first: all, or those of one's own department."""
    limit, cursor = args.pop("limit"), args.pop("cursor")
    with unit_of_work() as session:
        return queries.list_batches(
            session,
            scope=current_actor().scope,
            filters=queries.BatchFilter(**args),
            limit=limit,
            cursor=cursor,
        )


@blp.get("/batches/<uuid:batch_id>")
@requires(Permission.SEE_BATCHES, scope="department")
@blp.response(200, BatchOut)
def get_batch(batch_id: uuid.UUID) -> queries.BatchRow:
    """Return one batch."""
    with unit_of_work() as session:
        return queries.batch_detail(session, scope=current_actor().scope, batch_id=batch_id)


@blp.get("/batches/<uuid:batch_id>/rejected-rows")
@requires(Permission.SEE_BATCHES, scope="department")
@blp.arguments(PageArgs, location="query")
@blp.response(200, RejectedRowPageOut)
def list_rejected_rows(args: dict[str, Any], batch_id: uuid.UUID) -> Any:
    """List the rows of a batch that were not loaded, with reasons and without values."""
    with unit_of_work() as session:
        return queries.rejected_rows(
            session, scope=current_actor().scope, batch_id=batch_id, **args
        )


@blp.post("/batches")
@takes_files
@requires(Permission.IMPORT_FILES, scope="city")
@blp.arguments(UploadFileIn, location="files")
@blp.arguments(UploadIn, location="form")
@blp.response(202, TaskOut)
@blp.alt_response(422, description="没有这个救助项目，或文件过大")
def upload(files: dict[str, Any], payload: dict[str, Any]) -> Any:
    """Keep a department file and queue its import; the same bytes again are the same task."""
    file = files["file"]
    with unit_of_work() as session:
        return uploads.receive_upload(
            session,
            file.stream,
            file_name=file.filename or "",
            scheme_code=payload["scheme"],
            expected_rows=payload["rows"],
            region_code=int(payload["region"]) if payload["region"] else None,
            actor_id=current_actor().id,
            cipher=cipher(),
            storage=config().storage_dir,
            now=now(),
        )


@blp.post("/batches/<uuid:batch_id>/undo")
@requires(Permission.IMPORT_FILES, scope="city")
@blp.response(202, TaskOut)
@blp.alt_response(409, description="批次没有在库数据")
def undo(batch_id: uuid.UUID) -> Any:
    """Take a whole batch back, and queue the merge that takes back what came of it."""
    actor, moment = current_actor(), now()
    with unit_of_work() as session:
        intake.undo_batch(session, batch_id=batch_id, actor_id=actor.id, now=moment)
        return task_service.enqueue(
            session,
            kind="merge",
            key="registry",
            arguments={"notify": [str(actor.id)]},
            actor_id=actor.id,
            now=moment,
        )


@blp.post("/batches/<uuid:batch_id>/decision")
@requires(Permission.IMPORT_FILES, scope="city")
@blp.arguments(RollDecisionIn)
@blp.response(200, BatchOut)
@blp.alt_response(409, description="批次没有在等待确认")
def decide(payload: dict[str, Any], batch_id: uuid.UUID) -> queries.BatchRow:
    """Let a held roll have its effect, and queue the merge for it; or refuse it."""
    actor, moment = current_actor(), now()
    with unit_of_work() as session:
        if payload["confirm"]:
            rolls.confirm(session, batch_id=batch_id, actor_id=actor.id, now=moment)
            task_service.enqueue(
                session,
                kind="merge",
                key="registry",
                arguments={"notify": [str(actor.id)]},
                actor_id=actor.id,
                now=moment,
            )
        else:
            rolls.refuse(session, batch_id=batch_id, actor_id=actor.id, now=moment)
        return queries.batch_detail(session, scope=actor.scope, batch_id=batch_id)


@blp.post("/batches/<uuid:batch_id>/rejected-file")
@requires(Permission.IMPORT_FILES, scope="city", step_up=True)
@blp.response(200)
@blp.doc(responses={"200": _AS_IT_CAME})
@blp.alt_response(409, description="没有退回的行")
def download_rejected(batch_id: uuid.UUID) -> Response:
    """Return the rejected rows as they came, with reasons, to be mended and sent again.

    They hold personal data: so a POST, which is recorded.
    """
    with unit_of_work() as session:
        found = rejects.workbook(session, batch_id, cipher=cipher(), storage=config().storage_dir)
        disclosure.record_download(
            session, batch_id=batch_id, actor_id=current_actor().id, now=now()
        )
    return send_file(
        BytesIO(found.content),
        mimetype=found.media_type,
        as_attachment=True,
        download_name=found.name,
        max_age=0,
    )


@blp.get("/tasks/<uuid:task_id>")
@requires(Permission.SIGNED_IN, scope="own")
@blp.response(200, TaskOut)
def get_task(task_id: uuid.UUID) -> Any:
    """Return the progress of a task that the caller started."""
    with unit_of_work() as session:
        return tasks.get(session, task_id=task_id, account_id=current_actor().id)
