"""Showing people to a steward who decides about them: each is a look, and is written down."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.audit import grounds
from relief.audit import service as audit
from relief.core.privacy.cipher import Cipher
from relief.registry.decisions import queries
from relief.registry.decisions.errors import SamePerson
from relief.registry.decisions.queries import Descriptions, ReviewDetail, TwoPeople
from relief.registry.disclosure import works_of
from relief.registry.models import Person


def view_review(
    session: Session, cipher: Cipher, *, viewer: Actor, review_id: uuid.UUID, now: datetime
) -> ReviewDetail:
    """Return a question with the people in it, and record that each was looked at.

    Raises ReviewNotFound.
    """
    found = queries.review_detail(session, cipher, scope=viewer.scope, review_id=review_id)
    shown = {side.id: side.place_code for side in (found.person, found.other) if side is not None}
    places = select(Person.id, Person.home_region_code).where(
        Person.id.in_(row.id for row in found.candidates)
    )
    shown |= {row.id: row.home_region_code for row in session.execute(places)}
    lists = [one for home in found.homes for one in home.lists]
    shown |= {one.id: one.place_code for part in lists for one in part.people}
    _record(session, viewer, shown, {"review": str(review_id)}, now=now)
    return found


def view_descriptions(
    session: Session, *, viewer: Actor, person_id: uuid.UUID, now: datetime
) -> Descriptions:
    """Return all that is said of a person, and record the look. Raises PersonNotFound."""
    found = queries.descriptions(session, scope=viewer.scope, person_id=person_id)
    _record(session, viewer, {person_id: found.place_code}, {}, now=now)
    return found


def view_two(
    session: Session,
    cipher: Cipher,
    *,
    viewer: Actor,
    person_id: uuid.UUID,
    other_id: uuid.UUID,
    now: datetime,
) -> TwoPeople:
    """Return two people side by side, and record both looks. Raises SamePerson, PersonNotFound."""
    found = queries.two_people(
        session, cipher, scope=viewer.scope, person_id=person_id, other_id=other_id
    )
    if person_id == other_id:
        raise SamePerson
    shown = {side.id: side.place_code for side in (found.person, found.other)}
    _record(session, viewer, shown, {}, now=now)
    return found


def _record(
    session: Session,
    viewer: Actor,
    shown: Mapping[uuid.UUID, int],
    details: Mapping[str, object],
    *,
    now: datetime,
) -> None:
    """Write one event for each person, with one statement."""
    on = grounds.open_for(
        session,
        people=list(shown),
        actor_id=viewer.id,
        works=works_of(viewer.permissions),
        now=now,
    )
    for person, region in shown.items():
        audit.record(
            session,
            "person:viewed",
            subject_type="person",
            subject_id=person,
            actor_id=viewer.id,
            now=now,
            details={**details, "grounds": [str(ground) for ground in on]},
            region_code=region,
        )
    session.flush()
