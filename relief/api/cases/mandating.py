"""Mandates of a case (授权委托), over HTTP."""

import uuid
from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from relief.api.cases.acts import done
from relief.api.cases.mandate import MandateIn
from relief.api.cases.schemas import CaseDetailOut, CaseReasonIn
from relief.review.mandates import acts
from relief.review.mandates.acts import Mandate
from relief.review.mandates.types import Handed
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, cipher, requires

blp = Blueprint("case-mandates", __name__, url_prefix="/v1", description="授权委托")
_NOT_ALLOWED = "本人是受托人，或委托书没有写明这一项"


class HandedOverIn(Schema):
    """What the agent brought, or wishes in the applicant's name."""

    what = fields.Enum(Handed, by_value=True, required=True)
    words = fields.String(required=True, validate=validate.Length(min=2, max=2000))


@blp.post("/cases/<uuid:case_id>/mandates")
@requires(Permission.OPEN_CASES, scope="region")
@blp.arguments(MandateIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(403, description=_NOT_ALLOWED)
@blp.alt_response(409, description="已经作出决定或撤回，或此人在这一期间已有授权委托")
def record(payload: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Record that the applicant lets someone act in their place."""
    return done(acts.record, case_id, cipher=cipher(), mandate=Mandate(**payload))


@blp.post("/cases/<uuid:case_id>/mandates/<uuid:mandate_id>/revocation")
@requires(Permission.OPEN_CASES, scope="region")
@blp.arguments(CaseReasonIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(409, description="已经撤销")
def revoke(payload: dict[str, Any], case_id: uuid.UUID, mandate_id: uuid.UUID) -> Response:
    """End a mandate; what was done under it stays done."""
    return done(acts.revoke, case_id, mandate_id=mandate_id, **payload)


@blp.post("/cases/<uuid:case_id>/mandates/<uuid:mandate_id>/hand-over")
@requires(Permission.OPEN_CASES, scope="region")
@blp.arguments(HandedOverIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(403, description=_NOT_ALLOWED)
@blp.alt_response(409, description="授权委托不在有效期内，或申请事项的状态不允许这样办理")
def hand_over(payload: dict[str, Any], case_id: uuid.UUID, mandate_id: uuid.UUID) -> Response:
    """Take in what an agent brings: the timeline says by whom."""
    return done(acts.hand_over, case_id, mandate_id=mandate_id, **payload)
