"""Says why somebody is not entered: who is named for an act, or was on the roster when it began."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, literal
from sqlalchemy.orm import Session

from relief.core.scope import RegionRange, Scope, within
from relief.registry.models import Household, Person
from relief.registry.queries.visible import person_visible, persons
from relief.review.recognition import having
from relief.review.rostering.types import NotEntered
from relief.schemes.models import Scheme
from relief.schemes.recognition import HOUSEHOLD

NOWHERE = 0  # the region of somebody of whom the clerk may know nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Somebody who is not entered, and why; without name and region if not in scope."""

    person_id: uuid.UUID
    name: str = ""
    region_code: int = NOWHERE
    reason: NotEntered = NotEntered.GONE


def why_not(
    session: Session,
    *,
    scope: Scope,
    scheme: Scheme,
    people: Collection[uuid.UUID],
    ranges: Sequence[RegionRange] | None = None,
) -> Mapping[uuid.UUID, LeftOut]:
    """Return why each of some people is not on the roster of a scheme.

    `ranges`: to where it is narrowed. One query, if there are any; whoever it does not find is out
    of scope, or nobody.
    """
    if not people:
        return {}
    place = func.coalesce(Household.region_code, Person.region_code)
    elsewhere = literal(value=False) if ranges is None else ~within(place, ranges)
    rows = session.execute(
        persons()
        .with_only_columns(
            Person.id,
            Person.name,
            place.label("place"),
            Person.died_on.is_not(None).label("dead"),
            having.under_way(scheme).label("under_way"),
            elsewhere.label("elsewhere"),
            (Household.householder_id != Person.id).label("member"),
        )
        .where(Person.id.in_(people), person_visible(scope))
    )
    found = {one: LeftOut(person_id=one) for one in people}
    for row in rows:
        reasons = {
            NotEntered.DEAD: row.dead,
            NotEntered.UNDER_WAY: row.under_way,
            NotEntered.ELSEWHERE: row.elsewhere,
            NotEntered.MEMBER: scheme.unit == HOUSEHOLD and row.member,
        }
        found[row.id] = LeftOut(
            person_id=row.id,
            name=row.name,
            region_code=row.place,
            reason=next((one for one, holds in reasons.items() if holds), NotEntered.OFF_ROSTER),
        )
    return found
