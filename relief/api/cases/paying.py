"""Payees of a case (收款账户), over HTTP."""

import uuid
from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from relief.api.cases.acts import done
from relief.api.cases.payee import PayeeGivenIn
from relief.api.cases.schemas import CaseDetailOut, CaseReasonIn
from relief.core.db import unit_of_work
from relief.registry.purposes import LONGEST_REMARK
from relief.review.paying import acts, looks
from relief.review.paying.entering import Payee
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, cipher, current_actor, now, requires

blp = Blueprint("case-payees", __name__, url_prefix="/v1", description="收款账户")
_NOT_ALLOWED = "由发放部门办理，或与已经办过的环节不相容"
_GONE = "没有待确认的收款账户，或已经办理"


class CasePayeeIn(PayeeGivenIn):
    """Whose account, and why it is entered or changed."""

    reason = fields.String(required=True, validate=validate.Length(min=2, max=2000))


class CasePayeeAnswerIn(CaseReasonIn):
    """Confirmed or not, with reasons: of the payee that was looked at."""

    payee_id = fields.UUID(required=True)
    confirmed = fields.Boolean(required=True)


class CasePayeeWithdrawalIn(CaseReasonIn):
    """Which payee is taken back, and why."""

    payee_id = fields.UUID(required=True)


class PayeeUnmaskIn(Schema):
    """What the number is needed for."""

    purpose = fields.String(
        required=True,
        validate=validate.Length(max=20),
        metadata={"description": "查询目的，取自代码表 purpose"},
    )
    remark = fields.String(load_default=None, validate=validate.Length(max=LONGEST_REMARK))


class PayeeUnmaskedOut(Schema):
    """The number of an account in clear."""

    number = fields.String(required=True)


@blp.post("/cases/<uuid:case_id>/payees")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(CasePayeeIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(403, description=_NOT_ALLOWED)
@blp.alt_response(409, description="项目不发放资金，申请没有获得批准，或已有一项等待确认")
def propose(payload: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Enter to whom money goes; it is in force when another person has confirmed it."""
    reason = payload.pop("reason")
    return done(acts.propose, case_id, cipher=cipher(), payee=Payee(**payload), reason=reason)


@blp.post("/cases/<uuid:case_id>/payees/answer")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(CasePayeeAnswerIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(403, description=_NOT_ALLOWED)
@blp.alt_response(409, description=_GONE)
def answer(payload: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Confirm a payee that another person entered, or refuse it."""
    return done(acts.answer, case_id, **payload)


@blp.post("/cases/<uuid:case_id>/payees/withdrawal")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(CasePayeeWithdrawalIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(403, description=_NOT_ALLOWED)
@blp.alt_response(409, description=_GONE)
def withdraw(payload: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Take back a payee that nobody has confirmed yet."""
    return done(acts.withdraw, case_id, **payload)


@blp.post("/cases/<uuid:case_id>/payees/<uuid:payee_id>/unmask")
@requires(Permission.UNMASK_PERSON, scope="region")
@blp.arguments(PayeeUnmaskIn)
@blp.response(200, PayeeUnmaskedOut)
@blp.alt_response(403, description="没有有效的查询事由")
def unmask(payload: dict[str, Any], case_id: uuid.UUID, payee_id: uuid.UUID) -> dict[str, str]:
    """Return the account's number in clear, on an open access ground. Never stored for a retry."""
    with unit_of_work() as session:
        return {
            "number": looks.unmask(
                session,
                cipher(),
                actor=current_actor(),
                case_id=case_id,
                payee_id=payee_id,
                now=now(),
                **payload,
            )
        }
