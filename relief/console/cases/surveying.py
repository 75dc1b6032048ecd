"""The survey of a home, from the page of its case."""

import uuid
from datetime import date

from flask import Blueprint
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.console.cases.routes import act, page, words
from relief.console.forms import field
from relief.review.errors import WordsMissing
from relief.review.surveying import acts
from relief.review.surveying.acts import Sheet
from relief.web.context import requires

surveying = Blueprint("surveying", __name__, url_prefix="/cases")
_LONGEST_NAME = 80


@surveying.post("/<uuid:case_id>/survey")
@requires(Permission.WORK_CASES, scope="region")
def record(case_id: uuid.UUID) -> Response | tuple[str, int]:
    """Enter what two found at the home, and the sheet that was signed."""
    try:
        other, day = uuid.UUID(field("surveyor_id")), date.fromisoformat(field("surveyed_on"))
    except ValueError:
        return page(case_id, WordsMissing("请选择另一名调查人员和入户日期")), 422
    try:
        sheet_id = uuid.UUID(field("sheet_id"))
    except ValueError:
        return page(case_id, WordsMissing("请先上传签字后的调查表，再从随案材料中选择")), 422
    return act(
        case_id,
        acts.record,
        "已登记入户调查。",
        companion_id=other,
        held_on=day,
        finding=words("home_finding"),
        sheet=Sheet(
            enclosure_id=sheet_id,
            unsigned_why=words("unsigned_why"),
            witness=field("witness")[:_LONGEST_NAME] or None,
        ),
    )
