"""Papers (文书) of cases, over HTTP."""

import uuid
from typing import Any

from flask import Response

from relief.api.papers.schemas import GenuinePaperOut, PaperCheckArgs
from relief.core.db import unit_of_work
from relief.review.errors import PaperNotFound
from relief.review.papers import queries
from relief.review.papers.queries import Genuine
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, current_actor, now, requires
from relief.web.downloads import as_pdf

blp = Blueprint("papers", __name__, url_prefix="/v1", description="文书")


@blp.get("/cases/<uuid:case_id>/papers/<paper>")
@requires(Permission.SEE_CASES, scope="region")
@blp.response(
    200,
    {"type": "string", "format": "binary"},
    content_type="application/pdf",
    description="PDF，含字体",
)
def get_pdf(case_id: uuid.UUID, paper: str) -> Response:
    """Return a paper of a case as PDF; the look is recorded."""
    with unit_of_work() as session:
        found = queries.view_pdf(
            session, viewer=current_actor(), case_id=case_id, number=paper, now=now()
        )
    return as_pdf(found.content, name=found.name)


@blp.get("/papers/check")
@blp.doc(security=[])
@blp.arguments(PaperCheckArgs, location="query")
@blp.response(200, GenuinePaperOut)
def check(args: dict[str, Any]) -> Genuine:
    """Tell anyone who holds a paper whether it is the platform's."""
    with unit_of_work() as session:
        found = queries.genuine(session, **args)
    if found is None:
        raise PaperNotFound
    return found
