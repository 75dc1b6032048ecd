"""What is handed in with a case, from its page."""

import uuid

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.attachments.media.errors import UploadEmpty
from relief.console import forms
from relief.console.cases.routes import act, page, words
from relief.console.forms import field
from relief.core.errors import Conflict, Forbidden, Invalid, Unavailable
from relief.review.enclosures import acts
from relief.web import enclosures
from relief.web.context import cipher, config, requires
from relief.web.limits import takes_media

enclosing = Blueprint("enclosing", __name__, url_prefix="/cases")


@enclosing.post("/<uuid:case_id>/enclosures")
@takes_media
@requires(Permission.OPEN_CASES, scope="region")
def add(case_id: uuid.UUID) -> Response | tuple[str, int]:
    """Keep a file. The id that the page made for it lets the same form count once."""
    try:
        enclosure_id = uuid.UUID(field("enclosure_id"))
    except ValueError:
        raise BadRequest from None
    file, title = request.files.get("file"), field("enclosure_title")
    try:
        if file is None or not file.filename:
            raise UploadEmpty
        taken = enclosures.take_in(
            file.stream, case_id=case_id, enclosure_id=enclosure_id, title=title
        )
    except (Conflict, Forbidden, Invalid, Unavailable) as fault:
        return page(case_id, fault), forms.status_of(fault)
    done = f"已收存材料“{title}”。"
    if taken is None:
        flash(done, "good")
        return redirect(url_for("console.cases.show", case_id=case_id), code=303)
    return act(
        case_id,
        acts.add,
        done,
        enclosure_id=enclosure_id,
        title=title,
        taken=taken,
        cipher=cipher(),
        storage=config().storage_dir,
    )


@enclosing.get("/<uuid:case_id>/enclosures/<uuid:enclosure_id>")
@requires(Permission.WORK_CASES, scope="region")
def show(case_id: uuid.UUID, enclosure_id: uuid.UUID) -> Response:
    """Show the file; the look is recorded."""
    return enclosures.send(case_id, enclosure_id)


@enclosing.post("/<uuid:case_id>/enclosures/<uuid:enclosure_id>/removal")
@requires(Permission.OPEN_CASES, scope="region")
def remove(case_id: uuid.UUID, enclosure_id: uuid.UUID) -> Response | tuple[str, int]:
    """Take it out."""
    return act(
        case_id,
        acts.remove,
        "已撤下材料，文件已删除。",
        enclosure_id=enclosure_id,
        reason=words("enclosure_removed_why"),
        storage=config().storage_dir,
    )
