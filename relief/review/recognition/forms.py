"""The form of a new application, filled in with what is known; the look at it is recorded."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.core.clock import local_date
from relief.core.privacy import store
from relief.core.privacy.cipher import Cipher
from relief.core.privacy.masking import mask_phone
from relief.core.registrar import registrar
from relief.registry import disclosure
from relief.registry.models import Membership, Person
from relief.registry.queries.persons import place_of
from relief.registry.queries.visible import get_person
from relief.registry.types import Category
from relief.review.checks import queries as checks
from relief.review.checks.models import CaseAuthorisation
from relief.review.checks.queries import Signer
from relief.review.recognition import household, taking_over
from relief.review.recognition.identities import Identity
from relief.review.recognition.prefilling import KnownValue, asked_by, known_values
from relief.review.recognition.types import Field, Source, State
from relief.review.recognition.words import NAMES, day, sentence
from relief.schemes import queries as schemes
from relief.schemes import recognition
from relief.schemes.models import Scheme
from relief.schemes.recognition import AUTHORISATION, RecognitionRule

_FAMILY = "family"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRow:
    """What the family is confirmed as. `spares`: what the scheme then does not do again, if any."""

    category: Category
    holder: str
    since_on: date | None
    checked_on: date
    until_on: date
    source: Source
    state: State
    told: str
    why: str | None
    spares: str | None
    legal: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPaper:
    """A paper that nobody need hand in. `until_on`: the first day on which it holds no longer."""

    name: str
    told: str
    until_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationForm:
    """What is known for an application, and what is still asked."""

    identities: Sequence[IdentityRow]
    values: Sequence[KnownValue]
    papers: Sequence[KnownPaper]
    signers: Sequence[Signer]
    facts: Sequence[str]


def view_form(
    session: Session,
    cipher: Cipher,
    *,
    viewer: Actor,
    person_id: uuid.UUID,
    scheme_code: str | None,
    now: datetime,
) -> ApplicationForm:
    """Return the form for someone in scope, and record the look at whom it shows.

    Raises PersonNotFound, SchemeNotFound.
    """
    person, membership, home = get_person(session, viewer.scope, person_id)
    form = form_of(
        session, cipher, viewer=viewer, person_id=person_id, scheme_code=scheme_code, now=now
    )
    people = {person_id}
    if membership is not None:
        people |= set(_members(session, membership))
    disclosure.record_look(
        session,
        "person",
        person_id,
        viewer,
        {"persons": sorted(map(str, people))},
        people=sorted(people),
        region_code=place_of(person, home),
        now=now,
    )
    return form


def form_of(
    session: Session,
    cipher: Cipher,
    *,
    viewer: Actor,
    person_id: uuid.UUID,
    scheme_code: str | None,
    now: datetime,
) -> ApplicationForm:
    """Return the form; whoever calls records the look. Some forty queries at most."""
    on = local_date(now)
    person, _, home = get_person(session, viewer.scope, person_id)
    scheme = schemes.get_scheme(session, code=scheme_code) if scheme_code else None
    rules = recognition.accepted_by(session, scheme_code=scheme.code, on=on) if scheme else {}
    with registrar(session):
        found = household.identities_of(
            session, person_id, scheme_unit=scheme.unit if scheme else None, now=now
        )
    values = known_values(
        session,
        scope=viewer.scope,
        person_id=person_id,
        scheme=scheme,
        identities=found,
        now=now,
    )
    phone = (home.phone if home else None) or person.phone
    number = store.reveal(session, cipher, [phone]).get(phone) if phone else None
    held = taking_over.authorisations_of(session, viewer.scope, person_id, on=on)
    known = {one.place[1] for one in values}
    return ApplicationForm(
        identities=[_identity(one, rules.get(one.category)) for one in found],
        values=[
            replace(one, value=mask_phone(number)) if one.field is Field.PHONE and number else one
            for one in values
        ],
        papers=[
            *_authorisations(held),
            *(_proof(one) for one in found if one.stands),
            *_numbers(session, person),
        ],
        signers=_signers(
            session,
            viewer,
            person_id,
            scheme,
            spared=any(
                one.stands and AUTHORISATION in rules[one.category].checks
                for one in found
                if one.category in rules
            ),
            signed={row.person_id for row, _, _ in held},
            on=on,
        ),
        facts=[
            kind.name
            for code, kind in asked_by(session, scheme, on=on).kinds.items()
            if code not in known
        ],
    )


def _members(session: Session, membership: Membership) -> Sequence[uuid.UUID]:
    return session.scalars(
        select(Membership.person_id).where(Membership.household_id == membership.household_id)
    ).all()


def _identity(one: Identity, rule: RecognitionRule | None) -> IdentityRow:
    taken = rule if one.stands else None
    return IdentityRow(
        category=one.category,
        holder=one.holder,
        since_on=one.since_on,
        checked_on=one.checked_on,
        until_on=one.until_on,
        source=one.source,
        state=one.state,
        told=sentence(one),
        why=one.why,
        spares=taken.spares if taken else None,
        legal=taken.source if taken else None,
    )


def _authorisations(
    held: Sequence[tuple[CaseAuthorisation, str, date]],
) -> Iterator[KnownPaper]:
    for row, number, until in held:
        yield KnownPaper(
            name=f"{row.name}的核对授权书",
            told=f"{day(row.signed_on)}签署，存于 {number}",
            until_on=until,
        )


def _proof(one: Identity) -> KnownPaper:
    return KnownPaper(name=f"{NAMES[one.category]}证明", told=one.told_by, until_on=one.until_on)


def _numbers(session: Session, person: Person) -> Iterator[KnownPaper]:
    """Yield whose identity number is registered: nobody need copy their card."""
    mine = select(Membership.household_id).where(Membership.person_id == person.id)
    rows = session.execute(
        select(Person.name)
        .outerjoin(Membership, Membership.person_id == Person.id)
        .where(
            (Person.id == person.id) | Membership.household_id.in_(mine),
            Person.citizen_id.is_not(None),
            Person.died_on.is_(None),
        )
        .order_by(Person.born_on.nulls_last(), Person.id)
    )
    for row in rows:
        yield KnownPaper(
            name=f"{row.name}的居民身份证复印件", told="身份证号已登记在困难群众库", until_on=None
        )


def _signers(
    session: Session,
    viewer: Actor,
    person_id: uuid.UUID,
    scheme: Scheme | None,
    *,
    spared: bool,
    signed: set[uuid.UUID],
    on: date,
) -> Sequence[Signer]:
    """Return who still has to sign for this scheme; all who may, while none is chosen."""
    if scheme is not None and (spared or scheme.extra.get("consent") != _FAMILY):
        return ()
    found = checks.signers(session, scope=viewer.scope, person_id=person_id, on=on)
    return [one for one in found if one.id not in signed]
