"""Helpers (帮扶责任人) over HTTP: at a household, or one by one; no list sorts them."""

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Response

from relief.api.helpers.schemas import (
    CoveredHouseholdPageOut,
    HelperAssignIn,
    HelperChangeIn,
    HelperCoverageArgs,
    HelperCoverageOut,
    HelperCoveredArgs,
    HelperDepartureIn,
    HelperHouseholdPageOut,
    HelperOut,
    HelperReasonIn,
    HelperTransferIn,
    HelperTransferredOut,
    HouseholdHelpersOut,
)
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.visits import assigning, coverage, helpers, queries, transferring
from relief.visits.assigning import Term
from relief.visits.helpers import Said
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, cipher, current_actor, now, requires
from relief.web.idempotency import answer
from relief.web.pagination import PageArgs

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

blp = Blueprint("helpers", __name__, url_prefix="/v1", description="帮扶责任人")
_OF_HOUSEHOLD = "/households/<uuid:household_id>/helpers"
_ABOVE = "已离任；期间重叠；或超过联系户数上限（参数 helper_households_max）而没有写明理由"


@blp.get(_OF_HOUSEHOLD)
@requires(Permission.SEE_HELPERS, scope="household")
@blp.response(200, HouseholdHelpersOut)
def list_household_helpers(household_id: uuid.UUID) -> dict[str, Any]:
    """List the helpers of a household, those of today first, then the newest."""
    with unit_of_work() as session:
        return _of_household(session, household_id)


@blp.post(_OF_HOUSEHOLD)
@requires(Permission.ASSIGN_HELPERS, scope="household")
@blp.arguments(HelperAssignIn)
@blp.response(201, HouseholdHelpersOut)
@blp.alt_response(409, description=_ABOVE)
@blp.alt_response(422, description="姓名、单位、电话或期限不正确")
def assign_helper(payload: dict[str, Any], household_id: uuid.UUID) -> Response:
    """Give a household a helper, who is added if new."""
    said = _said(payload)

    def work(session: "Session") -> dict[str, Any]:
        assigning.assign(
            session, cipher(), actor=current_actor(), household_id=household_id, said=said,
            term=Term(**payload), now=now(),
        )  # fmt: skip
        return _of_household(session, household_id)

    return _done(HouseholdHelpersOut, work, status=201)


@blp.post("/helper-assignments/<uuid:assignment_id>/end")
@requires(Permission.ASSIGN_HELPERS, scope="household")
@blp.arguments(HelperReasonIn)
@blp.response(200, HouseholdHelpersOut)
@blp.alt_response(409, description="已经结束")
def end_assignment(payload: dict[str, Any], assignment_id: uuid.UUID) -> Response:
    """End an assignment from today on; another helper becomes the first contact."""

    def work(session: "Session") -> dict[str, Any]:
        household_id = assigning.end(
            session, actor=current_actor(), assignment_id=assignment_id, now=now(), **payload
        )
        return _of_household(session, household_id)

    return _done(HouseholdHelpersOut, work)


@blp.post("/helper-assignments/<uuid:assignment_id>/first")
@requires(Permission.ASSIGN_HELPERS, scope="household")
@blp.response(200, HouseholdHelpersOut)
@blp.alt_response(409, description="已经结束，或还没有开始")
def make_first_contact(assignment_id: uuid.UUID) -> Response:
    """Let a helper be the first contact of the household, in place of whoever was."""

    def work(session: "Session") -> dict[str, Any]:
        household_id = assigning.make_first(
            session, actor=current_actor(), assignment_id=assignment_id, now=now()
        )
        return _of_household(session, household_id)

    return _done(HouseholdHelpersOut, work)


@blp.get("/helpers/<uuid:helper_id>")
@requires(Permission.SEE_HELPERS, scope="household")
@blp.response(200, HelperOut)
def get_helper(helper_id: uuid.UUID) -> queries.HelperDetail:
    """Return a helper of whom one sees a household."""
    with unit_of_work() as session:
        return _helper(session, helper_id)


@blp.put("/helpers/<uuid:helper_id>")
@requires(Permission.ASSIGN_HELPERS, scope="household")
@blp.arguments(HelperChangeIn)
@blp.response(200, HelperOut)
@blp.alt_response(409, description="已离任；别人刚刚改过；或已有同名同手机号的在任帮扶责任人")
@blp.alt_response(422, description="没有这个工作人员账号")
def change_helper(payload: dict[str, Any], helper_id: uuid.UUID) -> Response:
    """Correct who a helper is, or say which staff account is theirs."""
    said = _said(payload)

    def work(session: "Session") -> queries.HelperDetail:
        helpers.change(
            session, cipher(), actor=current_actor(), helper_id=helper_id, said=said, now=now(),
            **payload,
        )  # fmt: skip
        return _helper(session, helper_id)

    return _done(HelperOut, work)


