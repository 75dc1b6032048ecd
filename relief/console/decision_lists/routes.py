"""Signed lists of decisions: drawing one, looking at its cases, signing it, and its report."""

import uuid
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.console import forms, paging
from relief.console import regions as region_filter
from relief.console.cases.amounts import fen
from relief.console.forms import field
from relief.console.labels import LABELS
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.core.errors import Conflict, DomainError, Invalid
from relief.organisation import queries as organisation
from relief.review.lists import drawing, queries, service
from relief.review.lists.types import EntryStatus
from relief.schemes import queries as scheme_queries
from relief.schemes.acting import confirmed_by
from relief.web.context import current_actor, now, requires

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

decision_lists = Blueprint("decision_lists", __name__, url_prefix="/decision-lists")
LONGEST, SHORTEST = 2000, 2
_KEPT = (*region_filter.LEVELS, "scheme", "amount", "reason")


@decision_lists.get("")
@requires(Permission.DECIDE_CASES, scope="own")
def index() -> str:
    """Show one page of one's own lists, newest first."""
    with unit_of_work() as session:
        page = queries.list_lists(
            session,
            account_id=current_actor().id,
            limit=paging.PAGE_SIZE,
            cursor=paging.cursor(),
        )
        areas = organisation.area_names(session, codes=_areas(*page.items))
    return render_template(
        "console/decision_lists/list.html",
        lists=page.items,
        areas=areas,
        **paging.links(page.next_cursor),
    )


@decision_lists.get("/new")
@requires(Permission.DECIDE_CASES, scope="region")
def new() -> str:
    """Ask which cases are to be drawn, and what each is to be granted."""
    return _form({name: request.args.get(name, "") for name in _KEPT}, {})


@decision_lists.post("")
@requires(Permission.DECIDE_CASES, scope="region")
def create() -> Response | tuple[str, int]:
    """Draw the list; the same form sent twice draws it once."""
    actor = current_actor()
    kept = {name: field(name) for name in _KEPT}
    amount, reason = fen(kept["amount"]), kept["reason"][:LONGEST]
    faults = {} if kept["scheme"] else {"scheme": "请选择救助项目。"}
    if amount is None:
        faults["amount"] = "请写明金额，如 90 或 90.50。"
    if len(reason) < SHORTEST:
        faults["reason"] = "请写明理由，至少 2 个字。"
    if faults or amount is None:
        return _form(kept, faults), 422

    def work(session: "Session") -> uuid.UUID:
        chosen = [kept[name] for name in region_filter.LEVELS]
        return service.draw(
            session,
            actor=actor,
            scheme_code=kept["scheme"],
            region=region_filter.narrowest(region_filter.levels(session, actor.scope, chosen)),
            amount_fen=amount,
            reason=reason,
            now=now(),
        )

    try:
        with unit_of_work() as session:
            list_id = forms.once(session, lambda: work(session))
    except (Conflict, Invalid) as fault:
        where = "amount" if fault.code == "amount-outside" else "scheme"
        return _form(kept, {where: f"{fault}。"}), 409 if isinstance(fault, Conflict) else 422
    flash("已生成清单，还没有作出任何决定。请逐件查看后签署。", "good")
    return redirect(url_for(".show", list_id=list_id), code=303)


@decision_lists.get("/<uuid:list_id>")
@requires(Permission.DECIDE_CASES, scope="own")
def show(list_id: uuid.UUID) -> str:
    """Show a list with a page of its cases: to be looked at, or what became of each."""
    return _page(list_id)


@decision_lists.post("/<uuid:list_id>/cases/<uuid:case_id>/take-off")
@requires(Permission.DECIDE_CASES, scope="own")
def take_off(list_id: uuid.UUID, case_id: uuid.UUID) -> Response | tuple[str, int]:
    """Take a case off the list before it is signed."""
    return _act(list_id, service.take_off, "已移出清单，请逐件办理。", case_id=case_id)


@decision_lists.post("/<uuid:list_id>/sign")
@requires(Permission.DECIDE_CASES, scope="own", step_up=True)
def sign(list_id: uuid.UUID) -> Response | tuple[str, int]:
    """Sign the list that the page showed."""
    said = "已签署，正在逐件办理。可以离开本页，办完后会收到通知。"
    return _act(list_id, service.sign, said, digest=field("digest"))


@decision_lists.post("/<uuid:list_id>/stop")
@requires(Permission.DECIDE_CASES, scope="own")
def stop(list_id: uuid.UUID) -> Response | tuple[str, int]:
    """Stop: what is decided stays so."""
    return _act(list_id, service.stop, "已停止。已经作出的决定不受影响，其余的可以继续办理。")


@decision_lists.post("/<uuid:list_id>/resume")
@requires(Permission.DECIDE_CASES, scope="own", step_up=True)
def resume(list_id: uuid.UUID) -> Response | tuple[str, int]:
    """Go on where the list stood."""
    return _act(list_id, service.resume, "已继续办理。")


def _act(
    list_id: uuid.UUID, act: Callable[..., None], done: str, **given: Any
) -> Response | tuple[str, int]:
    """Do it, once for each form; say above the list why not."""
    return forms.act(
        act,
        done=done,
        then=url_for(".show", list_id=list_id),
        otherwise=partial(_page, list_id),
        list_id=list_id,
        **given,
    )


def _page(list_id: uuid.UUID, fault: DomainError | None = None) -> str:
    actor, status = current_actor(), request.args.get("status", "")
    try:
        chosen = EntryStatus(status) if status else None
    except ValueError:
        raise BadRequest from None
    with unit_of_work() as session:
        found = queries.get_list(session, account_id=actor.id, list_id=list_id)
        page = queries.entries(
            session,
            account_id=actor.id,
            list_id=list_id,
            status=chosen,
            limit=paging.PAGE_SIZE,
            cursor=paging.cursor(),
        )
        areas = organisation.area_names(session, codes=_areas(found))
    return render_template(
        "console/decision_lists/show.html",
        found=found,
        entries=page.items,
        area=areas.get(found.region or "", "本人全部工作区划"),
        status=status,
        statuses=list(LABELS["entry_status"].items()),
        fault=fault,
        fresh=actor.fresh(now(), to_fill_in=True),
        once_key=forms.new_key(),
        **paging.links(page.next_cursor, status=status or None),
    )


def _form(kept: dict[str, str], faults: dict[str, str]) -> str:
    actor = current_actor()
    with unit_of_work() as session:
        levels = region_filter.levels(
            session, actor.scope, [kept[name] for name in region_filter.LEVELS]
        )
        confirmed = confirmed_by(
            session, department_code=actor.department_code, on=local_date(now())
        )
        offered = {one.code for one in confirmed} | drawing.schemes_waiting(session, actor=actor)
        schemes = [
            (one.code, one.name)
            for one in scheme_queries.schemes(session)
            if one.code in offered and service.by_list(one)
        ]
    return render_template(
        "console/decision_lists/new.html",
        levels=levels,
        schemes=schemes,
        kept=kept,
        longest=LONGEST,
        faults=faults,
        once_key=forms.given_key(),
    )


def _areas(*lists: queries.ListRow) -> set[str]:
    return {one.region for one in lists if one.region}
