"""Rosters drawn from confirmed identities: who is missing, each with a filled-in application."""

from flask import Blueprint, render_template, request

from relief.accounts.permissions import Permission
from relief.console import paging
from relief.core.db import unit_of_work
from relief.organisation import queries as organisation
from relief.review.recognition import rosters as drawing
from relief.review.recognition.errors import NoDepartment
from relief.web.context import current_actor, now, requires

rosters = Blueprint("rosters", __name__, url_prefix="/cases")


@rosters.get("/rosters")
@requires(Permission.OPEN_CASES, scope="region")
def index() -> str:
    """List who is missing on the roster of a scheme."""
    actor = current_actor()
    with unit_of_work() as session:
        offered = (
            drawing.offered(session, scope=actor.scope, now=now()) if actor.department_code else ()
        )
        chosen = next((one for one in offered if one.code == request.args.get("scheme")), None)
        page = (
            drawing.missing(
                session,
                scope=actor.scope,
                scheme_code=chosen.code,
                limit=paging.PAGE_SIZE,
                cursor=paging.cursor(),
                now=now(),
            )
            if chosen
            else None
        )
        codes = {row.region_code for row in page.items} if page else set()
        names = organisation.region_names(session, codes=codes)
    return render_template(
        "console/cases/rosters.html",
        schemes=[(one.code, one.name) for one in offered],
        scheme=chosen.code if chosen else "",
        page=page,
        fault=None if actor.department_code else NoDepartment.title,
        regions=names,
        **paging.links(page.next_cursor if page else None, scheme=chosen.code if chosen else None),
    )