@blp.post("/helpers/<uuid:helper_id>/departure")
@requires(Permission.ASSIGN_HELPERS, scope="household")
@blp.arguments(HelperDepartureIn)
@blp.response(200, HelperOut)
@blp.alt_response(409, description="已离任")
@blp.alt_response(422, description="离任日期晚于今日")
def record_departure(payload: dict[str, Any], helper_id: uuid.UUID) -> Response:
    """Record that a helper has left: the households show it until they are transferred."""

    def work(session: "Session") -> queries.HelperDetail:
        helpers.leave(session, actor=current_actor(), helper_id=helper_id, now=now(), **payload)
        return _helper(session, helper_id)

    return _done(HelperOut, work)


@blp.post("/helpers/<uuid:helper_id>/transfer")
@requires(Permission.ASSIGN_HELPERS, scope="household")
@blp.arguments(HelperTransferIn)
@blp.response(200, HelperTransferredOut)
@blp.alt_response(409, description=f"没有可移交的联系户；接任人{_ABOVE}")
@blp.alt_response(422, description="姓名、单位或电话不正确，或接任人是本人")
def transfer_load(payload: dict[str, Any], helper_id: uuid.UUID) -> Response:
    """Give all that a helper has in one's regions to a successor, with notes, at once."""
    to = _said(payload)

    def work(session: "Session") -> transferring.Transferred:
        return transferring.transfer(
            session, cipher(), actor=current_actor(), helper_id=helper_id, to=to, now=now(),
            **payload,
        )  # fmt: skip

    return _done(HelperTransferredOut, work)


@blp.get("/helpers/<uuid:helper_id>/households")
@requires(Permission.SEE_HELPERS, scope="household")
@blp.arguments(PageArgs, location="query")
@blp.response(200, HelperHouseholdPageOut)
def list_helper_households(args: dict[str, Any], helper_id: uuid.UUID) -> Any:
    """List the households that a helper stands by, by place."""
    scope, today = current_actor().scope, local_date(now())
    with unit_of_work() as session:
        _helper(session, helper_id)
        return queries.load_of(session, scope=scope, helper_id=helper_id, on=today, **args)


@blp.get("/helper-coverage")
@requires(Permission.SEE_HELPERS, scope="region")
@blp.arguments(HelperCoverageArgs, location="query")
@blp.response(200, HelperCoverageOut)
def get_helper_coverage(args: dict[str, Any]) -> coverage.Coverage:
    """Tell how many households in aid have a helper, by the parts of a region."""
    with unit_of_work() as session:
        return coverage.coverage(session, scope=current_actor().scope, **args)


@blp.get("/helper-coverage/households")
@requires(Permission.SEE_HELPERS, scope="household")
@blp.arguments(HelperCoveredArgs, location="query")
@blp.response(200, CoveredHouseholdPageOut)
def list_covered_households(args: dict[str, Any]) -> Any:
    """List the households behind a number of the coverage, by place."""
    with unit_of_work() as session:
        return coverage.households(
            session, scope=current_actor().scope, on=local_date(now()), **args
        )


def _said(payload: dict[str, Any]) -> Said:
    """Take out of what was sent who the helper is."""
    return helpers.read(**{name: payload.pop(name) for name in ("name", "unit", "phone")})


def _of_household(session: "Session", household_id: uuid.UUID) -> dict[str, Any]:
    place = assigning.place_of(session, current_actor().scope, household_id)
    rows = queries.of_household(session, household_id=place.id, on=local_date(now()))
    return {"household_id": place.id, "items": rows}


def _helper(session: "Session", helper_id: uuid.UUID) -> queries.HelperDetail:
    return queries.helper_detail(
        session, scope=current_actor().scope, helper_id=helper_id, on=local_date(now())
    )


def _done(schema: Any, work: Callable[["Session"], Any], *, status: int = 200) -> Response:
    """Do an act once for each `Idempotency-Key`, and answer with what there is then."""
    with unit_of_work() as session:
        return answer(
            session, schema, actor_id=current_actor().id, now=now(),
            work=lambda: work(session), status=status,
        )  # fmt: skip
