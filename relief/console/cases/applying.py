"""A new application, from the page of the person whom it is for."""

import uuid

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.console import forms
from relief.console.cases.routes import LONGEST, SHORTEST
from relief.console.forms import field
from relief.console.persons import view
from relief.core.db import unit_of_work
from relief.core.errors import Conflict, DomainError, Forbidden
from relief.organisation import queries as organisation
from relief.registry import disclosure
from relief.review import service
from relief.review.errors import WordsMissing
from relief.schemes import queries as scheme_queries
from relief.web.context import cipher, current_actor, now, requires

applying = Blueprint("applying", __name__, url_prefix="/persons")


@applying.get("/<uuid:person_id>/apply")
@requires(Permission.OPEN_CASES, scope="household")
def fill_in(person_id: uuid.UUID) -> str:
    """Show the form with what the registry knows; the look is recorded."""
    return _form(person_id)


@applying.post("/<uuid:person_id>/apply")
@requires(Permission.OPEN_CASES, scope="household")
def submit(person_id: uuid.UUID) -> Response | tuple[str, int]:
    """Enter the application and open its page."""
    scheme, need = field("scheme"), field("need")[:LONGEST]
    if not scheme or len(need) < SHORTEST:
        return _form(person_id, WordsMissing("请选择救助项目，并写明申请理由")), 422
    actor = current_actor()
    try:
        with unit_of_work() as session:
            case_id = forms.once(
                session,
                lambda: service.submit(
                    session,
                    actor=actor,
                    person_id=person_id,
                    scheme_code=scheme,
                    need=need,
                    now=now(),
                ),
            )
    except (Conflict, Forbidden) as fault:
        return _form(person_id, fault), 409 if isinstance(fault, Conflict) else 403
    flash("已提交申请。", "good")
    return redirect(url_for("console.cases.show", case_id=case_id), code=303)


def _form(person_id: uuid.UUID, fault: DomainError | None = None) -> str:
    actor = current_actor()
    with unit_of_work() as session:
        person = disclosure.view_person(
            session, cipher(), viewer=actor, person_id=person_id, now=now()
        )
        codes = organisation.code_tables(session, tables=view.TABLES)
        schemes = scheme_queries.schemes(session)
    return render_template(
        "console/cases/apply.html",
        person=person,
        lines=view.lines(person, codes, {}, now()),
        schemes=[
            (one.code, one.name)
            for one in schemes
            if actor.scope.department_code in (None, *one.joint_departments)
        ],
        scheme=field("scheme"),
        need=field("need"),
        longest=LONGEST,
        fault=fault,
        once_key=forms.new_key(),
    )
