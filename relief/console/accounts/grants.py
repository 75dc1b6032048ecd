"""Grants that wait for a second security administrator."""

import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from relief.accounts import grants as service
from relief.accounts.permissions import Permission
from relief.accounts.types import GrantKind
from relief.console.forms import field
from relief.console.labels import label
from relief.core.db import unit_of_work
from relief.organisation import queries as organisation
from relief.web.context import current_actor, now, requires

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

grants = Blueprint("grants", __name__, url_prefix="/grants")

_DECISIONS = {"approve": True, "refuse": False}


@grants.get("")
@requires(Permission.GRANT_ROLES, scope="none", step_up=True)
def index() -> str:
    """List what waits, and ask for the decision on what others proposed."""
    with unit_of_work() as session:
        waiting = service.open_proposals(session)
        what = names_of(session, waiting)
    return render_template("console/accounts/grants.html", waiting=waiting, what=what)


@grants.post("/<uuid:proposal_id>/decision")
@requires(Permission.GRANT_ROLES, scope="none", step_up=True)
def decide(proposal_id: uuid.UUID) -> Response:
    """Approve or refuse one proposal."""
    approve = _DECISIONS.get(field("decision"))
    if approve is None:
        raise BadRequest
    reason = field("reason")[:200]
    if not reason:
        flash("请填写审批意见。", "bad")
        return redirect(url_for(".index"), code=303)
    with unit_of_work() as session:
        service.decide(
            session,
            proposal_id=proposal_id,
            approve=approve,
            reason=reason,
            actor_id=current_actor().id,
            now=now(),
        )
    flash("已批准，立即生效。" if approve else "已答复不批准。", "good")
    return redirect(url_for(".index"), code=303)


def names_of(
    session: "Session", proposals: Sequence[service.ProposalRow]
) -> Mapping[uuid.UUID, str]:
    """Return what each proposal would give, in words."""
    codes = {row.what for row in proposals if row.kind is GrantKind.REGION}
    areas = organisation.area_names(session, codes=codes)
    return {row.id: f"“{_name(row, areas)}”" if row.what else "" for row in proposals}


def _name(row: service.ProposalRow, areas: Mapping[str, str]) -> str:
    if row.kind is GrantKind.ROLE:
        return label(row.what, "role")
    return areas.get(row.what, row.what)
