"""Outside registers: how each stands, which files came, sending and taking back."""

import uuid
from collections.abc import Mapping, Sequence
from io import BytesIO

from flask import Blueprint, abort, flash, redirect, render_template, send_file, url_for
from flask import request as asked
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from relief.accounts import queries as account_queries
from relief.accounts.permissions import Permission
from relief.console import paging
from relief.console.forms import field
from relief.core.db import unit_of_work
from relief.registers import batches
from relief.registers.intake import layouts, rejects, service, uploads
from relief.registers.types import Content, Register, RegisterBatchStatus
from relief.registry.intake.errors import UnreadableFile
from relief.review.checks import resting
from relief.web.context import cipher, config, current_actor, now, requires
from relief.web.limits import takes_files

registers = Blueprint("registers", __name__, url_prefix="/registers")
_ROWS_DIGITS = 8
_TITLES: Mapping[Register, str] = {
    one.register: one.layout.title
    for one in layouts.load_all().values()
    if one.content is Content.WHOLE
}


@registers.get("")
@requires(Permission.SEE_REGISTERS, scope="city")
def index() -> str:
    """Show how every register stands, and what rests on it."""
    with unit_of_work() as session:
        rows = resting.overview(session, now=now())
    return render_template("console/registers/list.html", rows=rows, may_import=_may_import())


@registers.get("/<register>")
@requires(Permission.SEE_REGISTERS, scope="city")
def show(register: str) -> str:
    """Show one register with a page of its files."""
    chosen = _register(register)
    if chosen is None:
        abort(404)
    with unit_of_work() as session:
        row = resting.one(session, chosen, now=now())
        page = batches.deliveries(
            session, register=chosen, limit=paging.PAGE_SIZE, cursor=paging.cursor()
        )
    return render_template(
        "console/registers/show.html",
        row=row,
        batches=page.items,
        may_import=_may_import(),
        **paging.links(page.next_cursor),
    )


@registers.get("/batches/<uuid:batch_id>")
@requires(Permission.SEE_REGISTERS, scope="city")
def batch(batch_id: uuid.UUID) -> str:
    """Show one file with a page of its rejected rows."""
    with unit_of_work() as session:
        found = batches.delivery(session, batch_id=batch_id)
        page = batches.rejected_rows(
            session, batch_id=batch_id, limit=paging.PAGE_SIZE, cursor=paging.cursor()
        )
        known = {one for one in (found.created_by, found.undone_by) if one}
        names = account_queries.display_names(session, known)
    return render_template(
        "console/registers/batch.html",
        batch=found,
        title=_TITLES[found.register],
        names=names,
        may_import=_may_import(),
        fresh=current_actor().fresh(now(), to_fill_in=True),
        rows=page.items,
        **paging.links(page.next_cursor),
    )


@registers.get("/new")
@requires(Permission.IMPORT_FILES, scope="city")
def new() -> str:
    """Show the upload form."""
    return _form({}, register=asked.args.get("register", ""))


@registers.post("")
@takes_files
@requires(Permission.IMPORT_FILES, scope="city")
def create() -> Response | tuple[str, int]:
    """Keep the files that were sent and queue their load; the same file queues once."""
    files = [file for file in asked.files.getlist("files") if file.filename]
    register = _register(field("register"))
    faults = _faults(files, field("rows"), register, field("register"))
    if faults:
        return _form(faults), 422
    try:
        _receive(files, register, int(field("rows")) if field("rows") else None)
    except UnreadableFile as error:
        return _form({"files": error.message}), 422
    flash(f"已收到 {len(files)} 个文件，正在后台入库。完成后在首页的站内消息中通知您。", "good")
    return redirect(url_for(".index"), code=303)


@registers.post("/batches/<uuid:batch_id>/rejected-rows")
@requires(Permission.IMPORT_FILES, scope="city", step_up=True)
def rejected_file(batch_id: uuid.UUID) -> Response:
    """Give back the rejected rows to be mended; they hold personal data, so it is recorded."""
    with unit_of_work() as session:
        file = rejects.take(
            session,
            batch_id,
            actor_id=current_actor().id,
            cipher=cipher(),
            storage=config().storage_dir,
            now=now(),
        )
    return send_file(
        BytesIO(file.content),
        mimetype=file.media_type,
        as_attachment=True,
        download_name=file.name,
        max_age=0,
    )


@registers.get("/batches/<uuid:batch_id>/undo")
@requires(Permission.IMPORT_FILES, scope="city")
def undo(batch_id: uuid.UUID) -> str:
    """Ask whether a file is really to be taken back."""
    with unit_of_work() as session:
        found = batches.delivery(session, batch_id=batch_id)
    return render_template(
        "console/registers/undo.html", batch=found, title=_TITLES[found.register]
    )


@registers.post("/batches/<uuid:batch_id>/undo")
@requires(Permission.IMPORT_FILES, scope="city")
def take_back(batch_id: uuid.UUID) -> Response:
    """Take a file back; a repeat changes nothing more."""
    with unit_of_work() as session:
        found = batches.delivery(session, batch_id=batch_id)
        if found.status is not RegisterBatchStatus.UNDONE:
            service.undo(session, batch_id=batch_id, actor_id=current_actor().id, now=now())
    flash("批次已撤销，此前的登记数据重新有效。", "good")
    return redirect(url_for(".batch", batch_id=batch_id), code=303)


def _may_import() -> bool:
    return current_actor().may(Permission.IMPORT_FILES)


def _register(code: str) -> Register | None:
    return Register(code) if code in list(Register) else None


def _faults(
    files: Sequence[FileStorage], rows: str, register: Register | None, code: str
) -> Mapping[str, str]:
    if not files:
        return {"files": "请选择要上传的文件。"}
    if code and register is None:
        return {"register": "没有这种登记数据，请重新选择。"}
    if rows and not (rows.isascii() and rows.isdecimal() and len(rows) <= _ROWS_DIGITS):
        return {"rows": "请填写整数，或留空。"}
    if rows and len(files) > 1:
        return {"rows": "填写行数时，一次只能上传一个文件。"}
    return {}


def _receive(files: Sequence[FileStorage], register: Register | None, rows: int | None) -> None:
    with unit_of_work() as session:
        for file in files:
            uploads.receive_upload(
                session,
                file.stream,  # type: ignore[arg-type]  # a file of bytes, typed as a protocol
                file_name=file.filename or "",
                register=register,
                expected_rows=rows,
                actor_id=current_actor().id,
                cipher=cipher(),
                storage=config().storage_dir,
                now=now(),
            )


def _form(faults: Mapping[str, str], register: str | None = None) -> str:
    return render_template(
        "console/registers/new.html",
        registers=[(one.value, title) for one, title in _TITLES.items()],
        register=field("register") if register is None else register,
        rows=field("rows"),
        faults=faults,
    )
