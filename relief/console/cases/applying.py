"""A new application, from the page of the person whom it is for."""

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.console import forms
from relief.console.cases import checking
from relief.console.cases.routes import LONGEST, SHORTEST, status_of
from relief.console.forms import field
from relief.console.persons import view
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.core.errors import Conflict, DomainError, Forbidden, Invalid
from relief.organisation import queries as organisation
from relief.review import service
from relief.review.checks import queries as checks
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
        signed = checking.signed()
        with unit_of_work() as session:
            case_id = forms.once(
                session,
                lambda: service.submit(
                    session,
                    actor=actor,
                    person_id=person_id,
                    scheme_code=scheme,
                    need=need,
                    authorisations=signed,
                    now=now(),
                ),
            )
    except (Conflict, Forbidden, Invalid) as fault:
        return _form(person_id, fault), status_of(fault)
    flash("已提交申请。", "good")
    return redirect(url_for("console.cases.show", case_id=case_id), code=303)


def _form(person_id: uuid.UUID, fault: DomainError | None = None) -> str:
    actor = current_actor()
    with unit_of_work() as session:
        person, signers = checks.view_applicant(
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
        signers=signers,
        signed_by=field("signed_by"),
        signed=request.form.getlist("signed"),
        signed_on=field("signed_on") or local_date(now()).isoformat(),
        longest=LONGEST,
        fault=fault,
        once_key=forms.new_key(),
    )
