"""Assignments of helpers by file, over HTTP: the template, the file, what became of its rows."""

import uuid
from io import BytesIO
from typing import Any

from flask import Response

from relief.api.batches.schemas import TaskOut
from relief.api.helpers.schemas import HelperFileIn, HelperFileOut
from relief.core.db import unit_of_work
from relief.visits.files import columns, task
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, cipher, config, current_actor, now, requires
from relief.web.downloads import as_download
from relief.web.limits import takes_files

blp = Blueprint("helper_files", __name__, url_prefix="/v1/helper-files", description="帮扶责任人")
_TEMPLATE = {
    "description": "空白模板，CSV，UTF-8",
    "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
}


@blp.get("/template")
@requires(Permission.ASSIGN_HELPERS, scope="none")
@blp.response(200)
@blp.doc(responses={"200": _TEMPLATE})
def get_helper_template() -> Response:
    """Return the empty file that is filled in: a household and a helper a row."""
    content = columns.template()
    return as_download(
        iter(BytesIO(content)), len(content), name=columns.NAME, media_type=columns.MEDIA_TYPE
    )


@blp.post("")
@takes_files
@requires(Permission.ASSIGN_HELPERS, scope="household")
@blp.arguments(HelperFileIn, location="files")
@blp.response(202, TaskOut)
@blp.alt_response(422, description="文件不是表格，或过大")
def upload_helper_file(files: dict[str, Any]) -> Any:
    """Keep a file of assignments and queue it; every row is assigned or rejected with a reason."""
    file = files["file"]
    with unit_of_work() as session:
        return task.receive(
            session,
            file.stream,
            file_name=file.filename or "",
            actor_id=current_actor().id,
            cipher=cipher(),
            storage=config().storage_dir,
            now=now(),
        )


@blp.get("/<uuid:task_id>")
@requires(Permission.ASSIGN_HELPERS, scope="own")
@blp.response(200, HelperFileOut)
def get_helper_file(task_id: uuid.UUID) -> task.HelperFile:
    """Return what became of one's own file, with each row that was rejected and why."""
    with unit_of_work() as session:
        return task.get(session, task_id=task_id, account_id=current_actor().id)
