"""The survey of a home (入户调查), over HTTP."""

import uuid
from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from relief.api.cases.acts import done
from relief.api.cases.schemas import CaseDetailOut
from relief.review.surveying import acts
from relief.review.surveying.acts import Sheet
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, requires

blp = Blueprint("case-survey", __name__, url_prefix="/v1", description="入户调查")
_WORDS = validate.Length(min=2, max=2000)


class SurveyIn(Schema):
    """What the caller and another found at the home, and the sheet that both sides signed.

    The sheet is handed in before, by photo or scan. Where the applicant did not sign, both why and
    who witnessed it.
    """

    companion_id = fields.UUID(required=True, metadata={"description": "account of the other"})
    held_on = fields.Date(required=True)
    finding = fields.String(required=True, validate=_WORDS)
    sheet_id = fields.UUID(required=True, metadata={"description": "the enclosure"})
    unsigned_why = fields.String(load_default=None, allow_none=True, validate=_WORDS)
    witness = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(min=2, max=80)
    )


@blp.post("/cases/<uuid:case_id>/survey")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(SurveyIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(403, description="由承办部门的经办人或审核人登记；有近亲属关系的须回避")
@blp.alt_response(409, description="已经办结，没有等待入户调查的环节，或已经登记")
def survey(payload: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Enter the survey of the home, which the first opinion waits for."""
    sheet = Sheet(
        enclosure_id=payload.pop("sheet_id"),
        unsigned_why=payload.pop("unsigned_why"),
        witness=payload.pop("witness"),
    )
    return done(acts.record, case_id, sheet=sheet, **payload)
