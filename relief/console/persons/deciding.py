"""Taking a person apart, and putting two together, by a steward's hand."""

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.console import forms
from relief.console.forms import field
from relief.console.persons import view
from relief.console.reviews import reasons, sides
from relief.core.db import unit_of_work
from relief.core.errors import Conflict
from relief.organisation import queries as organisation
from relief.registry.decisions import looks, queries, service
from relief.registry.decisions.errors import NothingToSplit, ReasonMissing
from relief.web.context import Actor, cipher, current_actor, now, requires

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

deciding = Blueprint("deciding", __name__, url_prefix="/persons")


@deciding.get("/<uuid:person_id>/split")
@requires(Permission.DECIDE_LINKS, scope="household")
def split(person_id: uuid.UUID) -> str:
    """Show every record of a person, to choose which are someone else's."""
    return _split_page(person_id)


@deciding.post("/<uuid:person_id>/split")
@requires(Permission.DECIDE_LINKS, scope="household")
def take_apart(person_id: uuid.UUID) -> Response | tuple[str, int]:
    """Make the chosen records another person."""
    actor = current_actor()
    try:
        with unit_of_work() as session:
            forms.once(session, lambda: _split(session, person_id, actor))
    except NothingToSplit as fault:
        return _split_page(person_id, {"identity": f"{fault}。"}), 422
    except ReasonMissing as fault:
        return _split_page(person_id, {"remark": f"{fault}。"}), 422
    except Conflict as fault:
        return _split_page(person_id, conflict=fault), 409
    flash("已拆分。选出的记录已另列一人，以后同样的记录也会归到那个人。", "good")
    return redirect(url_for("console.persons.show", person_id=person_id), code=303)


@deciding.get("/<uuid:person_id>/merge")
@requires(Permission.DECIDE_LINKS, scope="household")
def choose(person_id: uuid.UUID) -> str:
    """Show who may be the same person, to choose one; or name another by the address."""
    with unit_of_work() as session:
        person = looks.view_descriptions(
            session, viewer=current_actor(), person_id=person_id, now=now()
        )
        found = queries.namesakes(session, scope=current_actor().scope, person_id=person_id)
    return render_template("console/persons/merge_choice.html", person=person, candidates=found)


@deciding.get("/<uuid:person_id>/merge/<uuid:other_id>")
@requires(Permission.DECIDE_LINKS, scope="household")
def merge(person_id: uuid.UUID, other_id: uuid.UUID) -> str:
    """Show two people side by side, to be made one."""
    return _merge_page(person_id, other_id)


@deciding.post("/<uuid:person_id>/merge/<uuid:other_id>")
@requires(Permission.DECIDE_LINKS, scope="household")
def put_together(person_id: uuid.UUID, other_id: uuid.UUID) -> Response | tuple[str, int]:
    """Make two people one."""
    actor = current_actor()
    try:
        with unit_of_work() as session:
            forms.once(session, lambda: _merge(session, person_id, other_id, actor))
    except ReasonMissing as fault:
        return _merge_page(person_id, other_id, {"remark": f"{fault}。"}), 422
    except Conflict as fault:
        return _merge_page(person_id, other_id, conflict=fault), 409
    flash("已合并为同一人。", "good")
    return redirect(url_for("console.persons.show", person_id=person_id), code=303)


def _split(session: "Session", person_id: uuid.UUID, actor: Actor) -> uuid.UUID:
    return service.split_person(
        session,
        cipher=cipher(),
        scope=actor.scope,
        person_id=person_id,
        identities=_chosen(),
        seen=field("seen"),
        reason=reasons.stated(field("reason"), field("remark")),
        actor_id=actor.id,
        now=now(),
    ).id


def _merge(
    session: "Session", person_id: uuid.UUID, other_id: uuid.UUID, actor: Actor
) -> uuid.UUID:
    return service.merge_persons(
        session,
        cipher=cipher(),
        scope=actor.scope,
        person_id=person_id,
        other_id=other_id,
        seen=field("seen"),
        other_seen=field("other_seen"),
        reason=reasons.stated(field("reason"), field("remark")),
        actor_id=actor.id,
        now=now(),
    ).id


def _chosen() -> list[uuid.UUID]:
    try:
        return [uuid.UUID(text) for text in request.form.getlist("identity")]
    except ValueError:
        raise NothingToSplit from None


def _split_page(
    person_id: uuid.UUID,
    faults: Mapping[str, str] | None = None,
    conflict: Conflict | None = None,
) -> str:
    with unit_of_work() as session:
        person = looks.view_descriptions(
            session, viewer=current_actor(), person_id=person_id, now=now()
        )
        codes = organisation.code_tables(session, tables=view.TABLES)
    return render_template(
        "console/persons/split.html",
        person=person,
        relations=codes["relation"],
        chosen=set(request.form.getlist("identity")),
        **_form(faults, conflict),
    )


def _merge_page(
    person_id: uuid.UUID,
    other_id: uuid.UUID,
    faults: Mapping[str, str] | None = None,
    conflict: Conflict | None = None,
) -> str:
    with unit_of_work() as session:
        two = looks.view_two(
            session,
            cipher(),
            viewer=current_actor(),
            person_id=person_id,
            other_id=other_id,
            now=now(),
        )
        codes = organisation.code_tables(session, tables=view.TABLES)
    return render_template(
        "console/persons/merge.html",
        two=two,
        rows=sides.compared(two.person, two.other, two.alike, codes, now()),
        **_form(faults, conflict),
    )


def _form(faults: Mapping[str, str] | None, conflict: Conflict | None) -> dict[str, object]:
    return {
        "reasons": reasons.CHOICES,
        "reason": field("reason"),
        "remark": field("remark")[: reasons.LONGEST],
        "faults": faults,
        "conflict": conflict,
        "once_key": forms.new_key() if conflict else forms.given_key(),
    }
