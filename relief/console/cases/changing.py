"""Reducing and stopping what a case granted, from the page of the case."""

import uuid
from datetime import date

from flask import Blueprint
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.console.cases.amounts import fen
from relief.console.cases.routes import act, page, words
from relief.console.forms import field
from relief.review.changing import acts
from relief.review.changing.types import ChangeKind, Excuse, ServedBy
from relief.review.errors import WordsMissing
from relief.web.context import requires

changing = Blueprint("changing", __name__, url_prefix="/cases")


@changing.post("/<uuid:case_id>/changes")
@requires(Permission.WORK_CASES, scope="region")
def propose(case_id: uuid.UUID) -> Response | tuple[str, int]:
    """Propose to reduce or stop."""
    try:
        kind = ChangeKind(field("kind"))
        excuse = Excuse(field("excuse")) if field("excuse") else None
    except ValueError:
        raise BadRequest from None
    amount = fen(field("left")) if field("left") else None
    legal = words("legal")
    if legal is None or (field("left") and amount is None):
        return page(
            case_id, WordsMissing("请写明依据；减发的写明减发后的金额，如 564 或 564.50")
        ), 422
    return act(
        case_id,
        acts.propose,
        "已提出，请送达听取意见通知书。" if excuse is None else "已提出，等待决定。",
        kind=kind,
        amount_fen=amount,
        reason=words("change_reason"),
        legal=legal,
        excuse=excuse,
        excuse_proof=words("excuse_proof"),
    )


@changing.post("/<uuid:case_id>/changes/service")
@requires(Permission.WORK_CASES, scope="region")
def serve(case_id: uuid.UUID) -> Response | tuple[str, int]:
    """Enter that the notice arrived."""
    proof = words("proof")
    try:
        day, way = date.fromisoformat(field("served_on")), ServedBy(field("served_by"))
    except ValueError:
        return page(case_id, WordsMissing("请选择送达日期和送达方式")), 422
    if proof is None:
        return page(case_id, WordsMissing("请写明送达凭据")), 422
    done = "已登记送达，答复期限开始计算。"
    return act(case_id, acts.serve, done, served_on=day, served_by=way, proof=proof)


@changing.post("/<uuid:case_id>/changes/views")
@requires(Permission.WORK_CASES, scope="region")
def hear(case_id: uuid.UUID) -> Response | tuple[str, int]:
    """Record what the family says, or that they said nothing."""
    silent = field("silent") == "1"
    views = None if silent else words("views")
    if views is None and not silent:
        return page(case_id, WordsMissing("请写明当事人的意见")), 422
    done = "已登记逾期未答复，可以作出决定。" if silent else "已登记意见，可以作出决定。"
    return act(case_id, acts.hear, done, views=views)


@changing.post("/<uuid:case_id>/changes/decision")
@requires(Permission.DECIDE_CASES, scope="region")
def decide(case_id: uuid.UUID) -> Response | tuple[str, int]:
    """Carry it, or not."""
    carried = {"yes": True, "no": False}.get(field("carried"))
    if carried is None:
        raise BadRequest
    done = "已作出减发或停发的决定。" if carried else "已决定不减发、不停发。"
    return act(case_id, acts.decide, done, carried=carried, reason=words("change_grounds"))
