"""Entering an application at a counter that settles, by identity number, over HTTP."""

import uuid
from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from relief.api.cases.schemas import CaseDetailOut
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.review import queries
from relief.review.rows import CaseDetail
from relief.review.settling import service
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, cipher, current_actor, now, requires
from relief.web.idempotency import answer

blp = Blueprint("settlements", __name__, url_prefix="/v1/settlements", description="结算窗口申请")


class SettlementIn(Schema):
    """Who stands before the counter, as their identity card says, and what for."""

    citizen_id = fields.String(
        required=True,
        validate=validate.Length(min=15, max=40),
        metadata={"description": "证件上的公民身份号码，完整填写"},
    )
    name = fields.String(
        required=True,
        validate=validate.Length(min=2, max=80),
        metadata={"description": "证件上的姓名，须与登记一致"},
    )
    scheme = fields.String(required=True, validate=validate.Length(max=8))
    need = fields.String(
        required=True,
        validate=validate.Length(min=2, max=2000),
        metadata={"description": "申请理由"},
    )


@blp.post("")
@requires(Permission.OPEN_CASES, scope="region")
@blp.arguments(SettlementIn)
@blp.response(201, CaseDetailOut)
@blp.alt_response(403, description="本部门不参与办理这个项目")
@blp.alt_response(404, description="没有找到这个人，或没有这个救助项目")
@blp.alt_response(409, description="不在结算窗口办理，同一申请正在办理，或核验发现须先改正的问题")
def enter_by_number(payload: dict[str, Any]) -> Response:
    """Enter an application of who is here, by number and name; each attempt is in the trail."""
    actor, moment = current_actor(), now()
    scheme, look = payload.pop("scheme"), service.LookUp()

    def work() -> CaseDetail:
        case_id: uuid.UUID = service.enter(
            session, cipher(), look=look, actor=actor, scheme_code=scheme, now=moment, **payload
        )
        return queries.case_detail(
            session, scope=actor.scope, case_id=case_id, on=local_date(moment)
        )

    try:
        with unit_of_work() as session:
            return answer(
                session, CaseDetailOut, actor_id=actor.id, now=moment, work=work, status=201
            )
    except Exception as fault:
        with unit_of_work() as session:
            service.note_refusal(
                session, look=look, fault=fault, actor=actor, scheme_code=scheme, now=moment
            )
        raise
