"""What the receiving office does about a referral, from its page."""

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.console import forms
from relief.console.cases import amounts
from relief.console.forms import field
from relief.console.referrals.routes import LONGEST, SHORTEST, page
from relief.core.db import unit_of_work
from relief.core.errors import DomainError, NotFound
from relief.review.referring import answering, filing, finding, trying
from relief.review.referring.answering import Given
from relief.review.referring.types import AidEnd
from relief.web.context import cipher, current_actor, now, requires

referral_acts = Blueprint("referral_acts", __name__, url_prefix="/cases/referrals")
_FOUND = "found"
_TOO_OFTEN = "没有找到的次数过多，请 {minutes} 分钟后再试；可以先接收，身份待查"
Answer = Response | tuple[str, int]


@referral_acts.post("/<uuid:referral_id>/look-ups")
@requires(Permission.OPEN_CASES, scope="region")
def look_up(referral_id: uuid.UUID) -> str | tuple[str, int]:
    """Look in the registry for who was referred, and show who may be meant."""
    actor, moment = current_actor(), now()
    with unit_of_work() as session:
        blocked_until = trying.count(session, account_id=actor.id, now=moment)
    if blocked_until is not None:
        minutes = -(-int((blocked_until - moment).total_seconds()) // 60)
        return page(referral_id, _TOO_OFTEN.format(minutes=minutes)), 429
    refused = trying.giving_back(unit_of_work, account_id=actor.id)
    try:
        with refused, unit_of_work() as session:
            found = finding.look_up(
                session,
                cipher(),
                actor=actor,
                referral_id=referral_id,
                citizen_id=field("citizen_id")[:40] or None,
                name=field("look_name")[:80] or None,
                now=moment,
            )
            if found:
                trying.give_back(session, account_id=actor.id)
    except DomainError as fault:
        if isinstance(fault, NotFound):
            raise
        return page(referral_id, str(fault)), forms.status_of(fault)
    return page(referral_id, candidates=found)


@referral_acts.post("/<uuid:referral_id>/acceptance")
@requires(Permission.OPEN_CASES, scope="region")
def accept(referral_id: uuid.UUID) -> Answer:
    """Take in who was referred."""
    return _with_person(referral_id, answering.accept, "已接收。")


@referral_acts.post("/<uuid:referral_id>/identification")
@requires(Permission.OPEN_CASES, scope="region")
def identify(referral_id: uuid.UUID) -> Answer:
    """Say who it is that was taken in."""
    return _with_person(referral_id, answering.identify, "已查明身份，开始办理申请事项。")


@referral_acts.post("/<uuid:referral_id>/refusal")
@requires(Permission.OPEN_CASES, scope="region")
def refuse(referral_id: uuid.UUID) -> Answer:
    """Refuse to take somebody in."""
    reason = field("refusal")[:LONGEST]
    if len(reason) < SHORTEST:
        return page(referral_id, "请写明不予接收的理由"), 422
    return _act(referral_id, answering.refuse, "已答复不予接收。", reason=reason)


@referral_acts.post("/<uuid:referral_id>/hand-on")
@requires(Permission.OPEN_CASES, scope="region")
def hand_on(referral_id: uuid.UUID) -> Answer:
    """Send a referral on to the office of another region."""
    reason, region = field("why")[:LONGEST], field("region")[:12]
    if len(reason) < SHORTEST or not region:
        return page(referral_id, "请选择转交的乡镇（街道），并写明原因"), 422
    return _act(
        referral_id, filing.hand_on, "已转交，对方会收到通知。", reason=reason, region=region
    )


@referral_acts.post("/<uuid:referral_id>/aid")
@requires(Permission.OPEN_CASES, scope="region")
def close(referral_id: uuid.UUID) -> Answer:
    """End the aid of somebody who was never identified."""
    what, fen = field("what")[:LONGEST], amounts.fen(field("cost"))
    if len(what) < SHORTEST or fen is None:
        return page(referral_id, "请写明提供了什么救助，并填写费用，没有费用的填 0"), 422
    try:
        end, until_on = AidEnd(field("end")), date.fromisoformat(field("until_on"))
    except ValueError:
        return page(referral_id, "请选择去向和救助结束的日期"), 422
    given = Given(what=what, fen=fen, end=end, until_on=until_on)
    return _act(referral_id, answering.close, "已登记救助结束。", given=given)


def _with_person(referral_id: uuid.UUID, what: Callable[..., Any], done: str) -> Answer:
    """Do an act that says who it is: who was found by number, somebody by name, or nobody yet."""
    need, who = field("need")[:LONGEST], field("who")
    if len(need) < SHORTEST:
        return page(referral_id, "请写明需要什么救助"), 422
    try:
        person_id = uuid.UUID(who) if who not in {"", _FOUND} else None
    except ValueError:
        return page(referral_id, "请选择是谁"), 422
    as_found = who == _FOUND
    return _act(referral_id, what, done, need=need, as_found=as_found, person_id=person_id)


def _act(referral_id: uuid.UUID, what: Callable[..., Any], done: str, **given: Any) -> Answer:
    return forms.act(
        what,
        done=done,
        then=url_for("console.referrals.show", referral_id=referral_id),
        otherwise=lambda fault: page(referral_id, str(fault)),
        referral_id=referral_id,
        **given,
    )
