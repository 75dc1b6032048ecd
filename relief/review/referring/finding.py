"""Finding in the registry who was referred: by their number wherever they live, or by their name.

By number the person is found as registrar, since whoever is without shelter is often far from home;
what is told of them is enough to compare, and no more. By name only those are found whom the reader
sees anyhow. A number that is nowhere is answered as one that is there and is nobody's, and counts
against the account (`trying`).
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import false
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.audit import service as audit
from relief.core import citizen_id as citizen_ids
from relief.core.clock import local_date
from relief.core.privacy import store
from relief.core.privacy.cipher import Cipher
from relief.core.privacy.masking import mask_citizen_id
from relief.core.privacy.models import SecretKind
from relief.core.registrar import registrar
from relief.registry.intake.values import name_key
from relief.registry.models import Household, Person
from relief.registry.queries.persons import place_of
from relief.registry.queries.visible import person_visible, persons
from relief.review import service as cases
from relief.review.referring.errors import NothingToLookUp
from relief.review.referring.models import Referral
from relief.review.referring.noting import note
from relief.review.referring.types import LIVE, ReferralStep
from relief.review.referring.visible import hold
from relief.review.settling.errors import NotANumber
from relief.review.shown import Shown

MOST = 20  # of one name: more than that are told apart by something else
Hit = tuple[Person, Household | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody of the registry who may be meant.

    `person_id`: of who is in the reader's scope. By number it is empty, and of the name only the
    family name is told.
    """

    person_id: uuid.UUID | None
    name: str
    number_masked: str | None
    born_on: date | None
    region_code: int
    dead: bool


def look_up(
    session: Session,
    cipher: Cipher,
    *,
    actor: Actor,
    referral_id: uuid.UUID,
    citizen_id: str | None,
    name: str | None,
    now: datetime,
) -> Sequence[Candidate]:
    """Look for who was referred: by a number, else by a name, else by the number they said.

    What is found by number is kept with the referral. Each look is a row of the trail, without what
    was asked for. Raises what `visible.hold` does, NotANumber, NothingToLookUp.
    """
    row = hold(session, actor, referral_id, *LIVE)
    by = "name" if name and not citizen_id else "number"
    if by == "name":
        hits = _named(session, actor, name or "")
    else:
        hits = _numbered(session, cipher, row, citizen_id, actor=actor, now=now)
    for person, household in hits:
        audit.record(
            session,
            "person:found_for_referral",
            subject_type="person",
            subject_id=person.id,
            actor_id=actor.id,
            now=now,
            details={"referral": str(row.id), "by": by},
            region_code=place_of(person, household),
        )
    if not hits:
        audit.record(
            session,
            "person:not_found_for_referral",
            subject_type="referral",
            subject_id=row.id,
            actor_id=actor.id,
            now=now,
            details={"by": by},
            region_code=row.region_code,
        )
    if by == "number":
        return [_masked(row, *hit) for hit in hits]
    numbers = store.reveal(session, cipher, [person.citizen_id for person, _ in hits])
    return [_whole(person, household, numbers) for person, household in hits]


def of_number(session: Session, row: Referral) -> Shown | None:
    """Return who has the number of a referral, wherever they live. As registrar; three queries."""
    with registrar(session):
        found = session.execute(
            persons().where(
                false() if row.number_id is None else Person.citizen_id == row.number_id
            )
        ).one_or_none()
        if found is None:
            return None
        person, _, household = found
        return Shown(person, household, cases.known_by(session, person.id))


def _numbered(
    session: Session,
    cipher: Cipher,
    row: Referral,
    citizen_id: str | None,
    *,
    actor: Actor,
    now: datetime,
) -> Sequence[Hit]:
    """Look by a number, and keep it with the referral if it is somebody's."""
    before = (row.number_id, row.number_masked)
    if citizen_id:
        number = citizen_ids.parse(citizen_ids.normalise(citizen_id), today=local_date(now))
        if number is None:
            raise NotANumber
        with registrar(session):
            row_id = store.find(session, cipher, SecretKind.CITIZEN_ID, number.number)
        masked = mask_citizen_id(number.number) if row_id else None
        row.number_id, row.number_masked, row.found = row_id, masked, False
    elif row.number_id is None:
        raise NothingToLookUp
    shown = of_number(session, row)
    if shown is None:
        (row.number_id, row.number_masked), row.found = before, False
        return []
    row.found = True
    note(session, row, ReferralStep.FOUND, actor_id=actor.id, now=now)
    return [(shown.person, shown.household)]


def _named(session: Session, actor: Actor, name: str) -> Sequence[Hit]:
    """Return who of the actor's scope has a name, the first of them. One query."""
    rows = session.execute(
        persons()
        .where(Person.name_key == name_key(name), person_visible(actor.scope))
        .order_by(Person.id)
        .limit(MOST)
    )
    return [(person, household) for person, _, household in rows]


def _masked(row: Referral, person: Person, household: Household | None) -> Candidate:
    """Return what is told of somebody whom the reader need not see: enough to compare."""
    return Candidate(
        person_id=None,
        name=person.name[:1] + "*" * (len(person.name) - 1),
        number_masked=row.number_masked,
        born_on=person.born_on,
        region_code=place_of(person, household),
        dead=person.died_on is not None,
    )


def _whole(
    person: Person, household: Household | None, numbers: Mapping[uuid.UUID, str]
) -> Candidate:
    number = numbers.get(person.citizen_id) if person.citizen_id else None
    return Candidate(
        person_id=person.id,
        name=person.name,
        number_masked=mask_citizen_id(number) if number else None,
        born_on=person.born_on,
        region_code=place_of(person, household),
        dead=person.died_on is not None,
    )
