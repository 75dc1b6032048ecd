"""Department files: what came, what was loaded and rejected, sending and taking back."""

import uuid

from flask import Blueprint, render_template

from relief.accounts import queries as account_queries
from relief.accounts.permissions import Permission
from relief.console import paging
from relief.core.db import unit_of_work
from relief.registry import queries
from relief.schemes import queries as scheme_queries
from relief.web.context import current_actor, requires

batches = Blueprint("batches", __name__, url_prefix="/batches")


@batches.get("")
@requires(Permission.SEE_BATCHES, scope="department")
def index() -> str:
    """Show one page of batches, newest first."""
    with unit_of_work() as session:
        page = queries.list_batches(
            session,
            scope=current_actor().scope,
            filters=queries.BatchFilter(),
            limit=paging.PAGE_SIZE,
            cursor=paging.cursor(),
        )
    return render_template(
        "console/batches/list.html", batches=page.items, **paging.links(page.next_cursor)
    )


@batches.get("/<uuid:batch_id>")
@requires(Permission.SEE_BATCHES, scope="department")
def show(batch_id: uuid.UUID) -> str:
    """Show one batch with a page of its rejected rows."""
    actor = current_actor()
    with unit_of_work() as session:
        batch = queries.batch_detail(session, scope=actor.scope, batch_id=batch_id)
        page = queries.rejected_rows(
            session,
            scope=actor.scope,
            batch_id=batch_id,
            limit=paging.PAGE_SIZE,
            cursor=paging.cursor(),
        )
        full_name = scheme_queries.get_scheme(session, code=batch.scheme.code).name
        names = account_queries.display_names(
            session, {batch.created_by} if batch.created_by else set()
        )
    return render_template(
        "console/batches/show.html",
        batch=batch,
        full_name=full_name,
        uploader=names.get(batch.created_by) if batch.created_by else None,
        may_import=actor.may(Permission.IMPORT_FILES),
        rows=page.items,
        **paging.links(page.next_cursor),
    )
