"""What happened outside and starts a stage, from the page of the case."""

import uuid
from datetime import date

from flask import Blueprint
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.console.cases.routes import act, page, words
from relief.console.forms import field
from relief.review import happenings
from relief.review.errors import EventDay
from relief.web.context import requires

happening = Blueprint("happening", __name__, url_prefix="/cases")


@happening.post("/<uuid:case_id>/events")
@requires(Permission.WORK_CASES, scope="region")
def report(case_id: uuid.UUID) -> Response | tuple[str, int]:
    """Report an event, from which the stages that it starts are counted."""
    try:
        happened_on = date.fromisoformat(field("happened_on"))
    except ValueError:
        return page(case_id, EventDay()), 422
    return act(
        case_id,
        happenings.report,
        "已登记，后续环节从发生之日起计时。",
        event=field("event"),
        happened_on=happened_on,
        told=words("event_told"),
    )
