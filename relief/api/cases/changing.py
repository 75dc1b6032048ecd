"""Reducing and stopping what a case granted (减发、停发), over HTTP."""

import uuid
from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from relief.api.cases.acts import done
from relief.api.cases.schemas import CaseDetailOut, CaseReasonIn
from relief.review.changing import acts
from relief.review.changing.types import ChangeKind, Excuse, ServedBy
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, requires

blp = Blueprint("entitlement-changes", __name__, url_prefix="/v1", description="减发和停发")
_WORDS = validate.Length(min=2, max=2000)
_NOT_ALLOWED = "由主管部门承办，或与已经办过的环节不相容"


class EntitlementChangeIn(CaseReasonIn):
    """What is to become of it, why and by what law; with an excuse, nobody need be heard."""

    kind = fields.Enum(ChangeKind, by_value=True, required=True)
    amount_fen = fields.Integer(
        load_default=None,
        strict=True,
        validate=validate.Range(min=1, max=10**9),
        metadata={"description": "分；减发后的金额"},
    )
    legal = fields.String(required=True, validate=_WORDS)
    excuse = fields.Enum(Excuse, by_value=True, load_default=None)
    excuse_proof = fields.String(load_default=None, validate=_WORDS)


class NoticeServedIn(Schema):
    """That the notice arrived, and what proves it."""

    served_on = fields.Date(required=True)
    served_by = fields.Enum(ServedBy, by_value=True, required=True)
    proof = fields.String(required=True, validate=_WORDS)


class ViewsIn(Schema):
    """What the family says; null: their time is over and no answer came."""

    views = fields.String(required=True, allow_none=True, validate=_WORDS)


class EntitlementChangeDecisionIn(CaseReasonIn):
    """Carried or not, with reasons."""

    carried = fields.Boolean(required=True)


@blp.post("/cases/<uuid:case_id>/changes")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(EntitlementChangeIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(403, description=_NOT_ALLOWED)
@blp.alt_response(409, description="没有正在享受的待遇，或已有一项正在办理")
def propose(payload: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Propose to reduce or stop what the case granted."""
    return done(acts.propose, case_id, **payload)


@blp.post("/cases/<uuid:case_id>/changes/service")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(NoticeServedIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(403, description=_NOT_ALLOWED)
@blp.alt_response(409, description="没有正在办理的减发或停发，或已经登记过送达")
def serve(payload: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Enter that the notice arrived: the time to answer runs."""
    return done(acts.serve, case_id, **payload)


@blp.post("/cases/<uuid:case_id>/changes/views")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(ViewsIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(403, description=_NOT_ALLOWED)
@blp.alt_response(409, description="还没有送达，已经登记过，或答复期限未满")
def hear(payload: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Record the family's views, or that they were silent until their time was over."""
    return done(acts.hear, case_id, **payload)


@blp.post("/cases/<uuid:case_id>/changes/decision")
@requires(Permission.DECIDE_CASES, scope="region")
@blp.arguments(EntitlementChangeDecisionIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(403, description=_NOT_ALLOWED)
@blp.alt_response(409, description="还没有听取当事人的意见（社会救助法第四十八条）")
def decide(payload: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Carry it or not; carried, the entitlement ends and what is left begins."""
    return done(acts.decide, case_id, **payload)
