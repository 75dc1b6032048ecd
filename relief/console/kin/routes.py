"""The page on which staff file their close relatives, or that they have none (近亲属备案)."""

import uuid
from collections.abc import Iterator

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.console import forms
from relief.console.forms import field
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.core.errors import DomainError
from relief.organisation import queries as organisation
from relief.review.kin import filing
from relief.review.kin.errors import BadRelation
from relief.review.kin.filing import RELATION, Relative
from relief.schemes import queries as schemes
from relief.web.context import cipher, current_actor, now, requires

kin = Blueprint("kin", __name__, url_prefix="/me/kin")
EMPTY_ROWS, MOST = 4, 100


@kin.get("")
@requires(Permission.SIGNED_IN, scope="own")
def show() -> str:
    """Show what one filed last, in the form of the next filing."""
    return _page()


@kin.post("")
@requires(Permission.SIGNED_IN, scope="own")
def file() -> Response | tuple[str, int]:
    """File it."""
    actor, moment = current_actor(), now()
    try:
        relatives = list(_rows())
        with unit_of_work() as session:
            forms.once(
                session,
                lambda: filing.file(
                    session,
                    account_id=actor.id,
                    own_number=field("own_number") or None,
                    relatives=relatives,
                    cipher=cipher(),
                    now=moment,
                ),
            )
    except DomainError as fault:
        return _page(fault), 422
    none = "已备案：没有近亲属需要申报。"
    flash(f"已备案 {len(relatives)} 位近亲属。" if relatives else none, "good")
    return redirect(url_for(".show"), code=303)


def _rows() -> Iterator[Relative]:
    """Yield the rows that were filled in; one without a name is not meant."""
    for place in range(MOST):
        name = field(f"name-{place}")
        if not name or field(f"gone-{place}"):
            continue
        relation = field(f"relation-{place}")
        if not relation:
            missing = f"请选择{name}与本人的关系"
            raise BadRelation(missing)
        yield Relative(
            name=name[:80],
            relation=relation,
            number=field(f"number-{place}") or None,
            keep=_uuid(field(f"keep-{place}")),
        )


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _page(fault: DomainError | None = None) -> str:
    today = local_date(now())
    with unit_of_work() as session:
        state = filing.state(session, account_id=current_actor().id, on=today)
        names = organisation.code_tables(session, tables=[RELATION])[RELATION]
        circle = schemes.kin_circle(session, on=today)
    filed = state.filing.relatives if state.filing else ()
    return render_template(
        "console/kin/show.html",
        state=state,
        filed=filed,
        rows=range(min(len(filed) + EMPTY_ROWS, MOST)),
        relations=[(code, name) for code, name in names.items() if code in circle],
        names=names,
        fault=fault,
        filled=request.form,
        year=today.year,
        once_key=forms.new_key(),
    )
