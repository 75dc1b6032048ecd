"""A new application at a counter that settles, by identity number and name."""

import uuid

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.console import forms
from relief.console.cases.routes import LONGEST, SHORTEST
from relief.console.forms import field
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.core.errors import DomainError, NotFound
from relief.review.settling import queries, service
from relief.review.settling.errors import NotHere
from relief.web.context import cipher, current_actor, now, requires

settlements = Blueprint("settlements", __name__, url_prefix="/cases/settlements")
_KEPT = ("scheme", "name", "need")  # a number that was typed in is typed in again


@settlements.get("/new")
@requires(Permission.OPEN_CASES, scope="region")
def new() -> str:
    """Ask who is here, by what stands on the identity card."""
    return _form({}, {})


@settlements.post("")
@requires(Permission.OPEN_CASES, scope="region")
def create() -> Response | tuple[str, int]:
    """Enter the application and open its page; the same form sent twice enters it once."""
    kept = {name: field(name)[:LONGEST] for name in _KEPT}
    faults = {} if kept["scheme"] else {"scheme": "请选择救助项目。"}
    for name, words in (("name", "姓名"), ("need", "申请理由")):
        if len(kept[name]) < SHORTEST:
            faults[name] = f"请填写{words}，至少 2 个字。"
    if faults:
        return _form(kept, faults), 422
    try:
        case_id = _enter(kept)
    except DomainError as fault:
        if isinstance(fault, NotFound) and not isinstance(fault, NotHere):
            raise
        return _form(kept, {"citizen_id": f"{fault}。"}), forms.status_of(fault)
    flash("已提交申请。", "good")
    return redirect(url_for("console.cases.show", case_id=case_id), code=303)


def _enter(kept: dict[str, str]) -> uuid.UUID:
    """Enter it once; whom an attempt found is in the trail, whatever came of it."""
    actor, scheme, look = current_actor(), kept["scheme"], service.LookUp()
    try:
        with unit_of_work() as session:

            def work() -> uuid.UUID:
                return service.enter(
                    session, cipher(), look=look, actor=actor, citizen_id=field("citizen_id"),
                    name=kept["name"], scheme_code=scheme, need=kept["need"], now=now(),
                )  # fmt: skip

            return forms.once(session, work)
    except Exception as fault:
        with unit_of_work() as session:
            service.note_refusal(
                session, look=look, fault=fault, actor=actor, scheme_code=scheme, now=now()
            )
        raise


def _form(kept: dict[str, str], faults: dict[str, str]) -> str:
    with unit_of_work() as session:
        offered = queries.offered(session, scope=current_actor().scope, on=local_date(now()))
    return render_template(
        "console/cases/settlement_new.html",
        schemes=[(one.code, one.name) for one in offered],
        kept=kept,
        longest=LONGEST,
        faults=faults,
        once_key=forms.given_key(),
    )
