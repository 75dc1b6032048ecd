"""Households and persons over HTTP."""

import uuid
from dataclasses import replace
from typing import Any

from relief.api.households.schemas import (
    HouseholdArgs,
    HouseholdDetailOut,
    HouseholdListsOut,
    HouseholdPageOut,
    HouseholdSearchIn,
    PersonOut,
    UnmaskedOut,
    UnmaskIn,
)
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.core.paging import Page
from relief.registry import disclosure, queries
from relief.registry.queries.department_lists import HouseholdLists
from relief.visits import queries as helping
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, cipher, current_actor, now, requires

blp = Blueprint("households", __name__, url_prefix="/v1", description="困难户")


@blp.get("/households")
@requires(Permission.SEE_HOUSEHOLDS, scope="household")
@blp.arguments(HouseholdArgs, location="query")
@blp.response(200, HouseholdPageOut)
def list_households(args: dict[str, Any]) -> Any:
    """List the households in scope, by place."""
    limit, cursor = args.pop("limit"), args.pop("cursor")
    with unit_of_work() as session:
        page = queries.list_households(
            session,
            cipher(),
            scope=current_actor().scope,
            filters=queries.HouseholdFilter(**args),
            limit=limit,
            cursor=cursor,
        )
        return _with_helpers(session, page)


@blp.post("/households/search")
@requires(Permission.SEE_HOUSEHOLDS, scope="household")
@blp.arguments(HouseholdSearchIn)
@blp.response(200, HouseholdPageOut)
def search_households(payload: dict[str, Any]) -> Any:
    """Search by name, its sound, numbers or address; that one searched is recorded."""
    limit, cursor = payload.pop("limit"), payload.pop("cursor")
    actor = current_actor()
    filters = queries.HouseholdFilter(**payload)
    with unit_of_work() as session:
        disclosure.record_search(
            session, filters=filters, scope=actor.scope, actor_id=actor.id, now=now()
        )
        page = queries.list_households(
            session, cipher(), scope=actor.scope, filters=filters, limit=limit, cursor=cursor
        )
        return _with_helpers(session, page)


@blp.get("/households/<uuid:household_id>")
@requires(Permission.SEE_HOUSEHOLDS, scope="household")
@blp.response(200, HouseholdDetailOut)
def get_household(household_id: uuid.UUID) -> queries.HouseholdDetail:
    """Return a household with members, aid, sources and changes; the look is recorded."""
    with unit_of_work() as session:
        detail = disclosure.view_household(
            session, cipher(), viewer=current_actor(), household_id=household_id, now=now()
        )
        [household] = helping.name_helpers(
            session, [detail.household], reader=current_actor(), on=local_date(now())
        )
        return replace(detail, household=household)


@blp.get("/households/<uuid:household_id>/lists")
@requires(Permission.SEE_HOUSEHOLDS, scope="household")
@blp.response(200, HouseholdListsOut)
def get_lists(household_id: uuid.UUID) -> HouseholdLists:
    """Return whom each department lists together with a member; the look is recorded."""
    with unit_of_work() as session:
        return disclosure.view_lists(
            session, viewer=current_actor(), household_id=household_id, now=now()
        )


@blp.get("/persons/<uuid:person_id>")
@requires(Permission.SEE_HOUSEHOLDS, scope="household")
@blp.response(200, PersonOut)
def get_person(person_id: uuid.UUID) -> queries.PersonDetail:
    """Return a person with the origin of each field; the look is recorded."""
    with unit_of_work() as session:
        return disclosure.view_person(
            session, cipher(), viewer=current_actor(), person_id=person_id, now=now()
        )


@blp.post("/persons/<uuid:person_id>/unmask")
@requires(Permission.UNMASK_PERSON, scope="household")
@blp.arguments(UnmaskIn)
@blp.response(200, UnmaskedOut)
@blp.alt_response(403, description="没有有效的查询事由")
def unmask_person(payload: dict[str, Any], person_id: uuid.UUID) -> dict[str, Any]:
    """Return personal values in clear, on an open access ground. Never stored for a retry."""
    actor = current_actor()
    with unit_of_work() as session:
        return {
            "values": disclosure.unmask_person(
                session,
                cipher(),
                scope=actor.scope,
                person_id=person_id,
                fields=payload["fields_"],
                purpose=payload["purpose"],
                remark=payload["remark"],
                actor_id=actor.id,
                now=now(),
            )
        }


def _with_helpers(session: Any, page: Page[queries.HouseholdRow]) -> Page[queries.HouseholdRow]:
    items = helping.name_helpers(session, page.items, reader=current_actor(), on=local_date(now()))
    return replace(page, items=items)
