"""Referrals of people who were found in need (转介), over HTTP.

Every act answers with the referral as it is then.
"""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Response

from relief.api.referrals.schemas import (
    ReferralAcceptanceIn,
    ReferralAidIn,
    ReferralArgs,
    ReferralCandidatesOut,
    ReferralDetailOut,
    ReferralHandOnIn,
    ReferralIdentificationIn,
    ReferralIn,
    ReferralLookUpIn,
    ReferralPageOut,
    ReferralReasonIn,
)
from relief.core.db import unit_of_work
from relief.review.referring import answering, filing, finding, queries, trying
from relief.review.referring.answering import Given
from relief.review.referring.filing import Found
from relief.review.referring.queries import ReferralDetail
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, cipher, current_actor, now, requires
from relief.web.idempotency import answer
from relief.web.problems import too_many_attempts

blp = Blueprint("referrals", __name__, url_prefix="/v1/referrals", description="转介")
_NOT_YOURS = "由接收单位办理，或与登记、接收的人不相容"
_NOT_NOW = "已经答复，或还没有接收"
_NO_CASE = f"{_NOT_NOW}；没有查明身份，同一申请正在办理，或核验发现须先改正的问题"


@blp.get("")
@requires(Permission.SEE_CASES, scope="region")
@blp.arguments(ReferralArgs, location="query")
@blp.response(200, ReferralPageOut)
def list_referrals(args: dict[str, Any]) -> Any:
    """List the referrals of one's office, and those that went through one's hands."""
    with unit_of_work() as session:
        return queries.list_referrals(session, actor=current_actor(), now=now(), **args)


@blp.post("")
@requires(Permission.OPEN_CASES, scope="region")
@blp.arguments(ReferralIn)
@blp.response(201, ReferralDetailOut)
@blp.alt_response(404, description="没有这个救助项目或区划")
@blp.alt_response(409, description="不由转介进入的项目")
def refer(payload: dict[str, Any]) -> Response:
    """Refer somebody who was found to the managing department's office of a region."""
    actor, moment = current_actor(), now()
    scheme, region = payload.pop("scheme"), payload.pop("region")

    def work() -> ReferralDetail:
        referral_id = filing.refer(
            session,
            cipher(),
            actor=actor,
            scheme_code=scheme,
            region=region,
            found=Found(**payload),
            now=moment,
        )
        return queries.detail(session, cipher(), viewer=actor, referral_id=referral_id, now=moment)

    with unit_of_work() as session:
        return answer(
            session, ReferralDetailOut, actor_id=actor.id, now=moment, work=work, status=201
        )


@blp.get("/<uuid:referral_id>")
@requires(Permission.SEE_CASES, scope="region")
@blp.response(200, ReferralDetailOut)
def get_referral(referral_id: uuid.UUID) -> ReferralDetail:
    """Return a referral with its history; the look is recorded."""
    with unit_of_work() as session:
        return queries.view(
            session, cipher(), viewer=current_actor(), referral_id=referral_id, now=now()
        )


@blp.post("/<uuid:referral_id>/look-ups")
@requires(Permission.OPEN_CASES, scope="region")
@blp.arguments(ReferralLookUpIn)
@blp.response(200, ReferralCandidatesOut)
@blp.alt_response(403, description=_NOT_YOURS)
@blp.alt_response(409, description=_NOT_NOW)
@blp.alt_response(429, description="没有找到的次数过多")
def look_up(payload: dict[str, Any], referral_id: uuid.UUID) -> Any:
    """Look in the registry for who was referred; each look is in the trail, misses are counted."""
    actor, moment = current_actor(), now()
    with unit_of_work() as session:
        blocked_until = trying.count(session, account_id=actor.id, now=moment)
    if blocked_until is not None:
        return too_many_attempts(blocked_until, moment)
    refused = trying.giving_back(unit_of_work, account_id=actor.id)
    with refused, unit_of_work() as session:
        found = finding.look_up(
            session, cipher(), actor=actor, referral_id=referral_id, now=moment, **payload
        )
        if found:
            trying.give_back(session, account_id=actor.id)
    return {"items": found}


@blp.post("/<uuid:referral_id>/acceptance")
@requires(Permission.OPEN_CASES, scope="region")
@blp.arguments(ReferralAcceptanceIn)
@blp.response(200, ReferralDetailOut)
@blp.alt_response(403, description=_NOT_YOURS)
@blp.alt_response(409, description=_NO_CASE)
def accept(payload: dict[str, Any], referral_id: uuid.UUID) -> Response:
    """Take in who was referred: with a case if it is known who it is, else aid comes first."""
    return _done(answering.accept, referral_id, **payload)


@blp.post("/<uuid:referral_id>/refusal")
@requires(Permission.OPEN_CASES, scope="region")
@blp.arguments(ReferralReasonIn)
@blp.response(200, ReferralDetailOut)
@blp.alt_response(403, description=_NOT_YOURS)
@blp.alt_response(409, description=_NOT_NOW)
def refuse(payload: dict[str, Any], referral_id: uuid.UUID) -> Response:
    """Refuse to take somebody in, with the reason."""
    return _done(answering.refuse, referral_id, **payload)


@blp.post("/<uuid:referral_id>/hand-on")
@requires(Permission.OPEN_CASES, scope="region")
@blp.arguments(ReferralHandOnIn)
@blp.response(200, ReferralDetailOut)
@blp.alt_response(403, description=_NOT_YOURS)
@blp.alt_response(409, description=_NOT_NOW)
def hand_on(payload: dict[str, Any], referral_id: uuid.UUID) -> Response:
    """Send a referral on to the office of another region, with the reason."""
    return _done(filing.hand_on, referral_id, **payload)


@blp.post("/<uuid:referral_id>/identification")
@requires(Permission.OPEN_CASES, scope="region")
@blp.arguments(ReferralIdentificationIn)
@blp.response(200, ReferralDetailOut)
@blp.alt_response(403, description=_NOT_YOURS)
@blp.alt_response(409, description=_NO_CASE)
def identify(payload: dict[str, Any], referral_id: uuid.UUID) -> Response:
    """Say who it is that was taken in: their case begins today."""
    return _done(answering.identify, referral_id, **payload)


@blp.post("/<uuid:referral_id>/aid")
@requires(Permission.OPEN_CASES, scope="region")
@blp.arguments(ReferralAidIn)
@blp.response(200, ReferralDetailOut)
@blp.alt_response(403, description=_NOT_YOURS)
@blp.alt_response(409, description=_NOT_NOW)
def close(payload: dict[str, Any], referral_id: uuid.UUID) -> Response:
    """End the aid of somebody who was never identified, by a record of what they got."""
    return _done(answering.close, referral_id, given=Given(**payload))


def _done(act: Callable[..., Any], referral_id: uuid.UUID, **given: Any) -> Response:
    """Do an act once for each key, and answer with the referral as it is then."""
    actor, moment = current_actor(), now()

    def work() -> ReferralDetail:
        act(session, actor=actor, referral_id=referral_id, now=moment, **given)
        return queries.detail(session, cipher(), viewer=actor, referral_id=referral_id, now=moment)

    with unit_of_work() as session:
        return answer(session, ReferralDetailOut, actor_id=actor.id, now=moment, work=work)
