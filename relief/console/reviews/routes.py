"""The steward's list of records that the merge could not tell apart or together."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template

from relief.accounts.permissions import Permission
from relief.console import paging
from relief.core.db import unit_of_work
from relief.organisation import queries as organisation
from relief.registry import queries
from relief.schemes import queries as scheme_queries
from relief.web.context import current_actor, requires

reviews = Blueprint("reviews", __name__, url_prefix="/link-reviews")


@reviews.get("")
@requires(Permission.SEE_LINK_REVIEWS, scope="household")
def index() -> str:
    """Show one page of open questions."""
    with unit_of_work() as session:
        page = queries.list_link_reviews(
            session,
            scope=current_actor().scope,
            limit=paging.PAGE_SIZE,
            cursor=paging.cursor(),
        )
        regions = organisation.region_names(session, codes={row.region_code for row in page.items})
        schemes = scheme_queries.scheme_names(session)
    return render_template(
        "console/reviews/list.html",
        reviews=page.items,
        evidence={row.id: evidence(row.evidence, schemes) for row in page.items},
        regions=regions,
        **paging.links(page.next_cursor),
    )


def evidence(facts: Mapping[str, Any], schemes: Mapping[str, str]) -> dict[str, str]:
    """Put what the merge noted into words: both sides, and where the other stands."""
    return {
        "owner": str(facts.get("owner") or ""),
        "owner_born": _born(facts.get("owner_born_on")),
        "other": str(facts.get("other") or ""),
        "other_born": _born(facts.get("other_born_on")),
        "schemes": "、".join(schemes.get(code, code) for code in facts.get("schemes", ())),
        "candidates": f"与 {facts['candidates']} 人相符" if facts.get("candidates") else "",
    }


def _born(born_on: str | None) -> str:
    return f"{born_on} 出生" if born_on else "出生日期未登记"
