"""The page on which staff let a colleague act in their cases during leave (委托代办)."""

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.console import forms
from relief.console.forms import field
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.core.errors import DomainError
from relief.review.delegating import acts, queries
from relief.review.errors import WordsMissing
from relief.schemes import queries as schemes
from relief.web.context import current_actor, now, requires

delegating = Blueprint("delegating", __name__, url_prefix="/me/delegations")
LONGEST, SHORTEST = 2000, 2


@delegating.get("")
@requires(Permission.WORK_CASES, scope="own")
def show() -> str:
    """Show one's delegations and the form of a new one."""
    return _page()


@delegating.post("")
@requires(Permission.WORK_CASES, scope="own")
def delegate() -> Response | tuple[str, int]:
    """Delegate."""
    reason = field("reason")[:LONGEST]
    try:
        other = uuid.UUID(field("delegate_id"))
        from_on, until_on = (date.fromisoformat(field(name)) for name in ("from_on", "until_on"))
    except ValueError:
        return _page(WordsMissing("请选择受托人和起止日期")), 422
    if len(reason) < SHORTEST:
        return _page(WordsMissing()), 422
    return _do(
        acts.delegate,
        "已委托，到期自动结束。",
        delegate_id=other,
        from_on=from_on,
        until_on=until_on,
        reason=reason,
    )


@delegating.post("/<uuid:delegation_id>/withdraw")
@requires(Permission.WORK_CASES, scope="own")
def withdraw(delegation_id: uuid.UUID) -> Response | tuple[str, int]:
    """Take a delegation back."""
    return _do(acts.withdraw, "已撤回委托。", delegation_id=delegation_id)


def _do(act: Callable[..., object], done: str, **given: Any) -> Response | tuple[str, int]:
    return forms.act(act, done=done, then=url_for(".show"), otherwise=_page, **given)


def _page(fault: DomainError | None = None) -> str:
    today = local_date(now())
    with unit_of_work() as session:
        standing = queries.standing(session, account_id=current_actor().id, on=today)
        longest_days = int(schemes.parameter(session, acts.LONGEST, on=today))
    return render_template(
        "console/delegating/show.html",
        standing=standing,
        colleagues=[(one.id, one.name) for one in standing.colleagues],
        fault=fault,
        filled=request.form,
        longest=LONGEST,
        longest_days=longest_days,
        today=today,
        once_key=forms.new_key(),
    )
