"""Extension of a limit, from the page of its case."""

import uuid

from flask import Blueprint
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.console.cases.routes import act, words
from relief.console.forms import field
from relief.review.extending import acts
from relief.web.context import requires

extending = Blueprint("extending", __name__, url_prefix="/cases")


@extending.post("/<uuid:case_id>/extension")
@requires(Permission.WORK_CASES, scope="region")
def ask(case_id: uuid.UUID) -> Response | tuple[str, int]:
    """Ask for the extended limit."""
    return act(
        case_id,
        acts.ask,
        "已提出延长办理期限，批准之前按原期限计时。",
        stage=field("needs_time"),
        reason=words("because"),
    )


@extending.post("/<uuid:case_id>/extension/answer")
@requires(Permission.DECIDE_CASES, scope="region")
def answer(case_id: uuid.UUID) -> Response | tuple[str, int]:
    """Agree, or refuse."""
    agreed = {"yes": True, "no": False}.get(field("agreed"))
    if agreed is None:
        raise BadRequest
    done = "已同意延长办理期限。" if agreed else "未同意延长，按原期限办理。"
    return act(case_id, acts.answer, done, agreed=agreed, reason=words("grounds"))
