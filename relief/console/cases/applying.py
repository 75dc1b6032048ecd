"""A new application, from the page of the person whom it is for."""

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.console import forms
from relief.console.cases import checking, correcting, mandate_form, payee_form
from relief.console.cases.routes import LONGEST, SHORTEST
from relief.console.forms import field
from relief.console.persons import view
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.core.errors import Conflict, DomainError, Forbidden, Invalid
from relief.organisation import queries as organisation
from relief.registry.queries.persons import person_detail
from relief.review import service
from relief.review.errors import WordsMissing
from relief.review.mandates import acts as mandates
from relief.review.paying import acts as payees
from relief.review.recognition import forms as known
from relief.review.recognition import taking_over
from relief.schemes import rules
from relief.schemes.acting import acted_in_by
from relief.schemes.types import Entry
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
        signed, payee = checking.signed(), payee_form.read_if_given()
        mandate = mandate_form.read_if_given()
        with unit_of_work() as session:
            units = {code: kind.unit for code, kind in rules.fact_kinds(session).items()}
        corrections = correcting.read(request.form, units)
        with unit_of_work() as session:

            def mandated(case_id: uuid.UUID) -> None:
                assert mandate is not None  # noqa: S101  # else nobody calls this
                mandates.with_application(
                    session, actor=actor, case_id=case_id, cipher=cipher(), mandate=mandate,
                    now=now(),
                )  # fmt: skip

            def work() -> uuid.UUID:
                case_id = service.submit(
                    session,
                    actor=actor,
                    person_id=person_id,
                    scheme_code=scheme,
                    need=need,
                    authorisations=signed,
                    corrections=taking_over.seal(session, cipher(), corrections, now=now()),
                    mandated=mandated if mandate else None,
                    now=now(),
                )
                if payee:
                    payees.with_application(
                        session, actor=actor, case_id=case_id, cipher=cipher(), payee=payee,
                        now=now(),
                    )  # fmt: skip
                return case_id

            case_id = forms.once(session, work)
    except (Conflict, Forbidden, Invalid) as fault:
        return _form(person_id, fault), forms.status_of(fault)
    flash("已提交申请。", "good")
    return redirect(url_for("console.cases.show", case_id=case_id), code=303)


def _form(person_id: uuid.UUID, fault: DomainError | None = None) -> str:
    actor = current_actor()
    scheme = field("scheme") or request.args.get("scheme", "")[:8]
    with unit_of_work() as session:
        person = person_detail(session, cipher(), scope=actor.scope, person_id=person_id)
        filled = known.view_form(
            session,
            cipher(),
            viewer=actor,
            person_id=person_id,
            scheme_code=scheme or None,
            now=now(),
        )
        codes = organisation.code_tables(session, tables=view.TABLES)
        schemes = acted_in_by(
            session, department_code=actor.scope.department_code, on=local_date(now())
        )
        offered = {**payee_form.choices(session), **mandate_form.choices(session, actor)}
    return render_template(
        "console/cases/apply.html",
        person=person,
        lines=view.lines(person, codes, {}, now()),
        schemes=[(one.code, one.name) for one in schemes if one.entry is not Entry.REFERRAL],
        scheme=scheme,
        form=filled,
        place=correcting.place,
        sent=request.form,
        need=field("need"),
        signers=filled.signers,
        signed_by=field("signed_by"),
        signed=request.form.getlist("signed"),
        signed_on=field("signed_on") or local_date(now()).isoformat(),
        longest=LONGEST,
        today=local_date(now()),
        fault=fault,
        filled=request.form,
        **offered,
        once_key=forms.new_key(),
    )
