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
from relief.registry import disclosure, purposes
from relief.registry.decisions import past
from relief.registry.errors import NumberInRemark, RemarkMissing, UnknownPurpose
from relief.schemes import queries as scheme_queries
from relief.web.context import cipher, current_actor, now, requires

persons = Blueprint("persons", __name__, url_prefix="/persons")

_MANY = 200
_Fault = UnknownPurpose, RemarkMissing, NumberInRemark


@persons.get("/<uuid:person_id>")
@requires(Permission.SEE_HOUSEHOLDS, scope="household")
def show(person_id: uuid.UUID) -> str:
    """Show one person, masked; the look is recorded."""
    return _page(person_id)


@persons.post("/<uuid:person_id>/whole")
@requires(Permission.UNMASK_PERSON, scope="household")
def reveal(person_id: uuid.UUID) -> str | tuple[str, int]:
    """Show one person's numbers in clear, this once, and write down who looked and why."""
    actor = current_actor()
    try:
        with unit_of_work() as session:
            whole = disclosure.unmask_person(
                session,
                cipher(),
                scope=actor.scope,
                person_id=person_id,
                fields=disclosure.SECRET_FIELDS,
                purpose=field("purpose"),
                remark=field("remark"),
                actor_id=actor.id,
                now=now(),
            )
    except NoOpenGround:
        return _page(person_id, refused=True), 403
    except _Fault as fault:
        return _page(person_id, faults=_told(fault)), 422
    return _page(person_id, whole=whole)


@persons.post("/<uuid:person_id>/access-requests")
@requires(Permission.ASK_ACCESS, scope="household")
def ask(person_id: uuid.UUID) -> Response | tuple[str, int]:
    """Ask to see one person's numbers in clear."""
    actor = current_actor()
    try:
        with unit_of_work() as session:
            forms.once(
                session,
                lambda: (
                    disclosure.ask_access(
                        session,
                        scope=actor.scope,
                        person_id=person_id,
                        purpose=field("purpose"),
                        remark=field("remark"),
                        actor_id=actor.id,
                        now=now(),
                    ).id
                ),
            )
    except _Fault as fault:
        return _page(person_id, faults=_told(fault, "ask_"), refused=True), 422
    flash("申请已提交，请等待审批。批准后即可在本页查看完整信息。", "good")
    return redirect(url_for(".show", person_id=person_id), code=303)


def _told(fault: Exception, prefix: str = "") -> dict[str, str]:
    where = "purpose" if isinstance(fault, UnknownPurpose) else "remark"
    return {f"{prefix}{where}": f"{fault}。"}


def _page(
    person_id: uuid.UUID,
    *,
    whole: Mapping[str, str | None] | None = None,
    refused: bool = False,
    faults: Mapping[str, str] | None = None,
) -> str:
    actor = current_actor()
    with unit_of_work() as session:
        person = disclosure.view_person(
            session, cipher(), viewer=actor, person_id=person_id, now=now()
        )
        reasons = purposes.choices(session)
        decided = (
            past.about(session, scope=actor.scope, person_id=person_id)
            if actor.may(Permission.SEE_LINK_REVIEWS)
            else ()
        )
        codes: dict[str, Any] = organisation.code_tables(session, tables=view.TABLES)
        full_names = {row.code: row.name for row in scheme_queries.schemes(session)}
        asked = disclosure.list_access_requests(
            session,
            scope=actor.scope,
            actor_id=actor.id,
            decides=False,
            waiting=True,
            limit=_MANY,
        )
    return render_template(
        "console/persons/show.html",
        person=person,
        lines=view.lines(person, codes, whole or {}, now()),
        relation=codes["relation"].get(person.relation or ""),
        full_names=full_names,
        decided=decided,
        pending=next((row for row in asked.items if row.person_id == person_id), None),
        whole=whole,
        refused=refused,
        purposes=list(reasons.items()),
        purpose=field("purpose"),
        purpose_name=reasons.get(field("purpose"), ""),
        remark=field("remark")[: purposes.LONGEST_REMARK],
        longest_remark=purposes.LONGEST_REMARK,
        faults=faults,
        once_key=forms.given_key(),
    )
