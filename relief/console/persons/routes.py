"""The panel of one person: each field with its origin, and the way to see it whole."""

import uuid
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.audit.errors import NoOpenGround
from relief.console import forms
from relief.console.forms import field
from relief.console.persons import view
from relief.core.db import unit_of_work
from relief.organisation import queries as organisation
from relief.registry import disclosure, queries
from relief.schemes import queries as scheme_queries
from relief.web.context import cipher, current_actor, now, requires

persons = Blueprint("persons", __name__, url_prefix="/persons")

_LONGEST, _SHORTEST = 200, 4
_TOO_SHORT = "请写明用途，至少 4 个字。"


@persons.get("/<uuid:person_id>")
@requires(Permission.SEE_HOUSEHOLDS, scope="household")
def show(person_id: uuid.UUID) -> str:
    """Show one person, masked."""
    return _page(person_id)


@persons.post("/<uuid:person_id>/whole")
@requires(Permission.UNMASK_PERSON, scope="household")
def reveal(person_id: uuid.UUID) -> str | tuple[str, int]:
    """Show one person's numbers in clear, this once, and write down who looked and why."""
    actor, purpose = current_actor(), field("purpose")[:_LONGEST]
    if len(purpose) < _SHORTEST:
        return _page(person_id, faults={"purpose": _TOO_SHORT}, purpose=purpose), 422
    try:
        with unit_of_work() as session:
            whole = disclosure.unmask_person(
                session,
                cipher(),
                scope=actor.scope,
                person_id=person_id,
                fields=disclosure.SECRET_FIELDS,
                purpose=purpose,
                actor_id=actor.id,
                now=now(),
            )
    except NoOpenGround:
        return _page(person_id, refused=True, purpose=purpose), 403
    return _page(person_id, whole=whole, purpose=purpose)


@persons.post("/<uuid:person_id>/access-requests")
@requires(Permission.ASK_ACCESS, scope="household")
def ask(person_id: uuid.UUID) -> Response | tuple[str, int]:
    """Ask to see one person's numbers in clear."""
    actor, purpose = current_actor(), field("purpose")[:_LONGEST]
    if len(purpose) < _SHORTEST:
        return _page(person_id, faults={"ask": _TOO_SHORT}, purpose=purpose, refused=True), 422
    with unit_of_work() as session:
        forms.once(
            session,
            lambda: (
                disclosure.ask_access(
                    session,
                    scope=actor.scope,
                    person_id=person_id,
                    purpose=purpose,
                    actor_id=actor.id,
                    now=now(),
                ).id
            ),
        )
    flash("申请已提交，请等待审批。批准后即可在本页查看完整信息。", "good")
    return redirect(url_for(".show", person_id=person_id), code=303)


def _page(
    person_id: uuid.UUID,
    *,
    whole: Mapping[str, str | None] | None = None,
    refused: bool = False,
    purpose: str = "",
    faults: Mapping[str, str] | None = None,
) -> str:
    actor = current_actor()
    with unit_of_work() as session:
        person = queries.person_detail(session, cipher(), scope=actor.scope, person_id=person_id)
        codes: dict[str, Any] = organisation.code_tables(session, tables=view.TABLES)
        full_names = {row.code: row.name for row in scheme_queries.schemes(session)}
        asked = disclosure.list_access_requests(
            session,
            scope=actor.scope,
            actor_id=actor.id,
            decides=False,
            waiting=True,
            limit=_LONGEST,
        )
    return render_template(
        "console/persons/show.html",
        person=person,
        lines=view.lines(person, codes, whole or {}, now()),
        relation=codes["relation"].get(person.relation or ""),
        full_names=full_names,
        pending=next((row for row in asked.items if row.person_id == person_id), None),
        whole=whole,
        refused=refused,
        purpose=purpose,
        faults=faults,
        once_key=forms.given_key(),
    )
