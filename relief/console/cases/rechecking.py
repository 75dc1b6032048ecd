"""Periodic re-check of what a case granted, from the page of the case."""

import uuid

from flask import Blueprint
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.console.cases.routes import act, words
from relief.console.forms import field
from relief.review.rechecking import acts
from relief.review.rechecking.types import Every, Found
from relief.web.context import requires

rechecking = Blueprint("rechecking", __name__, url_prefix="/cases")


@rechecking.post("/<uuid:case_id>/recheck")
@requires(Permission.WORK_CASES, scope="region")
def record(case_id: uuid.UUID) -> Response | tuple[str, int]:
    """Record what was found."""
    try:
        found = Found(field("found"))
        every = Every(field("every")) if field("every") else None
    except ValueError:
        raise BadRequest from None
    finding = words("recheck_finding")
    done = "已登记定期核查。"
    return act(case_id, acts.record, done, found=found, finding=finding, every=every)
