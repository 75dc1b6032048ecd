"""Papers of a case as PDF, and the page on which anyone checks one."""

import uuid

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.core.db import unit_of_work
from relief.review.papers import queries
from relief.web.context import current_actor, now, requires
from relief.web.downloads import as_pdf

papers = Blueprint("papers", __name__, url_prefix="/cases")


@papers.get("/<uuid:case_id>/papers/<paper>")
@requires(Permission.SEE_CASES, scope="region")
def show(case_id: uuid.UUID, paper: str) -> Response:
    """Show a paper; the look is recorded."""
    with unit_of_work() as session:
        found = queries.view_pdf(
            session, viewer=current_actor(), case_id=case_id, number=paper, now=now()
        )
    return as_pdf(found.content, name=found.name)


def check() -> str:
    """Show the form that asks for number and code, and whether there is such a paper."""
    number, code = request.args.get("number", ""), request.args.get("code", "")
    asked = bool(number.strip() and code.strip())
    found = None
    if asked:
        with unit_of_work() as session:
            found = queries.genuine(session, number=number, code=code)
    return render_template(
        "console/papers/check.html", asked=asked, found=found, number=number, code=code
    )
