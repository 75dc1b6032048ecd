"""Requests to see personal data in clear, for whoever decides them."""

import uuid

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from relief.accounts import queries as account_queries
from relief.accounts.permissions import Permission
from relief.console import paging
from relief.console.forms import field
from relief.core.db import unit_of_work
from relief.organisation import queries as organisation
from relief.registry import disclosure
from relief.web.context import current_actor, now, requires

access = Blueprint("access", __name__, url_prefix="/access-requests")

_DECISIONS = {"approve": True, "refuse": False}


@access.get("")
@requires(Permission.DECIDE_ACCESS, scope="household")
def index() -> str:
    """List the requests that wait."""
    actor = current_actor()
    with unit_of_work() as session:
        page = disclosure.list_access_requests(
            session,
            scope=actor.scope,
            actor_id=actor.id,
            decides=True,
            waiting=True,
            limit=paging.PAGE_SIZE,
            cursor=paging.cursor(),
        )
        askers = account_queries.display_names(session, {row.asked_by for row in page.items})
        regions = organisation.region_names(session, codes={row.region_code for row in page.items})
    return render_template(
        "console/access/list.html",
        requests=page.items,
        askers=askers,
        regions=regions,
        **paging.links(page.next_cursor),
    )


@access.post("/<uuid:request_id>/decision")
@requires(Permission.DECIDE_ACCESS, scope="household")
def decide(request_id: uuid.UUID) -> Response:
    """Approve or refuse one request."""
    approve = _DECISIONS.get(field("decision"))
    if approve is None:
        raise BadRequest
    reason = field("reason")[:200]
    if not reason:
        flash("请填写审批意见。", "bad")
        return redirect(url_for(".index"), code=303)
    actor = current_actor()
    with unit_of_work() as session:
        disclosure.decide_access(
            session,
            scope=actor.scope,
            request_id=request_id,
            approve=approve,
            reason=reason,
            actor_id=actor.id,
            now=now(),
        )
    flash("已批准，申请人 24 小时内可以查看。" if approve else "已答复不批准。", "good")
    return redirect(url_for(".index"), code=303)
