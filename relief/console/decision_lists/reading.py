"""Signed lists for who audits: of each the cases of the reader's regions."""

import uuid

from flask import Blueprint, render_template, request
from werkzeug.exceptions import BadRequest

from relief.accounts.permissions import Permission
from relief.console import paging
from relief.console.labels import LABELS
from relief.core.db import unit_of_work
from relief.review.lists import reading
from relief.review.lists.types import EntryStatus
from relief.web.context import current_actor, requires

signed_lists = Blueprint("signed_lists", __name__, url_prefix="/signed-lists")


@signed_lists.get("")
@requires(Permission.READ_AUDIT, scope="region")
def index() -> str:
    """Show one page of the signed lists that hold cases of one's regions, newest first."""
    with unit_of_work() as session:
        page = reading.list_lists(
            session,
            scope=current_actor().scope,
            limit=paging.PAGE_SIZE,
            cursor=paging.cursor(),
        )
    return render_template(
        "console/decision_lists/signed.html", lists=page.items, **paging.links(page.next_cursor)
    )


@signed_lists.get("/<uuid:list_id>")
@requires(Permission.READ_AUDIT, scope="region")
def show(list_id: uuid.UUID) -> str:
    """Show a signed list with a page of its cases of one's regions."""
    scope, status = current_actor().scope, request.args.get("status", "")
    try:
        chosen = EntryStatus(status) if status else None
    except ValueError:
        raise BadRequest from None
    with unit_of_work() as session:
        found = reading.get_list(session, scope=scope, list_id=list_id)
        page = reading.entries(
            session,
            scope=scope,
            list_id=list_id,
            status=chosen,
            limit=paging.PAGE_SIZE,
            cursor=paging.cursor(),
        )
    return render_template(
        "console/decision_lists/signed_show.html",
        found=found,
        entries=page.items,
        status=status,
        statuses=list(LABELS["entry_status"].items()),
        **paging.links(page.next_cursor, status=status or None),
    )
