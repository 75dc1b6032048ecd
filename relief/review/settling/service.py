"""Entering an application by identity number and name. One transaction of the caller's.

The person is found as registrar, since the counter may not see them (decision 7 of the design);
what is written is written as by anybody who takes part in the scheme. Nothing that is known of the
family is taken over or shown: the counter would learn by it what it may not see.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import false, func
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.audit import service as audit
from relief.core import citizen_id as citizen_ids
from relief.core.clock import local_date
from relief.core.errors import DomainError
from relief.core.privacy import store
from relief.core.privacy.cipher import Cipher
from relief.core.privacy.models import SecretKind
from relief.core.registrar import registrar
from relief.core.scope import Scope, within
from relief.registry.intake.values import name_key
from relief.registry.models import Household, Person
from relief.registry.queries.persons import place_of
from relief.registry.queries.visible import persons
from relief.review import service as cases
from relief.review.errors import NotYours
from relief.review.recognition import rosters
from relief.review.settling.errors import NotANumber, NotHere, NotSettled
from relief.review.shown import Shown
from relief.schemes import queries as schemes
from relief.schemes.types import Entry


@dataclass
class LookUp:
    """One attempt: whom it found and where they live, known when its transaction was undone."""

    person: tuple[uuid.UUID, int] | None = None


def enter(
    session: Session,
    cipher: Cipher,
    *,
    look: LookUp,
    actor: Actor,
    citizen_id: str,
    name: str,
    scheme_code: str,
    need: str,
    now: datetime,
) -> uuid.UUID:
    """Enter an application of who has this number and name, and lives in the actor's regions.

    That somebody was found is a row of the trail; whoever calls this writes it by `note_refusal`
    where it raises. Raises SchemeNotFound, NotANumber; NotSettled for a scheme of another entry;
    NotYours for a department that takes no part; NotHere; and what `service.submit` does.
    """
    look.person = None
    scheme = schemes.get_scheme(session, code=scheme_code)
    if scheme.entry is not Entry.SETTLEMENT:
        raise NotSettled
    on = local_date(now)
    if not rosters.takes_part(session, scope=actor.scope, scheme_code=scheme.code, on=on):
        raise NotYours(rosters.NO_PART)
    number = citizen_ids.parse(citizen_ids.normalise(citizen_id), today=on)
    if number is None:
        raise NotANumber
    with registrar(session):
        shown = _find(session, cipher, actor.scope, number.number, name)
    if shown is None:
        raise NotHere
    look.person = found = (shown.person.id, place_of(shown.person, shown.household))
    case_id = cases.submit(
        session,
        actor=actor,
        person_id=shown.person.id,
        scheme_code=scheme.code,
        need=need,
        now=now,
        shown=shown,
    )
    details = {"scheme": scheme.code, "case": str(case_id)}
    _note_found(session, found, actor=actor, details=details, now=now)
    return case_id


def note_refusal(
    session: Session,
    *,
    look: LookUp,
    fault: Exception,
    actor: Actor,
    scheme_code: str,
    now: datetime,
) -> None:
    """Write an attempt that came to nothing into the trail, in a transaction of its own.

    A refusal tells of the person as well as a success does: that they are there, and why not. Where
    nobody was found it is not written after whom was asked; where nobody was looked for, nothing.
    """
    if look.person is not None:
        code = fault.code if isinstance(fault, DomainError) else "unexpected"
        details = {"scheme": scheme_code, "refused": code}
        _note_found(session, look.person, actor=actor, details=details, now=now)
    elif isinstance(fault, NotHere):
        _note_miss(session, actor=actor, scheme_code=scheme_code, now=now)


def _note_found(
    session: Session,
    found: tuple[uuid.UUID, int],
    *,
    actor: Actor,
    details: dict[str, str],
    now: datetime,
) -> None:
    person_id, region_code = found
    audit.record(
        session,
        "person:found_by_number",
        subject_type="person",
        subject_id=person_id,
        actor_id=actor.id,
        now=now,
        details=details,
        region_code=region_code,
    )


def _note_miss(session: Session, *, actor: Actor, scheme_code: str, now: datetime) -> None:
    audit.record(
        session,
        "person:not_found_by_number",
        subject_type="account",
        subject_id=actor.id,
        actor_id=actor.id,
        now=now,
        details={"scheme": scheme_code},
    )


def _find(session: Session, cipher: Cipher, scope: Scope, number: str, name: str) -> Shown | None:
    """Return who has the number and the name and lives in the scope's regions. Three queries."""
    secret_id = store.find(session, cipher, SecretKind.CITIZEN_ID, number)
    # A number that is nowhere is answered by the same statements as one that is out of sight.
    row = session.execute(
        persons().where(
            false() if secret_id is None else Person.citizen_id == secret_id,
            Person.name_key == name_key(name),
            within(func.coalesce(Household.region_code, Person.region_code), scope.ranges),
        )
    ).one_or_none()
    if row is None:
        return None
    person, _, household = row
    return Shown(person, household, cases.known_by(session, person.id))
