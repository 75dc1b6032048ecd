"""Households and persons as of any day, and from year to year. Every look is recorded."""

import uuid
from typing import Any

from relief.api.history.schemas import (
    AidMonthsOut,
    AsOfArgs,
    HouseholdAsOfOut,
    PersonAsOfOut,
    YearArgs,
    YearsOut,
)
from relief.core.db import unit_of_work
from relief.registry import disclosure, looking_back
from relief.registry.queries import yearly
from relief.registry.queries.as_of_rows import HouseholdAsOf, PersonAsOf
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, cipher, current_actor, now, requires

blp = Blueprint("history", __name__, url_prefix="/v1", description="历年变化")


@blp.get("/households/<uuid:household_id>/as-of")
@requires(Permission.SEE_HOUSEHOLDS, scope="household")
@blp.arguments(AsOfArgs, location="query")
@blp.response(200, HouseholdAsOfOut)
def household_as_of(args: dict[str, Any], household_id: uuid.UUID) -> HouseholdAsOf:
    """Return a household on a day: as believed then, as true then, or both."""
    with unit_of_work() as session:
        return looking_back.view_household_as_of(
            session, viewer=current_actor(), household_id=household_id, now=now(), **args
        )


@blp.get("/persons/<uuid:person_id>/as-of")
@requires(Permission.SEE_HOUSEHOLDS, scope="household")
@blp.arguments(AsOfArgs, location="query")
@blp.response(200, PersonAsOfOut)
def person_as_of(args: dict[str, Any], person_id: uuid.UUID) -> PersonAsOf:
    """Return a person on a day: as believed then, as true then, or both."""
    with unit_of_work() as session:
        return looking_back.view_person_as_of(
            session, viewer=current_actor(), person_id=person_id, now=now(), **args
        )


@blp.get("/households/<uuid:household_id>/years")
@requires(Permission.SEE_HOUSEHOLDS, scope="household")
@blp.response(200, YearsOut)
def household_years(household_id: uuid.UUID) -> dict[str, Any]:
    """Return who joined and left, what began and ended, and the aid of each year."""
    viewer = current_actor()
    with unit_of_work() as session:
        detail = disclosure.view_household(
            session, cipher(), viewer=viewer, household_id=household_id, now=now()
        )
        return {
            "items": yearly.household_years(session, scope=viewer.scope, detail=detail, now=now())
        }


@blp.get("/households/<uuid:household_id>/aid-months")
@requires(Permission.SEE_HOUSEHOLDS, scope="household")
@blp.arguments(YearArgs, location="query")
@blp.response(200, AidMonthsOut)
def household_months(args: dict[str, Any], household_id: uuid.UUID) -> dict[str, Any]:
    """Return a household's aid by person, scheme and month."""
    with unit_of_work() as session:
        return {
            "items": looking_back.view_household_months(
                session, viewer=current_actor(), household_id=household_id, now=now(), **args
            )
        }


@blp.get("/persons/<uuid:person_id>/aid-months")
@requires(Permission.SEE_HOUSEHOLDS, scope="household")
@blp.arguments(YearArgs, location="query")
@blp.response(200, AidMonthsOut)
def person_months(args: dict[str, Any], person_id: uuid.UUID) -> dict[str, Any]:
    """Return a person's aid by scheme and month."""
    with unit_of_work() as session:
        return {
            "items": looking_back.view_person_months(
                session, viewer=current_actor(), person_id=person_id, now=now(), **args
            )
        }
