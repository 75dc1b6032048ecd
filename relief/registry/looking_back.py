"""Looking at the past of a household or person; each look is recorded like one at the present."""

import uuid
from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.registry.disclosure import record_look
from relief.registry.errors import HouseholdNotFound
from relief.registry.models import Household
from relief.registry.queries import as_of
from relief.registry.queries.aid import aid_by_month
from relief.registry.queries.as_of_rows import Days, HouseholdAsOf, PersonAsOf
from relief.registry.queries.persons import place_of
from relief.registry.queries.rows import AidMonthRow
from relief.registry.queries.visible import get_person, household_visible


def view_household_as_of(
    session: Session,
    *,
    viewer: Actor,
    household_id: uuid.UUID,
    now: datetime,
    believed_on: date | None = None,
    true_on: date | None = None,
) -> HouseholdAsOf:
    """Return a household on a day, and record the look and whom it showed.

    Raises HouseholdNotFound, NoDay, DayToCome.
    """
    days = as_of.asked(believed_on=believed_on, true_on=true_on, now=now)
    found = as_of.household_as_of(session, scope=viewer.scope, household_id=household_id, days=days)
    shown = [member.id for member in found.members]
    _look(
        session,
        ("household", household_id),
        viewer,
        shown,
        place=found.place_code,
        days=days,
        now=now,
    )
    return found


def view_person_as_of(
    session: Session,
    *,
    viewer: Actor,
    person_id: uuid.UUID,
    now: datetime,
    believed_on: date | None = None,
    true_on: date | None = None,
) -> PersonAsOf:
    """Return a person on a day, and record the look.

    Raises PersonNotFound, NoDay, DayToCome.
    """
    days = as_of.asked(believed_on=believed_on, true_on=true_on, now=now)
    found = as_of.person_as_of(session, scope=viewer.scope, person_id=person_id, days=days)
    _look(
        session,
        ("person", person_id),
        viewer,
        [person_id],
        place=found.place_code,
        days=days,
        now=now,
    )
    return found


def view_household_months(
    session: Session,
    *,
    viewer: Actor,
    household_id: uuid.UUID,
    now: datetime,
    year: int | None = None,
) -> Sequence[AidMonthRow]:
    """Return a household's aid by person, scheme and month, and record the look.

    Raises HouseholdNotFound.
    """
    place = session.scalar(
        select(Household.region_code).where(
            Household.id == household_id, household_visible(viewer.scope)
        )
    )
    if place is None:
        raise HouseholdNotFound
    rows = aid_by_month(session, viewer.scope, household_id=household_id, year=year)
    shown = sorted({row.person_id for row in rows})
    _look(session, ("household", household_id), viewer, shown, place=place, now=now)
    return rows


def view_person_months(
    session: Session,
    *,
    viewer: Actor,
    person_id: uuid.UUID,
    now: datetime,
    year: int | None = None,
) -> Sequence[AidMonthRow]:
    """Return a person's aid by scheme and month, and record the look. Raises PersonNotFound."""
    person, _, household = get_person(session, viewer.scope, person_id)
    rows = aid_by_month(session, viewer.scope, person_id=person_id, year=year)
    place = place_of(person, household)
    _look(session, ("person", person_id), viewer, [person_id], place=place, now=now)
    return rows


def _look(
    session: Session,
    subject: tuple[str, uuid.UUID],
    viewer: Actor,
    shown: Collection[uuid.UUID],
    *,
    place: int,
    now: datetime,
    days: Days | None = None,
) -> None:
    kind, record = subject
    details: dict[str, object] = {}
    if kind == "household":
        details["persons"] = [str(person) for person in shown]
    if days is not None:
        details |= {
            name: day.isoformat()
            for name, day in (("believed_on", days.believed_on), ("true_on", days.true_on))
            if day is not None
        }
    record_look(session, kind, record, viewer, details, people=shown, region_code=place, now=now)
