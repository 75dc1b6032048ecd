"""Assignments of helpers by file: the template, the upload, what became of its rows."""

import uuid
from io import BytesIO

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.core.db import unit_of_work
from relief.core.errors import Invalid
from relief.visits.files import columns, task
from relief.web.context import cipher, config, current_actor, now, requires
from relief.web.downloads import as_download
from relief.web.limits import takes_files

helper_files = Blueprint("helper_files", __name__, url_prefix="/helper-files")


@helper_files.get("")
@requires(Permission.ASSIGN_HELPERS, scope="household")
def new() -> str:
    """Show the upload form."""
    return _form()


@helper_files.get("/template")
@requires(Permission.ASSIGN_HELPERS, scope="none")
def template() -> Response:
    """Return the empty file that is filled in."""
    content = columns.template()
    return as_download(
        iter(BytesIO(content)), len(content), name=columns.NAME, media_type=columns.MEDIA_TYPE
    )


@helper_files.post("")
@takes_files
@requires(Permission.ASSIGN_HELPERS, scope="household")
def create() -> Response | tuple[str, int]:
    """Keep the file and queue it; the same file that waits queues once."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _form("请选择要上传的文件。"), 422
    try:
        with unit_of_work() as session:
            queued = task.receive(
                session,
                file.stream,  # type: ignore[arg-type]  # a file of bytes, typed as a protocol
                file_name=file.filename,
                actor_id=current_actor().id,
                cipher=cipher(),
                storage=config().storage_dir,
                now=now(),
            )
    except Invalid as fault:
        return _form(str(fault)), 422
    return redirect(url_for(".show", task_id=queued.id), code=303)


@helper_files.get("/<uuid:task_id>")
@requires(Permission.ASSIGN_HELPERS, scope="own")
def show(task_id: uuid.UUID) -> str:
    """Show what became of one's own file."""
    with unit_of_work() as session:
        found = task.get(session, task_id=task_id, account_id=current_actor().id)
    return render_template("console/helping/file.html", file=found)


def _form(fault: str | None = None) -> str:
    return render_template(
        "console/helping/new_file.html", fault=fault, headings=list(columns.HEADINGS.values())
    )
