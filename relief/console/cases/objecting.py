"""Objections in the notice period, from the page of their case."""

import re
import uuid
from datetime import date
from functools import partial

from flask import Blueprint
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.console.cases.routes import act, page, words
from relief.console.forms import field, status_of
from relief.core.db import unit_of_work
from relief.core.errors import Conflict, Forbidden, Invalid
from relief.review.errors import WordsMissing
from relief.review.objecting import acts, answering, inquiring
from relief.review.objecting.types import Channel, InquiryKind, Told
from relief.web.context import cipher, current_actor, now, requires

objecting = Blueprint("objecting", __name__, url_prefix="/cases")
_LONGEST_NAME, _LONGEST_PHONE = 80, 40
_COUNT = re.compile(r"[1-9][0-9]{0,3}")
_DONE = {
    InquiryKind.RESURVEY: "已安排重新入户调查。",
    InquiryKind.APPRAISAL: "已安排民主评议，评议结果仅供参考，不代替认定。",
}


@objecting.post("/<uuid:case_id>/objections")
@requires(Permission.WORK_CASES, scope="region")
def record(case_id: uuid.UUID) -> Response | tuple[str, int]:
    """Enter an objection."""
    try:
        day, channel = date.fromisoformat(field("received_on")), Channel(field("channel"))
    except ValueError:
        return page(case_id, WordsMissing("请选择收到异议的日期和方式")), 422
    said = words("objection")
    if said is None:
        return page(case_id, WordsMissing("请写明异议的内容")), 422
    return act(
        case_id,
        partial(acts.record, name=field("objector_name")[:_LONGEST_NAME] or None),
        "已登记异议。",
        received_on=day,
        channel=channel,
        words=said,
        phone=field("objector_phone")[:_LONGEST_PHONE] or None,
        cipher=cipher(),
    )


@objecting.post("/<uuid:case_id>/objections/inquiries")
@requires(Permission.WORK_CASES, scope="region")
def order(case_id: uuid.UUID) -> Response | tuple[str, int]:
    """Order a survey anew, or an appraisal."""
    try:
        kind = InquiryKind(field("inquiry"))
    except ValueError:
        raise BadRequest from None
    return act(case_id, inquiring.order, _DONE[kind], kind=kind, reason=words("inquiry_reason"))


@objecting.post("/<uuid:case_id>/objections/resurvey")
@requires(Permission.WORK_CASES, scope="region")
def resurvey(case_id: uuid.UUID) -> Response | tuple[str, int]:
    """Enter what two investigators found."""
    try:
        other, day = uuid.UUID(field("investigator_id")), date.fromisoformat(field("held_on"))
    except ValueError:
        return page(case_id, WordsMissing("请选择另一名调查人员和入户日期")), 422
    signature = words("signature")
    if signature is None:
        return page(case_id, WordsMissing("请写明调查表的签字情况")), 422
    return act(
        case_id,
        inquiring.resurvey,
        "已登记重新入户调查的结果。",
        companion_id=other,
        held_on=day,
        finding=words("survey_finding"),
        signature=signature,
    )


@objecting.post("/<uuid:case_id>/objections/appraisal")
@requires(Permission.WORK_CASES, scope="region")
def appraise(case_id: uuid.UUID) -> Response | tuple[str, int]:
    """Enter the result of an appraisal."""
    count = field("participants")
    try:
        day = date.fromisoformat(field("appraised_on"))
    except ValueError:
        return page(case_id, WordsMissing("请选择民主评议的日期")), 422
    if not _COUNT.fullmatch(count):
        return page(case_id, WordsMissing("请填写参加民主评议的人数")), 422
    return act(
        case_id,
        inquiring.appraise,
        "已登记民主评议的结果。",
        held_on=day,
        participants=int(count),
        finding=words("appraisal_finding"),
    )


@objecting.post("/<uuid:case_id>/objections/<uuid:objection_id>/answer")
@requires(Permission.WORK_CASES, scope="region")
def answer(case_id: uuid.UUID, objection_id: uuid.UUID) -> Response | tuple[str, int]:
    """Find it justified or unfounded."""
    upheld = {"yes": True, "no": False}.get(field("upheld"))
    if upheld is None:
        raise BadRequest
    done = "已认定异议成立，请重新提出初审意见。" if upheld else "已认定异议不成立。"
    return act(
        case_id,
        answering.answer,
        done,
        objection_id=objection_id,
        upheld=upheld,
        reason=words("objection_answer"),
    )


@objecting.post("/<uuid:case_id>/objections/<uuid:objection_id>/told")
@requires(Permission.WORK_CASES, scope="region")
def tell(case_id: uuid.UUID, objection_id: uuid.UUID) -> Response | tuple[str, int]:
    """Enter how who objected was told."""
    try:
        how = Told(field("told_how"))
    except ValueError:
        return page(case_id, WordsMissing("请选择告知的方式")), 422
    return act(
        case_id,
        acts.tell,
        "已登记告知。",
        objection_id=objection_id,
        how=how,
        note=words("told_note"),
    )


@objecting.post("/<uuid:case_id>/objections/<uuid:objection_id>/objector")
@requires(Permission.WORK_CASES, scope="region")
def reveal(case_id: uuid.UUID, objection_id: uuid.UUID) -> str | tuple[str, int]:
    """Show who objected, to the office that answers them; the look is recorded."""
    reason = words("look_reason")
    if reason is None:
        return page(case_id, WordsMissing("请写明查看的原因")), 422
    try:
        with unit_of_work() as session:
            objector = acts.reveal(
                session,
                actor=current_actor(),
                case_id=case_id,
                objection_id=objection_id,
                reason=reason,
                cipher=cipher(),
                now=now(),
            )
    except (Conflict, Forbidden, Invalid) as fault:
        return page(case_id, fault), status_of(fault)
    return page(case_id, objector=objector, objector_of=objection_id)
