"""Payees, from the page of their case."""

import uuid

from flask import Blueprint, render_template
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.console.cases import payee_form
from relief.console.cases.routes import act, page, words
from relief.console.forms import field, status_of
from relief.core.db import unit_of_work
from relief.core.errors import Forbidden, Invalid
from relief.review.paying import acts, looks
from relief.web.context import cipher, current_actor, now, requires

paying = Blueprint("paying", __name__, url_prefix="/cases")


@paying.post("/<uuid:case_id>/payees")
@requires(Permission.WORK_CASES, scope="region")
def propose(case_id: uuid.UUID) -> Response | tuple[str, int]:
    """Enter to whom money goes."""
    try:
        payee = payee_form.read()
    except Invalid as fault:
        return page(case_id, fault), 422
    return act(
        case_id,
        acts.propose,
        "已登记收款账户，须由另一人确认后生效。",
        cipher=cipher(),
        payee=payee,
        reason=words("payee_reason"),
    )


@paying.post("/<uuid:case_id>/payees/answer")
@requires(Permission.WORK_CASES, scope="region")
def answer(case_id: uuid.UUID) -> Response | tuple[str, int]:
    """Confirm it, or not."""
    confirmed = {"yes": True, "no": False}.get(field("confirmed"))
    if confirmed is None:
        raise BadRequest
    done = "已确认，收款账户自现在起生效。" if confirmed else "不予确认，收款账户不变。"
    return act(
        case_id,
        acts.answer,
        done,
        payee_id=_payee_id(),
        confirmed=confirmed,
        reason=words("payee_answer"),
    )


@paying.post("/<uuid:case_id>/payees/withdrawal")
@requires(Permission.WORK_CASES, scope="region")
def withdraw(case_id: uuid.UUID) -> Response | tuple[str, int]:
    """Take it back."""
    return act(
        case_id,
        acts.withdraw,
        "已撤回，收款账户不变。",
        payee_id=_payee_id(),
        reason=words("payee_withdrawal"),
    )


@paying.post("/<uuid:case_id>/payees/<uuid:payee_id>/whole")
@requires(Permission.UNMASK_PERSON, scope="region")
def reveal(case_id: uuid.UUID, payee_id: uuid.UUID) -> str | tuple[str, int]:
    """Show the number of an account in clear, this once, and write down who looked and why."""
    try:
        with unit_of_work() as session:
            number = looks.unmask(
                session,
                cipher(),
                actor=current_actor(),
                case_id=case_id,
                payee_id=payee_id,
                purpose=field("payee_purpose"),
                remark=field("payee_remark"),
                now=now(),
            )
    except (Forbidden, Invalid) as fault:
        return page(case_id, fault), status_of(fault)
    return render_template("console/cases/account.html", case_id=case_id, number=number)


def _payee_id() -> uuid.UUID:
    try:
        return uuid.UUID(field("payee_id"))
    except ValueError:
        raise BadRequest from None
