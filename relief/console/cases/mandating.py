"""Mandates, from the page of their case."""

import uuid

from flask import Blueprint
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.console.cases import mandate_form
from relief.console.cases.routes import act, page, words
from relief.console.forms import field
from relief.core.errors import Invalid
from relief.review.errors import WordsMissing
from relief.review.mandates import acts
from relief.review.mandates.types import Handed
from relief.web.context import cipher, requires

mandating = Blueprint("mandating", __name__, url_prefix="/cases")


@mandating.post("/<uuid:case_id>/mandates")
@requires(Permission.OPEN_CASES, scope="region")
def record(case_id: uuid.UUID) -> Response | tuple[str, int]:
    """Record that the applicant lets someone act in their place."""
    try:
        mandate = mandate_form.read()
    except Invalid as fault:
        return page(case_id, fault), 422
    return act(case_id, acts.record, "已登记授权委托。", cipher=cipher(), mandate=mandate)


@mandating.post("/<uuid:case_id>/mandates/<uuid:mandate_id>/revocation")
@requires(Permission.OPEN_CASES, scope="region")
def revoke(case_id: uuid.UUID, mandate_id: uuid.UUID) -> Response | tuple[str, int]:
    """End it."""
    return act(
        case_id,
        acts.revoke,
        "已撤销授权委托。",
        mandate_id=mandate_id,
        reason=words("mandate_revoked_why"),
    )


@mandating.post("/<uuid:case_id>/mandates/<uuid:mandate_id>/hand-over")
@requires(Permission.OPEN_CASES, scope="region")
def hand_over(case_id: uuid.UUID, mandate_id: uuid.UUID) -> Response | tuple[str, int]:
    """Take in what an agent brings."""
    try:
        what = Handed(field("handed"))
    except ValueError:
        raise BadRequest from None
    said = words("handed_words")
    if said is None:
        return page(case_id, WordsMissing()), 422
    return act(
        case_id,
        acts.hand_over,
        "已登记受托人代办。",
        mandate_id=mandate_id,
        what=what,
        words=said,
    )
