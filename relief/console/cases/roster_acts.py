"""Entering many applications of a roster by one act: beginning it, and its report."""

import uuid
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.console import forms, paging
from relief.console import regions as region_filter
from relief.console.forms import field
from relief.console.labels import LABELS
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.core.errors import Conflict, Forbidden
from relief.organisation import queries as organisation
from relief.review.recognition import rosters as drawing
from relief.review.recognition.errors import NoDepartment
from relief.review.rostering import queries, service
from relief.review.rostering.types import PlaceStatus
from relief.schemes import queries as scheme_queries
from relief.web.context import current_actor, now, requires

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

roster_acts = Blueprint("roster_acts", __name__, url_prefix="/cases/roster-acts")
LONGEST, SHORTEST = 2000, 2
_KEPT = (*region_filter.LEVELS, "scheme", "need")


@roster_acts.get("")
@requires(Permission.OPEN_CASES, scope="own")
def index() -> str:
    """Show one page of one's own acts, newest first."""
    with unit_of_work() as session:
        page = queries.list_acts(
            session,
            account_id=current_actor().id,
            limit=paging.PAGE_SIZE,
            cursor=paging.cursor(),
        )
    return render_template(
        "console/cases/roster_acts.html", acts=page.items, **paging.links(page.next_cursor)
    )


@roster_acts.get("/new")
@requires(Permission.OPEN_CASES, scope="region")
def new() -> str:
    """Ask for what the applications are to say, before anybody is entered."""
    return _form({name: request.args.get(name, "") for name in _KEPT}, {})


@roster_acts.post("")
@requires(Permission.OPEN_CASES, scope="region")
def create() -> Response | tuple[str, int]:
    """Begin the act; the same form sent twice begins it once."""
    kept = {name: field(name) for name in _KEPT}
    faults = {} if kept["scheme"] else {"scheme": "请选择救助项目。"}
    need = kept["need"][:LONGEST]
    if len(need) < SHORTEST:
        faults["need"] = "请写明申请事由，至少 2 个字。"
    if faults:
        return _form(kept, faults), 422
    actor = current_actor()

    def work(session: "Session") -> uuid.UUID:
        chosen = [kept[name] for name in region_filter.LEVELS]
        return service.begin(
            session,
            actor=actor,
            scheme_code=kept["scheme"],
            region=region_filter.narrowest(region_filter.levels(session, actor.scope, chosen)),
            need=need,
            now=now(),
        )

    try:
        with unit_of_work() as session:
            act_id = forms.once(session, lambda: work(session))
    except (Conflict, Forbidden) as fault:
        return _form(kept, {"scheme": f"{fault}。"}), forms.status_of(fault)
    flash("已开始逐人录入。可以离开本页，办完后会收到通知。", "good")
    return redirect(url_for(".show", act_id=act_id), code=303)


@roster_acts.get("/<uuid:act_id>")
@requires(Permission.OPEN_CASES, scope="own")
def show(act_id: uuid.UUID) -> str:
    """Show an act with a page of its people: each case, or why there is none."""
    return _page(act_id)


@roster_acts.post("/<uuid:act_id>/resume")
@requires(Permission.OPEN_CASES, scope="own")
def resume(act_id: uuid.UUID) -> Response | tuple[str, int]:
    """Go on where the act stood."""
    try:
        with unit_of_work() as session:
            service.resume(session, actor=current_actor(), act_id=act_id, now=now())
    except Conflict as fault:
        return _page(act_id, str(fault)), 409
    flash("已继续录入。", "good")
    return redirect(url_for(".show", act_id=act_id), code=303)


def _page(act_id: uuid.UUID, fault: str | None = None) -> str:
    account_id, status = current_actor().id, request.args.get("status", "")
    try:
        chosen = PlaceStatus(status) if status else None
    except ValueError:
        raise BadRequest from None
    with unit_of_work() as session:
        act = queries.get_act(session, account_id=account_id, act_id=act_id)
        page = queries.places(
            session,
            account_id=account_id,
            act_id=act_id,
            status=chosen,
            limit=paging.PAGE_SIZE,
            cursor=paging.cursor(),
        )
        regions = organisation.region_names(
            session, codes={row.region_code for row in page.items if row.region_code}
        )
        areas = organisation.area_names(session, codes={act.region} if act.region else set())
    return render_template(
        "console/cases/roster_act.html",
        act=act,
        places=page.items,
        regions=regions,
        # A zone that is no more is no wider than it was.
        area=areas.get(act.region, act.region) if act.region else "本人全部工作区划",
        status=status,
        statuses=list(LABELS["roster_place_status"].items()),
        fault=fault,
        **paging.links(page.next_cursor, status=status or None),
    )


def _form(kept: dict[str, str], faults: dict[str, str]) -> str:
    actor = current_actor()
    with unit_of_work() as session:
        levels = region_filter.levels(
            session, actor.scope, [kept[name] for name in region_filter.LEVELS]
        )
        offered = (
            drawing.offered(session, scope=actor.scope, now=now()) if actor.department_code else ()
        )
        most = int(scheme_queries.parameter(session, service.MOST, on=local_date(now())))
    return render_template(
        "console/cases/roster_act_new.html",
        levels=levels,
        schemes=[(one.code, one.name) for one in offered],
        fault=None if actor.department_code else NoDepartment.title,
        kept=kept,
        most=most,
        longest=LONGEST,
        faults=faults,
        once_key=forms.given_key(),
    )
