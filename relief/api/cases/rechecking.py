"""Periodic re-check of what a case granted (定期核查), over HTTP."""

import uuid
from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from relief.api.cases.acts import done
from relief.api.cases.schemas import CaseDetailOut
from relief.review.rechecking import acts
from relief.review.rechecking.types import Every, Found
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, requires

blp = Blueprint("case-rechecks", __name__, url_prefix="/v1", description="定期核查")


class CaseRecheckIn(Schema):
    """What was found, and how soon the next is."""

    found = fields.Enum(Found, by_value=True, required=True)
    finding = fields.String(required=True, validate=validate.Length(min=2, max=2000))
    every = fields.Enum(
        Every, by_value=True, load_default=None, metadata={"description": "null: as before"}
    )


@blp.post("/cases/<uuid:case_id>/recheck")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(CaseRecheckIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(403, description="由主管部门承办")
@blp.alt_response(409, description="没有待做的定期核查")
def record(payload: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Record a re-check; what was found changes nothing by itself."""
    return done(acts.record, case_id, **payload)
