"""Outside registers over HTTP: what came, what rests on it, sending and taking back files."""

import uuid
from io import BytesIO
from typing import Any

from flask import Response, send_file

from relief.api.batches.schemas import RejectedRowPageOut, TaskOut
from relief.api.registers.schemas import (
    RegisterBatchArgs,
    RegisterBatchOut,
    RegisterBatchPageOut,
    RegisterFileIn,
    RegistersOut,
    RegisterUploadIn,
)
from relief.core.db import unit_of_work
from relief.registers import batches
from relief.registers.intake import rejects, service, uploads
from relief.registry.intake import guard
from relief.review.checks import resting
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, cipher, config, current_actor, now, requires
from relief.web.limits import takes_files
from relief.web.pagination import PageArgs

_BINARY = {"type": "string", "format": "binary"}
_AS_IT_CAME = {
    "description": "OK",
    "content": {media_type: {"schema": _BINARY} for media_type in guard.MEDIA_TYPES.values()},
}

blp = Blueprint("registers", __name__, url_prefix="/v1/registers", description="外部登记数据")


@blp.get("")
@requires(Permission.SEE_REGISTERS, scope="city")
@blp.response(200, RegistersOut)
def list_registers() -> Any:
    """List all registers: newest file, age, how many entries, which checks rest on each."""
    with unit_of_work() as session:
        return {"items": resting.overview(session, now=now())}


@blp.get("/batches")
@requires(Permission.SEE_REGISTERS, scope="city")
@blp.arguments(RegisterBatchArgs, location="query")
@blp.response(200, RegisterBatchPageOut)
def list_register_batches(args: dict[str, Any]) -> Any:
    """List the files of a register, or of all, newest first."""
    with unit_of_work() as session:
        return batches.deliveries(session, **args)


@blp.get("/batches/<uuid:batch_id>")
@requires(Permission.SEE_REGISTERS, scope="city")
@blp.response(200, RegisterBatchOut)
def get_register_batch(batch_id: uuid.UUID) -> Any:
    """Return one file of a register."""
    with unit_of_work() as session:
        return batches.delivery(session, batch_id=batch_id)


@blp.get("/batches/<uuid:batch_id>/rejected-rows")
@requires(Permission.SEE_REGISTERS, scope="city")
@blp.arguments(PageArgs, location="query")
@blp.response(200, RejectedRowPageOut)
def list_register_rejected_rows(args: dict[str, Any], batch_id: uuid.UUID) -> Any:
    """List the rows of a file that were not loaded, with reasons and without values."""
    with unit_of_work() as session:
        return batches.rejected_rows(session, batch_id=batch_id, **args)


@blp.post("/batches")
@takes_files
@requires(Permission.IMPORT_FILES, scope="city")
@blp.arguments(RegisterFileIn, location="files")
@blp.arguments(RegisterUploadIn, location="form")
@blp.response(202, TaskOut)
@blp.alt_response(422, description="文件不是表格，或过大")
def upload_register(files: dict[str, Any], payload: dict[str, Any]) -> Any:
    """Keep a register's file and queue its load; the same bytes again are the same delivery.

    Whole register or changes: the headings tell.
    """
    file = files["file"]
    with unit_of_work() as session:
        return uploads.receive_upload(
            session,
            file.stream,
            file_name=file.filename or "",
            register=payload["register"],
            expected_rows=payload["rows"],
            actor_id=current_actor().id,
            cipher=cipher(),
            storage=config().storage_dir,
            now=now(),
        )


@blp.post("/batches/<uuid:batch_id>/undo")
@requires(Permission.IMPORT_FILES, scope="city")
@blp.response(200, RegisterBatchOut)
@blp.alt_response(409, description="批次没有在库数据")
def undo_register_batch(batch_id: uuid.UUID) -> Any:
    """Take a whole file back: what it replaced holds again."""
    with unit_of_work() as session:
        service.undo(session, batch_id=batch_id, actor_id=current_actor().id, now=now())
        session.expire_all()
        return batches.delivery(session, batch_id=batch_id)


@blp.post("/batches/<uuid:batch_id>/rejected-file")
@requires(Permission.IMPORT_FILES, scope="city", step_up=True)
@blp.response(200)
@blp.doc(responses={"200": _AS_IT_CAME})
@blp.alt_response(409, description="没有退回的行")
def download_register_rejected(batch_id: uuid.UUID) -> Response:
    """Return the rejected rows as they came, with reasons, to be mended by their office.

    They hold personal data: so a POST, which is recorded.
    """
    with unit_of_work() as session:
        found = rejects.take(
            session,
            batch_id,
            actor_id=current_actor().id,
            cipher=cipher(),
            storage=config().storage_dir,
            now=now(),
        )
    return send_file(
        BytesIO(found.content),
        mimetype=found.media_type,
        as_attachment=True,
        download_name=found.name,
        max_age=0,
    )
