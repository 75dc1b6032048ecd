"""The household list, its filters, and the page of one household."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from relief.accounts import queries as account_queries
from relief.accounts.permissions import Permission
from relief.console import charts, paging
from relief.console import regions as region_filter
from relief.console.forms import field
from relief.console.households import aid, changes, search
from relief.console.labels import LABELS
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.organisation import queries as organisation
from relief.registry import disclosure, queries
from relief.registry.queries import yearly
from relief.registry.types import Category
from relief.schemes import queries as scheme_queries
from relief.visits import queries as helping
from relief.web.context import cipher, current_actor, now, requires

households = Blueprint("households", __name__, url_prefix="/households")

_KEPT = (*region_filter.LEVELS, "scheme", "category", "search")


@households.get("")
@requires(Permission.SEE_HOUSEHOLDS, scope="household")
def index() -> str:
    """Show one page of the list, as the address narrows it."""
    actor = current_actor()
    asked = search.unseal(cipher(), request.args.get("search", ""), actor.id)
    fault = asked.fault if asked else None
    scheme, category = request.args.get("scheme", ""), request.args.get("category", "")
    with unit_of_work() as session:
        levels = region_filter.levels(session, actor.scope, _chosen())
        schemes = scheme_queries.schemes(session, department_code=actor.scope.department_code)
        page = None
        items: Sequence[queries.HouseholdRow] = ()
        if not fault:
            filters = _filters(region_filter.narrowest(levels), scheme, category, asked)
            page = queries.list_households(
                session,
                cipher(),
                scope=actor.scope,
                filters=filters,
                limit=paging.PAGE_SIZE,
                cursor=paging.cursor(),
            )
            items = helping.name_helpers(session, page.items, reader=actor, on=local_date(now()))
    kept = {name: request.args[name] for name in _KEPT if request.args.get(name)}
    return render_template(
        "console/households/list.html",
        households=items,
        levels=levels,
        schemes=[(row.code, row.short_name) for row in schemes],
        full_names={row.code: row.name for row in schemes},
        scheme=scheme,
        categories=list(LABELS["category"].items()),
        category=category,
        ways=list(search.WAYS.items()),
        asked=asked,
        fault=fault,
        narrowed=bool(kept),
        kept=kept,
        **paging.links(page.next_cursor if page else None, **kept),
    )


@households.post("/search")
@requires(Permission.SEE_HOUSEHOLDS, scope="household")
def find() -> Response:
    """Lead to the list that the form asks for."""
    asked = search.read(field("way"), field("text"))
    names = (*region_filter.LEVELS, "scheme", "category")
    kept: dict[str, Any] = {name: field(name) for name in names if field(name)}
    if asked:
        kept["search"] = search.seal(cipher(), asked, current_actor().id)
    if asked and not asked.fault:
        with unit_of_work() as session:
            disclosure.record_search(
                session,
                filters=_filters(None, kept.get("scheme", ""), kept.get("category", ""), asked),
                scope=current_actor().scope,
                actor_id=current_actor().id,
                now=now(),
            )
    return redirect(url_for(".index", **kept), code=303)


@households.get("/regions")
@requires(Permission.SEE_HOUSEHOLDS, scope="region")
def regions() -> str:
    """Return the part of the region filter below the level that was just chosen."""
    township = request.args.get("township", "")
    with unit_of_work() as session:
        if "township" in request.args:
            # The county follows from the township's code.
            county = f"{township[:6]}{'0' * 6}" if township else ""
            chosen = [county, township]
        else:
            chosen = [request.args.get("county", "")]
        levels = region_filter.levels(session, current_actor().scope, chosen)
    return render_template(
        "console/households/_regions.html", levels=levels, first=2 if len(chosen) > 1 else 1
    )


@households.get("/<uuid:household_id>/lists")
@requires(Permission.SEE_HOUSEHOLDS, scope="household")
def lists(household_id: uuid.UUID) -> str:
    """Show whom each department lists together with a member; the look is recorded."""
    with unit_of_work() as session:
        found = disclosure.view_lists(
            session, viewer=current_actor(), household_id=household_id, now=now()
        )
        codes = organisation.code_tables(session, tables=["relation"])
    return render_template(
        "console/households/lists.html",
        household=found,
        lists=list(zip(found.lists, found.absent, strict=True)),
        codes=codes,
        own_only=current_actor().scope.department_code is not None,
    )


@households.get("/<uuid:household_id>")
@requires(Permission.SEE_HOUSEHOLDS, scope="household")
def show(household_id: uuid.UUID) -> str:
    """Show one household; the look is recorded."""
    actor = current_actor()
    with unit_of_work() as session:
        detail = disclosure.view_household(
            session, cipher(), viewer=actor, household_id=household_id, now=now()
        )
        [household] = helping.name_helpers(
            session, [detail.household], reader=actor, on=local_date(now())
        )
        years = yearly.household_years(session, scope=actor.scope, detail=detail, now=now())
        full_names = {row.code: row.name for row in scheme_queries.schemes(session)}
        codes = organisation.code_tables(
            session, tables=["sex", "relation", "ethnicity", "marital"]
        )
        words = changes.Words(
            members={member.id: member.name for member in detail.members},
            regions=organisation.region_names(session, codes=changes.regions_named(detail.changes)),
            codes=codes,
            actors=account_queries.display_names(
                session, {row.actor_id for row in detail.changes if row.actor_id}
            ),
        )
    table = aid.aid_table(detail.aid, detail.enrolments, full_names)
    return render_template(
        "console/households/show.html",
        household=household,
        origins=detail.origins,
        members=detail.members,
        codes=codes,
        schemes_of={
            member.id: [p.scheme for p in detail.enrolments if p.person_id == member.id]
            for member in detail.members
        },
        full_names=full_names,
        own_only=actor.scope.department_code is not None,
        aid=table,
        chart=charts.aid_chart((row.year, row.scheme.name, row.amount_fen) for row in detail.aid),
        sources=detail.sources,
        years=years,
        changes=changes.told(detail.changes, words),
    )


def _filters(
    region: str | None, scheme: str, category: str, asked: search.Search | None
) -> queries.HouseholdFilter:
    typed = {asked.way: asked.text} if asked else {}
    return queries.HouseholdFilter(
        region=region,
        scheme=scheme or None,
        category=Category(category) if category in LABELS["category"] else None,
        number=typed.get("number"),
        name=typed.get("name"),
        pinyin=typed.get("pinyin"),
        citizen_id=typed.get("citizen_id"),
        phone=typed.get("phone"),
        address=typed.get("address"),
    )


def _chosen() -> list[str]:
    return [request.args.get(name, "") for name in region_filter.LEVELS]
