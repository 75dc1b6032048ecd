"""What stewards decided, newest first, and taking it back."""

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.console import paging
from relief.console.forms import field
from relief.core.db import unit_of_work
from relief.core.errors import Conflict
from relief.registry.decisions import past, service
from relief.registry.decisions.errors import ReasonMissing
from relief.web.context import cipher, current_actor, now, requires

acts = Blueprint("acts", __name__, url_prefix="/link-acts")


@acts.get("")
@requires(Permission.SEE_LINK_REVIEWS, scope="region")
def index() -> str:
    """Show one page of what was decided."""
    with unit_of_work() as session:
        page = past.listed(
            session,
            scope=current_actor().scope,
            limit=paging.PAGE_SIZE,
            cursor=paging.cursor(),
        )
    return render_template(
        "console/reviews/acts.html", acts=page.items, **paging.links(page.next_cursor)
    )


@acts.post("/<uuid:act_id>/withdraw")
@requires(Permission.DECIDE_LINKS, scope="region")
def withdraw(act_id: uuid.UUID) -> Response:
    """Take one act back, and return to where it was shown."""
    actor = current_actor()
    try:
        with unit_of_work() as session:
            service.withdraw(
                session,
                cipher=cipher(),
                scope=actor.scope,
                act_id=act_id,
                reason=field("reason"),
                actor_id=actor.id,
                now=now(),
            )
    except (Conflict, ReasonMissing) as fault:
        flash(f"没有撤销。{fault}", "bad")
    else:
        flash("已撤销这项核定，有关记录已恢复到核定以前。", "good")
    return redirect(_back(), code=303)


def _back() -> str:
    """Return a page of ours: the queue, the person's, or the list of acts."""
    kind, _, name = request.form.get("back", "").partition(":")
    try:
        found = uuid.UUID(name)
    except ValueError:
        return url_for(".index")
    if kind == "review":
        return url_for("console.reviews.show", review_id=found)
    return url_for("console.persons.show", person_id=found)
