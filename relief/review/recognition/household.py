"""The identities of someone with their household, as registrar reads them."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from relief.registry.models import Membership
from relief.review.recognition.identities import Identity, known_of


def families_of(
    session: Session, people: Collection[uuid.UUID]
) -> Mapping[uuid.UUID, Collection[uuid.UUID]]:
    """Return person → themselves and everyone of their household. One query."""
    mine = aliased(Membership)
    found: dict[uuid.UUID, set[uuid.UUID]] = {one: {one} for one in people}
    for row in session.execute(
        select(mine.person_id.label("one"), Membership.person_id.label("other"))
        .join(mine, mine.household_id == Membership.household_id)
        .where(mine.person_id.in_(people))
    ):
        found[row.one].add(row.other)
    return found


def identities_of(
    session: Session, person_id: uuid.UUID, *, scheme_unit: str | None = None, now: datetime
) -> Sequence[Identity]:
    """Return what someone and their household are confirmed as, as `Known.of_family` says.

    Nine queries. The caller found the person in scope, and is registrar.
    """
    family = families_of(session, [person_id])[person_id]
    known = known_of(session, family, now=now)
    return known.of_family(person_id, family, scheme_unit=scheme_unit)
