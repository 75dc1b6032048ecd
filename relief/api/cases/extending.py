"""Extension of a limit (延长办理期限), over HTTP."""

import uuid
from typing import Any

from flask import Response
from marshmallow import fields, validate

from relief.api.cases.acts import done
from relief.api.cases.schemas import CaseDetailOut, CaseReasonIn
from relief.review.extending import acts
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, requires

blp = Blueprint("case-extensions", __name__, url_prefix="/v1", description="延长办理期限")
_NOT_HERE = "流程没有规定可以延长，期限已过，或已经提出过"
_NOT_ALLOWED = "由其他部门或岗位承办，或不是上一级审批人"


class CaseExtensionIn(CaseReasonIn):
    """For which of one's stages more time is asked, and why."""

    stage = fields.String(required=True, validate=validate.Length(max=20))


class CaseExtensionAnswerIn(CaseReasonIn):
    """Agreed or not, with reasons."""

    agreed = fields.Boolean(required=True)


@blp.post("/cases/<uuid:case_id>/extension")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(CaseExtensionIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(403, description=_NOT_ALLOWED)
@blp.alt_response(409, description=_NOT_HERE)
def ask(payload: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Ask for the extended limit that the procedure names; somebody higher answers."""
    return done(acts.ask, case_id, **payload)


@blp.post("/cases/<uuid:case_id>/extension/answer")
@requires(Permission.DECIDE_CASES, scope="region")
@blp.arguments(CaseExtensionAnswerIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(403, description=_NOT_ALLOWED)
@blp.alt_response(409, description="没有待批准的延长申请，或期限已过")
def answer(payload: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Agree to an extension, or refuse it; if agreed, the clocks run to the extended limit."""
    return done(acts.answer, case_id, **payload)
