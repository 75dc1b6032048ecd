"""Standards that rise: new values, a rise, its differences, the signature and its report."""

import re
import uuid
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.console import forms, paging
from relief.console.forms import field
from relief.console.labels import LABELS
from relief.core.ages import months_after
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.core.errors import Conflict, DomainError, Invalid
from relief.review.lists.types import EntryStatus
from relief.review.rising import export as exporting
from relief.review.rising import queries, service, values
from relief.review.rising.settable import settable
from relief.review.rising.types import RiseReason
from relief.schemes import queries as scheme_queries
from relief.schemes.in_force import in_force
from relief.web.context import current_actor, now, requires
from relief.web.downloads import as_download

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

rises = Blueprint("rises", __name__, url_prefix="/standard-rises")
LONGEST, SHORTEST, LONGEST_SOURCE = 2000, 2, 300
_RISE = ("scheme", "region", "effective_on", "paid_from", "reason")
_DRAFT = ("name", "region", "valid_from", "value", "source")
_DRAFTS = "drafts"  # the second list of the page
_CODE = re.compile("[0-9]{12}")


@rises.get("")
@requires(Permission.WORK_CASES, scope="region")
def index() -> str:
    """Show a page of the rises of one's county or city, and one of the new values."""
    return _index()


@rises.post("/values")
@requires(Permission.WORK_CASES, scope="region")
def draft() -> Response | tuple[str, int]:
    """Draft a new value; the same form sent twice drafts it once."""
    actor, kept = current_actor(), {name: field(name) for name in _DRAFT}
    faults = {} if kept["name"] else {"name": "请选择参数。"}
    region = _region(kept["region"])
    if region is None:
        faults["region"] = "请选择区划。"
    valid_from, value = _day(kept["valid_from"]), _number(kept["value"])
    if valid_from is None:
        faults["valid_from"] = "请写明起始日期。"
    if value is None:
        faults["value"] = "请写明新值，须大于零，如 720 或 1.35。"
    if not SHORTEST <= len(kept["source"]) <= LONGEST_SOURCE:
        faults["source"] = "请写明文件名称和文号。"
    if faults or region is None or valid_from is None or value is None:
        return _index(kept=kept, faults=faults), 422
    given = {"name": kept["name"], "source": kept["source"]}

    def work(session: "Session") -> uuid.UUID:
        return values.draft(
            session,
            actor=actor,
            region_code=region,
            valid_from=valid_from,
            value=value,
            now=now(),
            **given,
        )

    try:
        with unit_of_work() as session:
            forms.once(session, lambda: work(session))
    except (Conflict, Invalid) as fault:
        code = 409 if isinstance(fault, Conflict) else 422
        return _index(kept=kept, faults={"name": f"{fault}。"}), code
    flash("已起草，须由另一人发布后生效。", "good")
    return redirect(url_for(".index"), code=303)


@rises.post("/values/<uuid:draft_id>/publish")
@requires(Permission.DECIDE_CASES, scope="region", step_up=True)
def publish(draft_id: uuid.UUID) -> Response | tuple[str, int]:
    """Publish somebody else's draft."""
    return _on_draft(values.publish, draft_id, "已发布，从起始日期起按新值计算。")


@rises.post("/values/<uuid:draft_id>/discard")
@requires(Permission.WORK_CASES, scope="region")
def discard(draft_id: uuid.UUID) -> Response | tuple[str, int]:
    """Discard a draft."""
    return _on_draft(values.discard, draft_id, "已作废。")


@rises.get("/new")
@requires(Permission.WORK_CASES, scope="region")
def new() -> str:
    """Ask which scheme rises, by the standard of which day, and where."""
    paid_from = months_after(local_date(now()).replace(day=1), 1).isoformat()
    given = {name: request.args.get(name, "") for name in _RISE}
    return _form(given | {"paid_from": given["paid_from"] or paid_from}, {})


