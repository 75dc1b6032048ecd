"""Objections in the notice period (公示期异议), over HTTP."""

import uuid
from functools import partial
from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from relief.api.cases.acts import done
from relief.api.cases.schemas import CaseDetailOut, CaseReasonIn
from relief.core.db import unit_of_work
from relief.review.objecting import acts, answering, inquiring
from relief.review.objecting.types import Channel, InquiryKind, Told
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, cipher, current_actor, now, requires

blp = Blueprint("case-objections", __name__, url_prefix="/v1", description="公示期异议")
_WORDS = validate.Length(min=2, max=2000)
_NOT_ALLOWED = "由公示的承办部门办理，或与已经办过的环节不相容"
_NO_NOTICE = "还没有公示，或依法不公示"


class ObjectionIn(Schema):
    """What is objected; who objects need not say their name, which is kept sealed."""

    received_on = fields.Date(required=True)
    channel = fields.Enum(Channel, by_value=True, required=True)
    words = fields.String(required=True, validate=_WORDS)
    name = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 80))
    phone = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 40))


class InquiryIn(CaseReasonIn):
    """What is to be done to find out, and why; an appraisal is the exception."""

    kind = fields.Enum(InquiryKind, by_value=True, required=True)


class ResurveyIn(Schema):
    """What the caller and another investigator found at the home."""

    companion_id = fields.UUID(required=True, metadata={"description": "account of the other"})
    held_on = fields.Date(required=True)
    finding = fields.String(required=True, validate=_WORDS)
    signature = fields.String(
        required=True, validate=_WORDS, metadata={"description": "调查表的签字情况"}
    )


class AppraisalIn(Schema):
    """How many took part in the appraisal, and what came of it; it decides nothing."""

    held_on = fields.Date(required=True)
    participants = fields.Integer(
        required=True, strict=True, validate=validate.Range(min=1, max=10_000)
    )
    finding = fields.String(required=True, validate=_WORDS)


class ObjectionAnswerIn(CaseReasonIn):
    """Justified or not, with reasons."""

    upheld = fields.Boolean(required=True)


class ObjectorToldIn(Schema):
    """How who objected was told."""

    how = fields.Enum(Told, by_value=True, required=True)
    note = fields.String(load_default=None, allow_none=True, validate=_WORDS)


class ObjectorOut(Schema):
    """Who objected, as far as they said."""

    name = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)


@blp.post("/cases/<uuid:case_id>/objections")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(ObjectionIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(403, description=_NOT_ALLOWED)
@blp.alt_response(409, description=_NO_NOTICE)
def record(payload: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Enter an objection: in time it must be answered, late it is kept and stops nothing."""
    return done(partial(acts.record, cipher=cipher()), case_id, **payload)


@blp.post("/cases/<uuid:case_id>/objections/inquiries")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(InquiryIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(403, description=_NOT_ALLOWED)
@blp.alt_response(409, description=f"{_NO_NOTICE}；没有待处理的异议；或已经安排")
def order(payload: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Order a survey anew, or as the exception a democratic appraisal."""
    return done(inquiring.order, case_id, **payload)


@blp.post("/cases/<uuid:case_id>/objections/resurvey")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(ResurveyIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(403, description=_NOT_ALLOWED)
@blp.alt_response(409, description=f"{_NO_NOTICE}；或没有安排重新调查")
def resurvey(payload: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Enter what two investigators found at the home, and who signed."""
    return done(inquiring.resurvey, case_id, **payload)


@blp.post("/cases/<uuid:case_id>/objections/appraisal")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(AppraisalIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(403, description=_NOT_ALLOWED)
@blp.alt_response(409, description=f"{_NO_NOTICE}；或没有安排民主评议")
def appraise(payload: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Enter the result of the democratic appraisal, which decides nothing."""
    return done(inquiring.appraise, case_id, **payload)


@blp.post("/cases/<uuid:case_id>/objections/<uuid:objection_id>/answer")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(ObjectionAnswerIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(403, description=_NOT_ALLOWED)
@blp.alt_response(409, description=f"{_NO_NOTICE}；还没有重新调查；或已经作出认定")
def answer(payload: dict[str, Any], case_id: uuid.UUID, objection_id: uuid.UUID) -> Response:
    """Find it justified, and the opinion is given anew; or unfounded, and the case goes on."""
    return done(answering.answer, case_id, objection_id=objection_id, **payload)


@blp.post("/cases/<uuid:case_id>/objections/<uuid:objection_id>/told")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(ObjectorToldIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(403, description=_NOT_ALLOWED)
@blp.alt_response(409, description=f"{_NO_NOTICE}；还没有作出认定；或已经登记告知")
def tell(payload: dict[str, Any], case_id: uuid.UUID, objection_id: uuid.UUID) -> Response:
    """Enter how who objected was told, or that they cannot be reached."""
    return done(acts.tell, case_id, objection_id=objection_id, **payload)


@blp.post("/cases/<uuid:case_id>/objections/<uuid:objection_id>/objector")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(CaseReasonIn)
@blp.response(200, ObjectorOut)
@blp.alt_response(403, description=_NOT_ALLOWED)
@blp.alt_response(409, description=f"{_NO_NOTICE}；或反映人没有留下姓名和电话")
def reveal(payload: dict[str, Any], case_id: uuid.UUID, objection_id: uuid.UUID) -> acts.Objector:
    """Return who objected to the office that answers them; the look is recorded, never stored."""
    with unit_of_work() as session:
        return acts.reveal(
            session,
            actor=current_actor(),
            case_id=case_id,
            objection_id=objection_id,
            cipher=cipher(),
            now=now(),
            **payload,
        )
