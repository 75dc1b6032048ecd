"""The pages on which procedures are read: what holds, what was before, who published it."""

from flask import Blueprint, render_template

from relief.accounts.permissions import Permission
from relief.console import forms
from relief.console.procedures.words import words
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.schemes.drafting import queries
from relief.web.context import current_actor, now, requires

procedures = Blueprint("procedures", __name__, url_prefix="/procedures")


@procedures.get("")
@requires(Permission.SEE_PROCEDURES, scope="none")
def index() -> str:
    """List the procedures, each with its unfinished draft."""
    with unit_of_work() as session:
        rows = queries.procedures(session, on=local_date(now()), reader_id=current_actor().id)
    return render_template("console/procedures/list.html", rows=rows)


@procedures.get("/<procedure>")
@requires(Permission.SEE_PROCEDURES, scope="none")
def show(procedure: str) -> str:
    """Show a procedure with its versions and drafts."""
    with unit_of_work() as session:
        found = queries.history(
            session, code=procedure, on=local_date(now()), reader_id=current_actor().id
        )
    return render_template(
        "console/procedures/show.html",
        found=found,
        today=local_date(now()),
        once_key=forms.new_key(),
    )


@procedures.get("/<procedure>/versions/<version>")
@requires(Permission.SEE_PROCEDURES, scope="none")
def version(procedure: str, version: str) -> str:
    """Show what a version says, and what otherwise than the one before it."""
    with unit_of_work() as session:
        found = queries.version_detail(
            session,
            code=procedure,
            version=queries.number_of(version),
            on=local_date(now()),
        )
        names = words(session)
    return render_template(
        "console/procedures/version.html", found=found, content=found.content, names=names
    )
