"""Department files: what came, what was loaded and rejected, sending and taking back."""

import uuid
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from relief.accounts import queries as account_queries
from relief.accounts.permissions import Permission
from relief.console import paging
from relief.console.forms import field
from relief.core.db import unit_of_work
from relief.organisation import queries as organisation
from relief.registry import disclosure, queries
from relief.registry.intake import rejects, rolls, uploads
from relief.registry.intake import service as intake
from relief.registry.intake.errors import UnknownRegion, UnknownScheme
from relief.registry.types import Channel
from relief.schemes import queries as scheme_queries
from relief.tasks import service as tasks
from relief.web.context import cipher, config, current_actor, now, requires
from relief.web.limits import takes_files

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

batches = Blueprint("batches", __name__, url_prefix="/batches")
_ROWS_DIGITS = 8
_REGION_DIGITS = 12


@batches.get("")
@requires(Permission.SEE_BATCHES, scope="department")
def index() -> str:
    """Show one page of batches, newest first: files, or single records by program."""
    channel = Channel.RECORDS if request.args.get("records") == "1" else Channel.FILE
    with unit_of_work() as session:
        page = queries.list_batches(
            session,
            scope=current_actor().scope,
            filters=queries.BatchFilter(channel=channel),
            limit=paging.PAGE_SIZE,
            cursor=paging.cursor(),
        )
    return render_template(
        "console/batches/list.html",
        batches=page.items,
        by_records=channel is Channel.RECORDS,
        **paging.links(page.next_cursor, records="1" if channel is Channel.RECORDS else None),
    )


@batches.get("/<uuid:batch_id>")
@requires(Permission.SEE_BATCHES, scope="department")
def show(batch_id: uuid.UUID) -> str:
    """Show one batch with a page of its rejected rows."""
    actor = current_actor()
    with unit_of_work() as session:
        batch = queries.batch_detail(session, scope=actor.scope, batch_id=batch_id)
        page = queries.rejected_rows(
            session,
            scope=actor.scope,
            batch_id=batch_id,
            limit=paging.PAGE_SIZE,
            cursor=paging.cursor(),
        )
        replacing = queries.replacing_rolls(session, scope=actor.scope, batch=batch)
        full_name = scheme_queries.get_scheme(session, code=batch.scheme.code).name
        known = {one for one in (batch.created_by, batch.decided_by) if one}
        names = account_queries.display_names(session, known)
    return render_template(
        "console/batches/show.html",
        batch=batch,
        full_name=full_name,
        replacing=replacing,
        uploader=names.get(batch.created_by) if batch.created_by else None,
        decider=names.get(batch.decided_by) if batch.decided_by else None,
        may_import=actor.may(Permission.IMPORT_FILES) and actor.whole_city,
        fresh=actor.fresh(now(), to_fill_in=True),
        rows=page.items,
        **paging.links(page.next_cursor),
    )


@batches.get("/new")
@requires(Permission.IMPORT_FILES, scope="city")
def new() -> str:
    """Show the upload form."""
    return _form({})


@batches.post("")
@takes_files
@requires(Permission.IMPORT_FILES, scope="city")
def create() -> Response | tuple[str, int]:
    """Keep the files that were sent and queue their import; the same file queues once."""
    files = [file for file in request.files.getlist("files") if file.filename]
    if not files:
        return _form({"files": "请选择要上传的文件。"}), 422
    rows = field("rows")
    if rows and not (rows.isascii() and rows.isdecimal() and len(rows) <= _ROWS_DIGITS):
        return _form({"rows": "请填写整数，或留空。"}), 422
    if rows and len(files) > 1:
        return _form({"rows": "填写行数时，一次只能上传一个文件。"}), 422
    try:
        _receive(files, field("scheme") or None, int(rows) if rows else None, field("region"))
    except UnknownScheme:
        return _form({"scheme": "没有这个救助项目，请重新选择。"}), 422
    except UnknownRegion:
        return _form({"region": "没有这个区划，请重新选择。"}), 422
    flash(f"已收到 {len(files)} 个文件，正在后台入库。完成后在首页的站内消息中通知您。", "good")
    return redirect(url_for(".index"), code=303)


