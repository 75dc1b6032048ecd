"""Delegation of one's cases during leave (请假期间委托代办), over HTTP."""

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Response
from marshmallow import Schema, fields, validate

from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.review.delegating import acts, queries
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, current_actor, now, requires
from relief.web.idempotency import answer

if TYPE_CHECKING:
    from relief.review.delegating.queries import Standing

blp = Blueprint("delegations", __name__, url_prefix="/v1", description="请假期间委托代办")


class DelegationIn(Schema):
    """Who stands in, on which days, and why."""

    delegate_id = fields.UUID(required=True, metadata={"description": "a colleague's account"})
    from_on = fields.Date(required=True)
    until_on = fields.Date(required=True, metadata={"description": "the last day"})
    reason = fields.String(required=True, validate=validate.Length(min=2, max=2000))


class DelegationOut(Schema):
    """Who stands in for whom."""

    id = fields.UUID(required=True)
    delegator = fields.String(required=True)
    delegate = fields.String(required=True)
    from_on = fields.Date(required=True)
    until_on = fields.Date(required=True, metadata={"description": "the last day"})
    reason = fields.String(required=True)
    withdrawn_at = fields.AwareDateTime(required=True, allow_none=True)
    in_force = fields.Boolean(required=True)


class ColleagueOut(Schema):
    """Somebody whom one may ask to stand in."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)


class DelegationsOut(Schema):
    """The caller's last delegations, given and received, and to whom one may be given."""

    given = fields.List(fields.Nested(DelegationOut), required=True)
    received = fields.List(fields.Nested(DelegationOut), required=True)
    colleagues = fields.List(fields.Nested(ColleagueOut), required=True)


@blp.get("/me/delegations")
@requires(Permission.WORK_CASES, scope="own")
@blp.response(200, DelegationsOut)
def list_delegations() -> "Standing":
    """Tell for whom the caller stands in, who does for the caller, and who may."""
    with unit_of_work() as session:
        return queries.standing(session, account_id=current_actor().id, on=local_date(now()))


@blp.post("/me/delegations")
@requires(Permission.WORK_CASES, scope="own")
@blp.arguments(DelegationIn)
@blp.response(200, DelegationsOut)
@blp.alt_response(409, description="这一时段已经委托他人，或将成为转委托")
@blp.alt_response(422, description="日期不正确，或不是同岗位的同事")
def delegate(payload: dict[str, Any]) -> Response:
    """Let a colleague of the same office act in the caller's cases; it ends by itself."""
    return _done(acts.delegate, **payload)


@blp.post("/me/delegations/<uuid:delegation_id>/withdraw")
@requires(Permission.WORK_CASES, scope="own")
@blp.response(200, DelegationsOut)
@blp.alt_response(404, description="没有这项委托")
@blp.alt_response(409, description="已经撤回或已经到期")
def withdraw(delegation_id: uuid.UUID) -> Response:
    """End a delegation of the caller's at once."""
    return _done(acts.withdraw, delegation_id=delegation_id)


def _done(act: Callable[..., object], **given: Any) -> Response:
    actor, moment = current_actor(), now()

    def work() -> "Standing":
        act(session, actor=actor, now=moment, **given)
        return queries.standing(session, account_id=actor.id, on=local_date(moment))

    with unit_of_work() as session:
        return answer(session, DelegationsOut, actor_id=actor.id, now=moment, work=work)
