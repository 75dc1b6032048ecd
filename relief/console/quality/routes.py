"""Data quality: which department's files have which faults, and the list to send back."""

import uuid
from urllib.parse import quote

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.console.forms import field
from relief.core.db import unit_of_work
from relief.registry.quality import service
from relief.registry.quality.writing import Form
from relief.registry.queries import quality as queries
from relief.registry.types import Measure
from relief.schemes import queries as scheme_queries
from relief.web.context import cipher, config, current_actor, now, requires

quality = Blueprint("quality", __name__, url_prefix="/quality")


@quality.get("")
@requires(Permission.SEE_BATCHES, scope="department")
def index() -> str:
    """Show every scheme that the viewer may see, with the faults of its files."""
    with unit_of_work() as session:
        rows = queries.list_quality(session, scope=current_actor().scope, now=now())
    return render_template("console/quality/list.html", rows=rows, measures=list(Measure))


@quality.get("/<scheme>")
@requires(Permission.SEE_BATCHES, scope="department")
def show(scheme: str) -> str:
    """Show one scheme by field and by file."""
    actor, moment = current_actor(), now()
    with unit_of_work() as session:
        found = queries.scheme_quality(session, scope=actor.scope, scheme_code=scheme, now=moment)
        full_name = scheme_queries.get_scheme(session, code=scheme).name
        made = service.made_for(session, scheme_code=scheme, actor_id=actor.id, now=moment)
    return render_template(
        "console/quality/show.html",
        quality=found,
        full_name=full_name,
        measures=list(Measure),
        may_take=actor.may(Permission.TAKE_FAULTS),
        fresh=actor.fresh(moment, to_fill_in=True),
        made=made,
    )


@quality.post("/<scheme>/fault-files")
@requires(Permission.TAKE_FAULTS, scope="department", step_up=True)
def ask(scheme: str) -> Response:
    """Queue the making of the list; the same list that is being made is made once."""
    actor = current_actor()
    form = Form.CSV if field("form") == Form.CSV else Form.XLSX
    with unit_of_work() as session:
        service.ask(
            session,
            scope=actor.scope,
            scheme_code=scheme,
            form=form,
            actor_id=actor.id,
            now=now(),
        )
    flash("正在后台生成问题清单，完成后在站内消息中通知您，并可在本页下载。", "good")
    return redirect(url_for(".show", scheme=scheme), code=303)


@quality.post("/fault-files/<uuid:task_id>")
@requires(Permission.TAKE_FAULTS, scope="own", step_up=True)
def take(task_id: uuid.UUID) -> Response:
    """Send a list that was made for the caller, piece by piece; it is recorded."""
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
