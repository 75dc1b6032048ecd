"""Signed lists for who audits: of each the cases of the reader's regions, over HTTP."""

import uuid
from typing import Any

from marshmallow import Schema, fields

from relief.api.decision_lists.schemas import DecisionListEntryPageOut, EntryArgs
from relief.core.db import unit_of_work
from relief.review.lists import reading
from relief.review.lists.types import ListStatus, StopReason
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, current_actor, requires
from relief.web.pagination import PageArgs, page_of

blp = Blueprint("signed_lists", __name__, url_prefix="/v1/signed-lists", description="清单审批")


class SignedListOut(Schema):
    """A list that somebody signed; the counts are of the reader's cases alone."""

    id = fields.UUID(required=True)
    scheme_code = fields.String(required=True)
    scheme_name = fields.String(required=True)
    department_code = fields.String(required=True)
    amount_fen = fields.Integer(required=True)
    per = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True)
    digest = fields.String(
        required=True, metadata={"description": "SHA-256 of the whole list, hexadecimal"}
    )
    status = fields.Enum(ListStatus, by_value=True, required=True)
    stopped_for = fields.Enum(StopReason, by_value=True, required=True, allow_none=True)
    signed_by = fields.String(required=True)
    drawn_at = fields.AwareDateTime(required=True)
    signed_at = fields.AwareDateTime(required=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    listed = fields.Integer(required=True)
    left_out = fields.Integer(required=True)
    decided = fields.Integer(required=True)
    not_decided = fields.Integer(required=True)


SignedListPageOut = page_of(SignedListOut)


@blp.get("")
@requires(Permission.READ_AUDIT, scope="region")
@blp.arguments(PageArgs, location="query")
@blp.response(200, SignedListPageOut)
def list_signed_lists(args: dict[str, Any]) -> Any:
    """List the signed lists that hold cases of one's regions, newest first."""
    with unit_of_work() as session:
        return reading.list_lists(session, scope=current_actor().scope, **args)


@blp.get("/<uuid:list_id>")
@requires(Permission.READ_AUDIT, scope="region")
@blp.response(200, SignedListOut)
def get_signed_list(list_id: uuid.UUID) -> Any:
    """Return one signed list, with counts of the cases of one's regions."""
    with unit_of_work() as session:
        return reading.get_list(session, scope=current_actor().scope, list_id=list_id)


@blp.get("/<uuid:list_id>/cases")
@requires(Permission.READ_AUDIT, scope="region")
@blp.arguments(EntryArgs, location="query")
@blp.response(200, DecisionListEntryPageOut)
def list_signed_entries(args: dict[str, Any], list_id: uuid.UUID) -> Any:
    """List a signed list's cases of one's regions, and what became of each."""
    with unit_of_work() as session:
        scope = current_actor().scope
        reading.get_list(session, scope=scope, list_id=list_id)
        return reading.entries(session, scope=scope, list_id=list_id, **args)
