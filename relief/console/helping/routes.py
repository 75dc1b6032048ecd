"""帮扶责任人: of one household, the load of one helper, and which households have nobody."""

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.console import forms, paging
from relief.console import regions as region_filter
from relief.console.helping import filled
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.core.errors import DomainError
from relief.core.scope import upward
from relief.visits import assigning, coverage, helpers, queries, transferring
from relief.visits.errors import AssignmentNotFound
from relief.visits.types import Covered
from relief.web.context import cipher, current_actor, now, requires

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

helping = Blueprint("helping", __name__)

_OF_HOUSEHOLD = "/households/<uuid:household_id>/helpers"
_OF_HELPER = "/helpers/<uuid:helper_id>"
Answer = Response | tuple[str, int]


@helping.get("/helper-coverage")
@requires(Permission.SEE_HELPERS, scope="region")
def index() -> str:
    """Show how many households in aid have somebody, by the parts of a region."""
    scope = current_actor().scope
    with unit_of_work() as session:
        levels = region_filter.levels(session, scope, _chosen())
        region = region_filter.narrowest(levels)
        found = coverage.coverage(session, scope=scope, region=region)
    return render_template(
        "console/helping/coverage.html",
        levels=levels,
        region=region,
        found=found,
        states=list(Covered),
        places={line.code: _place(line.code) for line in found.lines if line.code},
        own_only=scope.department_code is not None,
    )


@helping.get("/helper-coverage/households")
@requires(Permission.SEE_HELPERS, scope="household")
def households() -> str:
    """Show the households behind a number."""
    scope, state = current_actor().scope, _state(request.args.get("state", ""))
    kept = {name: request.args[name] for name in ("region", "state") if request.args.get(name)}
    with unit_of_work() as session:
        page = coverage.households(
            session,
            scope=scope,
            on=local_date(now()),
            region=request.args.get("region") or None,
            state=state,
            limit=paging.PAGE_SIZE,
            cursor=paging.cursor(),
        )
    return render_template(
        "console/helping/households.html",
        rows=page.items,
        state=state,
        states=list(Covered),
        region=request.args.get("region") or None,
        **paging.links(page.next_cursor, **kept),
    )


@helping.get(_OF_HOUSEHOLD)
@requires(Permission.SEE_HELPERS, scope="household")
def household(household_id: uuid.UUID) -> str:
    """Show the helpers of a household, and the forms of a steward."""
    return _household(household_id)


@helping.post(_OF_HOUSEHOLD)
@requires(Permission.ASSIGN_HELPERS, scope="household")
def assign(household_id: uuid.UUID) -> Answer:
    """Give the household a helper."""

    def what(session: "Session", **who: Any) -> None:
        assigning.assign(
            session, cipher(), household_id=household_id, said=filled.said(), term=filled.term(),
            **who,
        )  # fmt: skip

    return _act_at(household_id, what, "已安排帮扶责任人。")


@helping.post(f"{_OF_HOUSEHOLD}/<uuid:assignment_id>/end")
@requires(Permission.ASSIGN_HELPERS, scope="household")
def end(household_id: uuid.UUID, assignment_id: uuid.UUID) -> Answer:
    """End an assignment from today on."""

    def what(session: "Session", **who: Any) -> None:
        ended = assigning.end(
            session, assignment_id=assignment_id, reason=filled.words("reason"), **who
        )
        _refuse_another(ended, household_id)

    return _act_at(household_id, what, "已结束这项帮扶安排。")


@helping.post(f"{_OF_HOUSEHOLD}/<uuid:assignment_id>/first")
@requires(Permission.ASSIGN_HELPERS, scope="household")
def make_first(household_id: uuid.UUID, assignment_id: uuid.UUID) -> Answer:
    """Let a helper be the first contact."""

    def what(session: "Session", **who: Any) -> None:
        led = assigning.make_first(session, assignment_id=assignment_id, **who)
        _refuse_another(led, household_id)

    return _act_at(household_id, what, "已更换第一联系人。")


@helping.get(_OF_HELPER)
@requires(Permission.SEE_HELPERS, scope="household")
def helper(helper_id: uuid.UUID) -> str:
    """Show one helper with the load, and the forms of a steward."""
    return _helper(helper_id)


