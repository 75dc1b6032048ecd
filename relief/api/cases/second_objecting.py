"""Objections of second signers to fast aid that was granted, over HTTP."""

from typing import Any

from marshmallow import Schema, fields

from relief.core.db import unit_of_work
from relief.review import second_objections
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, current_actor, requires
from relief.web.pagination import PageArgs, page_of

blp = Blueprint("second-objections", __name__, url_prefix="/v1", description="先行救助的异议")


class SecondObjectionOut(Schema):
    """An objection that is not explained yet. The aid was given and is not taken back by it."""

    id = fields.UUID(required=True)
    case_id = fields.UUID(required=True)
    number = fields.String(required=True)
    scheme_name = fields.String(required=True)
    applicant_name = fields.String(required=True)
    region_code = fields.Integer(required=True)
    reason = fields.String(required=True)
    objected_by = fields.String(required=True)
    objected_at = fields.AwareDateTime(required=True)
    decided_by = fields.String(required=True)
    own = fields.Boolean(
        required=True, metadata={"description": "the caller granted the aid, or for somebody"}
    )


SecondObjectionPageOut = page_of(SecondObjectionOut)


@blp.get("/second-objections")
@requires(Permission.SEE_CASES, scope="region")
@blp.arguments(PageArgs, location="query")
@blp.response(200, SecondObjectionPageOut)
def list_second_objections(args: dict[str, Any]) -> Any:
    """List what concerns the caller: to aid that they granted, or in the county they answer for."""
    with unit_of_work() as session:
        return second_objections.standing(session, actor=current_actor(), **args)
