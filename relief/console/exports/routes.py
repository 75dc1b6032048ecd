"""My exports: asking for a file of a list, its progress, and fetching it."""

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.console import forms, paging
from relief.console import regions as region_filter
from relief.console.exports import words
from relief.console.forms import field
from relief.console.households import search
from relief.console.labels import LABELS
from relief.core.db import unit_of_work
from relief.organisation import queries as organisation
from relief.registry import purposes, queries
from relief.registry.errors import NumberInRemark, RemarkMissing, UnknownPurpose
from relief.registry.exports import queries as export_queries
from relief.registry.exports import service
from relief.registry.exports.errors import ExportExpired, ExportNotReady, ExportOutOfScope
from relief.registry.types import Category, ExportForm
from relief.schemes import queries as scheme_queries
from relief.web.context import cipher, config, current_actor, now, requires
from relief.web.downloads import as_download

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

exports = Blueprint("exports", __name__, url_prefix="/exports")

_KEPT = (*region_filter.LEVELS, "scheme", "category", "search")
_Fault = (UnknownPurpose, RemarkMissing, NumberInRemark)


@exports.get("")
@requires(Permission.EXPORT_HOUSEHOLDS, scope="own")
def index() -> str:
    """Show one page of one's own exports, newest first."""
    actor = current_actor()
    with unit_of_work() as session:
        page = export_queries.list_exports(
            session,
            account_id=actor.id,
            now=now(),
            limit=paging.PAGE_SIZE,
            cursor=paging.cursor(),
        )
        schemes = scheme_queries.scheme_names(session)
        areas = organisation.area_names(session, codes=words.areas(page.items))
        reasons = purposes.choices(session)
    return render_template(
        "console/exports/list.html",
        exports=[(row, words.content(row.told, schemes, areas)) for row in page.items],
        purposes=reasons,
        running=any(row.status in words.OPEN for row in page.items),
        fresh=actor.fresh(now(), to_fill_in=True),
        **paging.links(page.next_cursor),
    )


@exports.get("/new")
@requires(Permission.EXPORT_HOUSEHOLDS, scope="household", step_up=True)
def new() -> str:
    """Ask what the file is for, and in which form it shall be."""
    return _form({name: request.args.get(name, "") for name in _KEPT}, {})


@exports.post("")
@requires(Permission.EXPORT_HOUSEHOLDS, scope="household", step_up=True)
def create() -> Response | tuple[str, int]:
    """Queue the file; the same form sent twice queues it once."""
    kept = {name: field(name) for name in _KEPT}
    actor = current_actor()
    form = field("form")
    if form not in LABELS["export_form"]:
        return _form(kept, {"form": "请选择文件格式。"}), 422
    try:
        with unit_of_work() as session:
            filters = _filters(session, kept)
            forms.once(
                session,
                lambda: service.ask(
                    session,
                    cipher(),
                    asker=actor,
                    filters=filters,
                    form=ExportForm(form),
                    purpose=field("purpose"),
                    remark=field("remark"),
                    rules=config().exports,
                    now=now(),
                ),
            )
    except _Fault as fault:
        where = "purpose" if isinstance(fault, UnknownPurpose) else "remark"
        return _form(kept, {where: f"{fault}。"}), 422
    flash("已开始生成文件，完成后可在本页下载。", "good")
    return redirect(url_for(".index"), code=303)


@exports.post("/<uuid:export_id>/file")
@requires(Permission.EXPORT_HOUSEHOLDS, scope="own", step_up=True)
def fetch(export_id: uuid.UUID) -> Response:
    """Give the file; who took which households away is recorded."""
    try:
        with unit_of_work() as session:
            found = service.fetch(
                session,
                cipher(),
                export_id=export_id,
                asker=current_actor(),
                storage=config().storage_dir,
                now=now(),
            )
    except (ExportNotReady, ExportExpired, ExportOutOfScope) as error:
        flash(f"{error.title}。", "bad")
        return redirect(url_for(".index"), code=303)
    return as_download(found.pieces, found.size, name=found.name, media_type=found.media_type)


def _filters(session: "Session", kept: Mapping[str, str]) -> queries.HouseholdFilter:
    """Return what the list showed that this form was opened from."""
    actor = current_actor()
    levels = region_filter.levels(session, actor.scope, [kept[n] for n in region_filter.LEVELS])
    asked = search.unseal(cipher(), kept["search"], actor.id)
    if kept["search"] and asked is None:
        raise BadRequest  # a search that cannot be read must not become a list of everyone
    category = kept["category"]
    return queries.HouseholdFilter(
        region=region_filter.narrowest(levels),
        scheme=kept["scheme"] or None,
        category=Category(category) if category in LABELS["category"] else None,
        **({asked.way: asked.text} if asked else {}),
    )


def _form(kept: Mapping[str, str], faults: Mapping[str, str]) -> str:
    with unit_of_work() as session:
        told = service.told(_filters(session, kept))
        schemes = scheme_queries.scheme_names(session)
        areas = organisation.area_names(session, codes=filter(None, [told.get("region")]))
        reasons = purposes.choices(session)
    actor = current_actor()
    return render_template(
        "console/exports/new.html",
        kept={name: value for name, value in kept.items() if value},
        content=words.content(told, schemes, areas),
        most=config().exports.most(actor.roles),
        days=config().exports.days,
        forms=list(LABELS["export_form"].items()),
        form=field("form") or ExportForm.XLSX.value,
        purposes=list(reasons.items()),
        purpose=field("purpose"),
        remark=field("remark")[: purposes.LONGEST_REMARK],
        longest_remark=purposes.LONGEST_REMARK,
        faults=faults,
        once_key=forms.given_key(),
    )
