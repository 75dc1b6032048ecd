"""What happened outside and starts a stage (急难情形缓解、报告变化等), over HTTP."""

import uuid
from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from relief.api.cases.acts import done
from relief.api.cases.schemas import CaseDetailOut
from relief.review import happenings
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, requires

blp = Blueprint("case-events", __name__, url_prefix="/v1", description="登记外部情形")


class CaseEventIn(Schema):
    """An event that the case awaits, with the day on which it happened."""

    event = fields.String(required=True, validate=validate.Length(min=1, max=40))
    happened_on = fields.Date(required=True)
    told = fields.String(required=True, validate=validate.Length(min=2, max=2000))


@blp.post("/cases/<uuid:case_id>/events")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(CaseEventIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(403, description="由承办后续环节的部门登记")
@blp.alt_response(409, description="没有等待这种情形，或者已经登记")
def report(payload: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Report what happened: what it starts is open from that day."""
    return done(happenings.report, case_id, **payload)