@rises.post("")
@requires(Permission.WORK_CASES, scope="region")
def create() -> Response | tuple[str, int]:
    """Begin a rise; the same form sent twice begins it once."""
    actor, kept = current_actor(), {name: field(name) for name in _RISE}
    effective_on, paid_from = _day(kept["effective_on"]), _day(kept["paid_from"])
    reason = kept["reason"][:LONGEST]
    faults = {name: "请选择。" for name in ("scheme", "region") if not kept[name]}
    if kept["region"] and _region(kept["region"]) is None:
        faults["region"] = "请选择。"
    if effective_on is None:
        faults["effective_on"] = "请写明新标准的起始日期。"
    if paid_from is None:
        faults["paid_from"] = "请写明从哪个月起按新标准发放。"
    if len(reason) < SHORTEST:
        faults["reason"] = "请写明理由，至少 2 个字。"
    if faults or effective_on is None or paid_from is None:
        return _form(kept, faults), 422

    def work(session: "Session") -> uuid.UUID:
        return service.start(
            session,
            actor=actor,
            scheme_code=kept["scheme"],
            effective_on=effective_on,
            region_code=int(kept["region"]),
            paid_from=paid_from,
            reason=reason,
            now=now(),
        )

    try:
        with unit_of_work() as session:
            rise_id = forms.once(session, lambda: work(session))
    except (Conflict, Invalid) as fault:
        code = 409 if isinstance(fault, Conflict) else 422
        return _form(kept, {"scheme": f"{fault}。"}), code
    flash("已开始测算，还没有作出任何决定。可以离开本页，测算完后会收到通知。", "good")
    return redirect(url_for(".show", rise_id=rise_id), code=303)


@rises.get("/<uuid:rise_id>")
@requires(Permission.WORK_CASES, scope="region")
def show(rise_id: uuid.UUID) -> str:
    """Show a rise with a page of its differences, and what became of each."""
    return _page(rise_id)


@rises.post("/<uuid:rise_id>/export")
@requires(Permission.WORK_CASES, scope="region")
def export(rise_id: uuid.UUID) -> Response:
    """Send the list of differences, as it is narrowed, as a file."""
    status, reason = _chosen(field("status"), field("reason"))
    with unit_of_work() as session:
        content = exporting.take(
            session,
            actor=current_actor(),
            rise_id=rise_id,
            status=status,
            reason=reason,
            now=now(),
        )
    return as_download(iter([content]), len(content), name=exporting.FILE, media_type="text/csv")


@rises.post("/<uuid:rise_id>/sign")
@requires(Permission.DECIDE_CASES, scope="region", step_up=True)
def sign(rise_id: uuid.UUID) -> Response | tuple[str, int]:
    """Sign the list that the page showed."""
    said = "已签署，正在逐份调整。可以离开本页，办完后会收到通知。"
    return _act(rise_id, service.sign, said, digest=field("digest"))


@rises.post("/<uuid:rise_id>/stop")
@requires(Permission.DECIDE_CASES, scope="region")
def stop(rise_id: uuid.UUID) -> Response | tuple[str, int]:
    """Stop: what is decided stays so."""
    return _act(rise_id, service.stop, "已停止。已经调整的不受影响，其余的可以继续办理。")


@rises.post("/<uuid:rise_id>/resume")
@requires(Permission.DECIDE_CASES, scope="region", step_up=True)
def resume(rise_id: uuid.UUID) -> Response | tuple[str, int]:
    """Go on where it stood."""
    return _act(rise_id, service.resume, "已继续办理。")


@rises.post("/<uuid:rise_id>/cancel")
@requires(Permission.WORK_CASES, scope="region")
def cancel(rise_id: uuid.UUID) -> Response | tuple[str, int]:
    """Give the rise up."""
    return _act(rise_id, service.cancel, "已取消。已经调整的不受影响。")


def _act(
    rise_id: uuid.UUID, act: Callable[..., None], done: str, **given: Any
) -> Response | tuple[str, int]:
    """Do it, once for each form; say above the rise why not."""
    return forms.act(
        act,
        done=done,
        then=url_for(".show", rise_id=rise_id),
        otherwise=partial(_page, rise_id),
        rise_id=rise_id,
        **given,
    )