@helping.post(_OF_HELPER)
@requires(Permission.ASSIGN_HELPERS, scope="household")
def change(helper_id: uuid.UUID) -> Answer:
    """Correct who the helper is."""

    def what(session: "Session", **who: Any) -> None:
        version = forms.field("version")
        helpers.change(
            session, cipher(), helper_id=helper_id, said=filled.said(),
            version=int(version) if version.isdecimal() else 0,
            username=forms.field("username") or None, **who,
        )  # fmt: skip

    return _act_on(helper_id, what, "已更正。")


@helping.post(f"{_OF_HELPER}/departure")
@requires(Permission.ASSIGN_HELPERS, scope="household")
def leave(helper_id: uuid.UUID) -> Answer:
    """Record that the helper has left."""

    def what(session: "Session", **who: Any) -> None:
        helpers.leave(
            session, helper_id=helper_id, left_on=filled.day("left_on"),
            reason=filled.words("reason"), **who,
        )  # fmt: skip

    return _act_on(helper_id, what, "已登记离任。请将联系户移交接任人。")


@helping.post(f"{_OF_HELPER}/transfer")
@requires(Permission.ASSIGN_HELPERS, scope="household")
def transfer(helper_id: uuid.UUID) -> Answer:
    """Give the whole load to a successor."""

    def what(session: "Session", **who: Any) -> None:
        transferring.transfer(
            session, cipher(), helper_id=helper_id, to=filled.said(), notes=filled.notes(),
            reason=filled.words("reason"), over_reason=filled.over_reason(), **who,
        )  # fmt: skip

    return _act_on(helper_id, what, "联系户已全部移交。")


def _refuse_another(found: uuid.UUID, household_id: uuid.UUID) -> None:
    """Raise AssignmentNotFound, and so undo the act, for one of another household."""
    if found != household_id:
        raise AssignmentNotFound


def _act_at(household_id: uuid.UUID, what: Callable[..., object], done: str) -> Answer:
    then = url_for(".household", household_id=household_id)
    return forms.act(
        what, done=done, then=then, otherwise=lambda fault: _household(household_id, fault)
    )


def _act_on(helper_id: uuid.UUID, what: Callable[..., object], done: str) -> Answer:
    then = url_for(".helper", helper_id=helper_id)
    return forms.act(what, done=done, then=then, otherwise=lambda fault: _helper(helper_id, fault))


def _household(household_id: uuid.UUID, fault: DomainError | None = None) -> str:
    today = local_date(now())
    with unit_of_work() as session:
        place = assigning.place_of(session, current_actor().scope, household_id)
        rows = queries.of_household(session, household_id=place.id, on=today)
    return render_template(
        "console/helping/household.html",
        household_id=place.id,
        number=place.number,
        rows=rows,
        **_forms(fault),
    )


def _helper(helper_id: uuid.UUID, fault: DomainError | None = None) -> str:
    scope, today = current_actor().scope, local_date(now())
    with unit_of_work() as session:
        found = queries.helper_detail(session, scope=scope, helper_id=helper_id, on=today)
        page = queries.load_of(
            session,
            scope=scope,
            helper_id=helper_id,
            on=today,
            limit=paging.PAGE_SIZE,
            cursor=paging.cursor(),
        )
    return render_template(
        "console/helping/helper.html",
        helper=found,
        rows=page.items,
        **_forms(fault),
        **paging.links(page.next_cursor),
    )


def _forms(fault: DomainError | None) -> dict[str, Any]:
    """Return what every form needs: what was filled in, and why it was refused."""
    return {
        "fault": str(fault) if fault else None,
        "filled": request.form,
        "once_key": forms.given_key(),
        "today": local_date(now()),
        "may_assign": current_actor().may(Permission.ASSIGN_HELPERS),
    }


def _chosen() -> list[str]:
    return [request.args.get(name, "") for name in region_filter.LEVELS]


def _place(code: int) -> dict[str, str]:
    """Return what of an address names a region: itself and the levels above it.

    >>> _place(210302002000)
    {'county': '210302000000', 'township': '210302002000'}
    """
    above = sorted(upward(code))[1:]  # without the city
    return dict(zip(region_filter.LEVELS, map(str, above), strict=False))


def _state(text: str) -> Covered | None:
    return Covered(text) if text in list(Covered) else None