@batches.post("/<uuid:batch_id>/rejected-rows")
@requires(Permission.IMPORT_FILES, scope="city", step_up=True)
def rejected_file(batch_id: uuid.UUID) -> Response:
    """Give back the rejected rows to be mended; they hold personal data, so it is recorded."""
    actor = current_actor()
    with unit_of_work() as session:
        queries.batch_detail(session, scope=actor.scope, batch_id=batch_id)
        file = rejects.workbook(session, batch_id, cipher=cipher(), storage=config().storage_dir)
        disclosure.record_download(session, batch_id=batch_id, actor_id=actor.id, now=now())
    return send_file(
        BytesIO(file.content),
        mimetype=file.media_type,
        as_attachment=True,
        download_name=file.name,
        max_age=0,
    )


@batches.post("/<uuid:batch_id>/decision")
@requires(Permission.IMPORT_FILES, scope="city")
def decide(batch_id: uuid.UUID) -> Response:
    """Let a held roll have its effect, with the merge that follows, or refuse it."""
    actor, moment = current_actor(), now()
    confirmed = field("decision") == "confirm"
    with unit_of_work() as session:
        queries.batch_detail(session, scope=actor.scope, batch_id=batch_id)
        if confirmed:
            rolls.confirm(session, batch_id=batch_id, actor_id=actor.id, now=moment)
            _queue_merge(session, actor.id)
        else:
            rolls.refuse(session, batch_id=batch_id, actor_id=actor.id, now=moment)
    flash(
        "名册已确认，困难群众库正在后台重新归并。" if confirmed else "名册未采用，没有人因此离开。",
        "good",
    )
    return redirect(url_for(".show", batch_id=batch_id), code=303)


@batches.get("/<uuid:batch_id>/undo")
@requires(Permission.IMPORT_FILES, scope="city")
def undo(batch_id: uuid.UUID) -> str:
    """Ask whether a batch is really to be taken back."""
    with unit_of_work() as session:
        batch = queries.batch_detail(session, scope=current_actor().scope, batch_id=batch_id)
    return render_template("console/batches/undo.html", batch=batch)


@batches.post("/<uuid:batch_id>/undo")
@requires(Permission.IMPORT_FILES, scope="city")
def take_back(batch_id: uuid.UUID) -> Response:
    """Take a batch back and queue the merge that follows; a repeat changes nothing more."""
    actor = current_actor()
    with unit_of_work() as session:
        batch = queries.batch_detail(session, scope=actor.scope, batch_id=batch_id)
        if batch.undone_at is None:
            intake.undo_batch(session, batch_id=batch_id, actor_id=actor.id, now=now())
            _queue_merge(session, actor.id)
    flash("批次已撤销，困难群众库正在后台重新归并。", "good")
    return redirect(url_for(".show", batch_id=batch_id), code=303)


def _queue_merge(session: "Session", actor_id: uuid.UUID) -> None:
    tasks.enqueue(
        session,
        kind="merge",
        key="registry",
        arguments={"notify": [str(actor_id)]},
        actor_id=actor_id,
        now=now(),
    )


def _receive(
    files: Sequence[FileStorage],
    scheme_code: str | None,
    expected_rows: int | None,
    region: str,
) -> None:
    if region and not (region.isascii() and region.isdecimal() and len(region) <= _REGION_DIGITS):
        raise UnknownRegion
    with unit_of_work() as session:
        for file in files:
            uploads.receive_upload(
                session,
                file.stream,  # type: ignore[arg-type]  # a file of bytes, typed as a protocol
                file_name=file.filename or "",
                scheme_code=scheme_code,
                expected_rows=expected_rows,
                region_code=int(region) if region else None,
                actor_id=current_actor().id,
                cipher=cipher(),
                storage=config().storage_dir,
                now=now(),
            )


def _form(faults: Mapping[str, str]) -> str:
    with unit_of_work() as session:
        schemes = [
            (row.code, f"{row.short_name}（{row.name}）") for row in scheme_queries.schemes(session)
        ]
        city = organisation.regions_below(session, parent_code=None)
        counties = [
            (row.code, row.name)
            for one in city
            for row in organisation.regions_below(session, parent_code=one.code)
        ]
    return render_template(
        "console/batches/new.html",
        schemes=schemes,
        scheme=field("scheme"),
        rows=field("rows"),
        counties=counties,
        region=field("region"),
        faults=faults,
    )
