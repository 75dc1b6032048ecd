"""The past of a household or person: on one day, and month by month."""

import re
import uuid
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template, request

from relief.accounts.permissions import Permission
from relief.console.past.months import month_table
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.organisation import queries as organisation
from relief.registry import looking_back
from relief.schemes import queries as scheme_queries
from relief.web.context import current_actor, now, requires

past = Blueprint("past", __name__)

_YEAR = re.compile("[12][0-9]{3}")
_TABLES = ("sex", "relation", "ethnicity")


@dataclass(frozen=True, slots=True)
class _Asked:
    """The days of the form. What is no day, or is to come, is told and not used."""

    believed_on: date | None
    true_on: date | None
    faults: dict[str, str]


@past.get("/households/<uuid:household_id>/as-of")
@requires(Permission.SEE_HOUSEHOLDS, scope="household")
def household(household_id: uuid.UUID) -> str:
    """Show a household on a day; without one, as the registry has it today."""
    asked = _asked()
    with unit_of_work() as session:
        view = looking_back.view_household_as_of(
            session,
            viewer=current_actor(),
            household_id=household_id,
            believed_on=asked.believed_on,
            true_on=asked.true_on,
            now=now(),
        )
        codes = organisation.code_tables(session, tables=_TABLES)
        full_names = {row.code: row.name for row in scheme_queries.schemes(session)}
    return render_template(
        "console/past/household.html",
        view=view,
        asked=asked,
        today=local_date(now()),
        codes=codes,
        full_names=full_names,
        own_only=current_actor().scope.department_code is not None,
    )


@past.get("/persons/<uuid:person_id>/as-of")
@requires(Permission.SEE_HOUSEHOLDS, scope="household")
def person(person_id: uuid.UUID) -> str:
    """Show a person on a day; without one, as the registry has it today."""
    asked = _asked()
    with unit_of_work() as session:
        view = looking_back.view_person_as_of(
            session,
            viewer=current_actor(),
            person_id=person_id,
            believed_on=asked.believed_on,
            true_on=asked.true_on,
            now=now(),
        )
        codes = organisation.code_tables(session, tables=_TABLES)
        full_names = {row.code: row.name for row in scheme_queries.schemes(session)}
    return render_template(
        "console/past/person.html",
        view=view,
        asked=asked,
        today=local_date(now()),
        codes=codes,
        full_names=full_names,
        own_only=current_actor().scope.department_code is not None,
    )


@past.get("/households/<uuid:household_id>/months")
@requires(Permission.SEE_HOUSEHOLDS, scope="household")
def months(household_id: uuid.UUID) -> str:
    """Show a household's aid of one year, by person, scheme and month; without one, of this."""
    asked = request.args.get("year", "")
    year = int(asked) if _YEAR.fullmatch(asked) else local_date(now()).year
    with unit_of_work() as session:
        rows = looking_back.view_household_months(
            session, viewer=current_actor(), household_id=household_id, year=year, now=now()
        )
        full_names = {row.code: row.name for row in scheme_queries.schemes(session)}
    return render_template(
        "console/past/months.html",
        table=month_table(rows),
        year=year,
        household_id=household_id,
        full_names=full_names,
        own_only=current_actor().scope.department_code is not None,
    )


def _asked() -> _Asked:
    faults: dict[str, str] = {}
    believed_on, true_on = _day("believed_on", faults), _day("true_on", faults)
    if believed_on is None and true_on is None:
        believed_on = local_date(now())
    return _Asked(believed_on, true_on, faults)


def _day(name: str, faults: dict[str, str]) -> date | None:
    text = request.args.get(name, "").strip()
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        faults[name] = "请按 2026-05-31 的格式填写日期。"
        return None
    if day is not None and day > local_date(now()):
        faults[name] = "不能查看今天以后的日期。"
        return None
    return day
