"""A household or person as of any day, in two senses.

*Believed on* a day: what the registry said when the day ended, put together from the row history
(`registry_as_of`, migration 0006). Nothing that happens later changes it. *True on* a day: as the
records say that it was, by the spells that they cover. The two are one question with two days: what
was true on one, as believed on the other; without the second, as known today.

What the records cannot tell is named in `untold`, and not guessed.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relief.core.clock import local_date
from relief.core.scope import Scope
from relief.organisation.models import Region
from relief.registry import periods
from relief.registry.errors import DayToCome, HouseholdNotFound, NoDay, PersonNotFound
from relief.registry.models import Household
from relief.registry.queries import spells
from relief.registry.queries.as_of_rows import (
    Days,
    HouseholdAsOf,
    MemberAsOf,
    PersonAsOf,
    PlaceAsOf,
    Presence,
    Untold,
)
from relief.registry.queries.lists import SchemeList, scheme_lists
from relief.registry.queries.persons import place_of
from relief.registry.queries.rows import Spell
from relief.registry.queries.visible import get_person, household_visible
from relief.registry.types import Category

_OF_HISTORY = (Untold.ORIGINS,)
_OF_RECORDS = (Untold.ADDRESS, Untold.RELATION, Untold.FORMER_MEMBERS, Untold.UNNAMED)


@dataclass(slots=True)
class _Rows:
    """What the registry held, by kind of row."""

    household: Mapping[str, Any] | None = None
    person: dict[uuid.UUID, Mapping[str, Any]] = field(default_factory=dict)
    membership: dict[uuid.UUID, Mapping[str, Any]] = field(default_factory=dict)
    enrolment: list[Mapping[str, Any]] = field(default_factory=list)


def asked(*, believed_on: date | None, true_on: date | None, now: datetime) -> Days:
    """Return the days of a question. Raises NoDay, or DayToCome."""
    today = local_date(now)
    if believed_on is None and true_on is None:
        raise NoDay
    if any(day is not None and day > today for day in (believed_on, true_on)):
        raise DayToCome
    return Days(believed_on, true_on, today)


def household_as_of(
    session: Session, *, scope: Scope, household_id: uuid.UUID, days: Days
) -> HouseholdAsOf:
    """Return a household on a day. Raises HouseholdNotFound.

    Four queries; one more for a household that is no longer there, whose past is shown to who sees
    every household of where it was last.
    """
    place: int | None = session.scalar(
        select(Household.region_code).where(Household.id == household_id, household_visible(scope))
    )
    if place is None and (place := _last_place(session, scope, "household", household_id)) is None:
        raise HouseholdNotFound
    rows = _held(session, "household", household_id, days)
    home = rows.household
    if home is None:
        return HouseholdAsOf(id=household_id, place_code=place, days=days, known=False)
    lists = scheme_lists(session, before=days.before)
    places = _places(rows, lists, days)
    members = [
        _member(person_id, rows, lists, days)
        for person_id in sorted(
            rows.membership, key=lambda one: _order(one, rows.person, home["householder_id"])
        )
    ]
    untold = _untold(days, scope)
    return HouseholdAsOf(
        id=household_id,
        place_code=place,
        days=days,
        known=True,
        number=home["number"],
        householder_name=home["householder_name"],
        region_code=home["region_code"],
        region_name=_region_name(session, home["region_code"]),
        address=home["address"],
        category=_category(home, places, lists, untold, days),
        members=members,
        enrolments=places,
        late=_late(rows, lists, days),
        untold=untold,
    )


def person_as_of(session: Session, *, scope: Scope, person_id: uuid.UUID, days: Days) -> PersonAsOf:
    """Return a person on a day, like `household_as_of`. Raises PersonNotFound."""
    place: int | None
    try:
        person, _, household = get_person(session, scope, person_id)
        place = place_of(person, household)
    except PersonNotFound:
        if (place := _last_place(session, scope, "person", person_id)) is None:
            raise
    rows = _held(session, "person", person_id, days)
    if (said := rows.person.get(person_id)) is None:
        return PersonAsOf(id=person_id, place_code=place, days=days, known=False)
    lists = scheme_lists(session, before=days.before)
    home = rows.household or {}
    return PersonAsOf(
        id=person_id,
        place_code=place,
        days=days,
        known=True,
        member=_member(person_id, rows, lists, days),
        ethnicity=said["ethnicity"],
        region_code=said["region_code"],
        region_name=_region_name(session, said["region_code"]),
        address=said["address"],
        registered=[name for name in _told_secrets(scope) if said[name] is not None],
        household_id=uuid.UUID(home["id"]) if home else None,
        household_number=home.get("number"),
        householder_name=home.get("householder_name"),
        enrolments=_places(rows, lists, days),
        late=_late(rows, lists, days),
        untold=[what for what in _untold(days, scope) if what is not Untold.CATEGORY],
    )


def _last_place(session: Session, scope: Scope, kind: str, record: uuid.UUID) -> int | None:
    """Return where a record that is gone was last, if the reader sees every household there."""
    if scope.department_code is not None:
        return None
    place: int | None = session.scalar(select(func.last_place_of_record(kind, record)))
    return place if place is not None and scope.covers(place) else None


def _held(session: Session, kind: str, record: uuid.UUID, days: Days) -> _Rows:
    """Return what the registry held when the day of the knowledge ended. One query."""
    found = func.registry_as_of(kind, record, days.before).table_valued(
        "kind", "row_id", "content", name="held"
    )
    rows = _Rows()
    for row in session.execute(select(found.c.kind, found.c.row_id, found.c.content)):
        match row.kind:
            case "household":
                rows.household = row.content
            case "person":
                rows.person[row.row_id] = row.content
            case "membership":
                rows.membership[row.row_id] = row.content
            case _:
                rows.enrolment.append(row.content)
    return rows


def _places(rows: _Rows, lists: Mapping[str, SchemeList], days: Days) -> Sequence[PlaceAsOf]:
    """Return the places that were held: all that were known, or those that ran on the day."""
    found = []
    for place in sorted(rows.enrolment, key=lambda one: _by_scheme(one, rows.person)):
        list_ = lists[place["scheme_code"]]
        stands = None
        if days.true_on is not None:
            stands = spells.standing(spells.parse(place.get("spells")), days.true_on, list_)
            if stands is None:
                continue
        person_id = uuid.UUID(place["person_id"])
        found.append(
            PlaceAsOf(
                person_id=person_id,
                person_name=rows.person[person_id]["name"],
                scheme=list_.tag,
                department_code=list_.department_code,
                department_name=list_.department_name,
                first_on=_day(place["first_on"]),
                last_on=_day(place["last_on"]),
                record_count=place["record_count"],
                total_fen=place["total_fen"],
                spell=stands.spell if stands else None,
                assumed=bool(stands and stands.assumed),
                once=not periods.is_standing(list_.period),
            )
        )
    return found


def _member(
    person_id: uuid.UUID, rows: _Rows, lists: Mapping[str, SchemeList], days: Days
) -> MemberAsOf:
    person = rows.person[person_id]
    own = [place for place in rows.enrolment if place["person_id"] == str(person_id)]
    covered = [spell for place in own for spell in spells.parse(place.get("spells"))]
    named = None
    if covered:
        named = Spell(min(s.from_on for s in covered), max(s.to_on for s in covered))
    born_on, died_on = _day(person["born_on"]), _day(person["died_on"])
    presence = None
    if days.true_on is not None:
        goes_on = any(
            spells.standing(
                spells.parse(place.get("spells")), days.true_on, lists[place["scheme_code"]]
            )
            for place in own
        )
        presence = _presence(days.true_on, named, born_on, died_on, goes_on=goes_on)
    return MemberAsOf(
        id=person_id,
        name=person["name"],
        relation=rows.membership.get(person_id, {}).get("relation"),
        sex=person["sex"],
        born_on=born_on,
        died_on=died_on,
        named=named,
        presence=presence,
    )


def _presence(
    day: date, named: Spell | None, born_on: date | None, died_on: date | None, *, goes_on: bool
) -> Presence:
    if born_on is not None and day < born_on:
        return Presence.UNBORN
    if died_on is not None and day > died_on:
        return Presence.DEAD
    if named is None:
        return Presence.NEVER
    if day < named.from_on:
        return Presence.NOT_YET
    return Presence.NAMED if day < named.to_on or goes_on else Presence.NO_LONGER


def _category(
    home: Mapping[str, Any],
    places: Sequence[PlaceAsOf],
    lists: Mapping[str, SchemeList],
    untold: Sequence[Untold],
    days: Days,
) -> Category | None:
    if days.true_on is None:
        return Category(home["category"])
    if Untold.CATEGORY in untold:
        return None
    return spells.strongest(lists[place.scheme.code] for place in places)


def _late(rows: _Rows, lists: Mapping[str, SchemeList], days: Days) -> Sequence[SchemeList]:
    day = days.true_on
    if day is None:
        return []
    codes = sorted({place["scheme_code"] for place in rows.enrolment})
    return [lists[code] for code in codes if spells.is_late(lists[code], day)]


def _untold(days: Days, scope: Scope) -> Sequence[Untold]:
    untold = list(_OF_HISTORY if days.believed_on else ())
    if days.true_on is not None:
        untold += _OF_RECORDS
        if scope.department_code is not None:
            # The category follows from all departments' lists.
            untold += [Untold.CATEGORY, Untold.OTHERS_LISTS]
    return untold


def _told_secrets(scope: Scope) -> Sequence[str]:
    basics = ("citizen_id", "phone")
    return basics if scope.department_code is not None else (*basics, "account", "health")


def _order(
    person_id: uuid.UUID, people: Mapping[uuid.UUID, Mapping[str, Any]], head: str | None
) -> tuple[bool, str, str]:
    """Put the householder first, then the older before the younger."""
    return (str(person_id) != head, people[person_id]["born_on"] or "9999", str(person_id))


def _by_scheme(
    place: Mapping[str, Any], people: Mapping[uuid.UUID, Mapping[str, Any]]
) -> tuple[str, str, str]:
    name: str = people[uuid.UUID(place["person_id"])]["name"]
    return (place["scheme_code"], name, place["person_id"])


def _region_name(session: Session, code: int) -> str:
    return session.scalar(select(Region.full_name).where(Region.code == code)) or ""


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