def _on_draft(
    act: Callable[..., None], draft_id: uuid.UUID, done: str
) -> Response | tuple[str, int]:
    return forms.act(
        act,
        done=done,
        then=url_for(".index"),
        otherwise=lambda fault: _index(fault=fault),
        draft_id=draft_id,
    )


def _index(
    *,
    kept: dict[str, str] | None = None,
    faults: dict[str, str] | None = None,
    fault: DomainError | None = None,
) -> str:
    actor = current_actor()
    with unit_of_work() as session:
        page = queries.rises(session, actor=actor, limit=paging.PAGE_SIZE, cursor=paging.cursor())
        drafts = values.drafts(
            session, actor=actor, limit=paging.PAGE_SIZE, cursor=paging.cursor(_DRAFTS)
        )
        places = queries.places(session, actor=actor)
        own = places[0][0] if places else None  # the city, or the county
        offered = (
            settable(
                session,
                department_code=actor.department_code,
                region_code=own,
                on=local_date(now()),
            )
            if own is not None
            else {}
        )
        # Who works in one county sees what holds there; in several, whose each value is.
        alone = own if len(places) == 1 else None
        standards = in_force(session, on=local_date(now()), region_code=alone)
    return render_template(
        "console/rises/list.html",
        rises=page.items,
        drafts=drafts.items,
        settable=list(offered.values()),
        places=[(str(code), name) for code, name in places],
        standards=[one for one in standards if one.label],
        kept=kept or dict.fromkeys(_DRAFT, "") | {"region": str(own or "")},
        faults=faults or {},
        fault=fault,
        longest=LONGEST_SOURCE,
        may_publish=service.decides(actor),
        fresh=actor.fresh(now(), to_fill_in=True),
        once_key=forms.given_key() if faults else forms.new_key(),
        draft_pages=paging.links(
            drafts.next_cursor, of=_DRAFTS, endpoint=".index", **paging.place()
        ),
        **paging.links(page.next_cursor, endpoint=".index", **paging.place(_DRAFTS)),
    )


def _page(rise_id: uuid.UUID, fault: DomainError | None = None) -> str:
    actor = current_actor()
    chosen = request.args.get("status", ""), request.args.get("reason", "")
    status, reason = _chosen(*chosen)
    with unit_of_work() as session:
        found = queries.get_rise(session, actor=actor, rise_id=rise_id)
        page = queries.entries(
            session,
            actor=actor,
            rise_id=rise_id,
            status=status,
            reason=reason,
            limit=paging.PAGE_SIZE,
            cursor=paging.cursor(),
        )
    return render_template(
        "console/rises/show.html",
        found=found,
        entries=page.items,
        status=chosen[0],
        reason=chosen[1],
        statuses=list(LABELS["rise_entry"].items()),
        reasons=list(LABELS["rise_reason"].items()),
        fault=fault,
        own=found.drawn_by_id == actor.id,
        may_sign=service.decides(actor),
        fresh=actor.fresh(now(), to_fill_in=True),
        once_key=forms.new_key(),
        **paging.links(page.next_cursor, status=chosen[0] or None, reason=chosen[1] or None),
    )


def _form(kept: dict[str, str], faults: dict[str, str]) -> str:
    actor = current_actor()
    with unit_of_work() as session:
        schemes = [
            (one.code, one.name)
            for one in scheme_queries.schemes(session, department_code=actor.department_code)
            if service.may_rise(one)
        ]
        regions = [(str(code), name) for code, name in queries.places(session, actor=actor)]
    return render_template(
        "console/rises/new.html",
        schemes=schemes,
        regions=regions,
        kept=kept,
        longest=LONGEST,
        faults=faults,
        once_key=forms.given_key(),
    )


def _chosen(status: str, reason: str) -> tuple[EntryStatus | None, RiseReason | None]:
    try:
        return (
            EntryStatus(status) if status else None,
            RiseReason(reason) if reason else None,
        )
    except ValueError:
        raise BadRequest from None


def _region(text: str) -> int | None:
    return int(text) if _CODE.fullmatch(text) else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _number(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if values.fits(value) else None
