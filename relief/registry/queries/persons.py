"""The person page: each field with its origin."""

import uuid
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.core.privacy import store
from relief.core.privacy.cipher import Cipher
from relief.core.privacy.masking import mask_account, mask_citizen_id, mask_health, mask_phone
from relief.core.scope import Scope
from relief.organisation.models import Region
from relief.registry.models import Enrolment, Household, Person
from relief.registry.queries.aid import aid_by_year, enrolments
from relief.registry.queries.history import person_changes
from relief.registry.queries.rows import FieldRow, Origin, PersonDetail
from relief.registry.queries.sources import field_origins, sources_of_person
from relief.registry.queries.visible import get_person

MASKS: Mapping[str, Callable[[str], str]] = {
    "citizen_id": mask_citizen_id,
    "phone": mask_phone,
    "account": mask_account,
    "health": mask_health,
}
_FIELDS = (
    "name",
    "citizen_id",
    "sex",
    "born_on",
    "ethnicity",
    "marital",
    "phone",
    "address",
    "account",
    "health",
    "died_on",
)
# What any department that serves a household sees of its members (masked where personal).
BASICS = frozenset(
    {"name", "citizen_id", "sex", "born_on", "ethnicity", "phone", "address", "died_on"}
)


def person_detail(
    session: Session, cipher: Cipher, *, scope: Scope, person_id: uuid.UUID
) -> PersonDetail:
    """Return a person with each field's origin, aid and sources. Raises PersonNotFound.

    Eight queries. A department sees the basics, and of the rest what it sent itself.
    """
    person, membership, household = get_person(session, scope, person_id)
    secrets = store.reveal(session, cipher, [getattr(person, name) for name in MASKS])
    return PersonDetail(
        id=person.id,
        name=person.name,
        region_code=person.region_code,
        region_name=session.scalar(
            select(Region.full_name).where(Region.code == person.region_code)
        )
        or "",
        place_code=place_of(person, household),
        household_id=household.id if household else None,
        household_number=household.number if household else None,
        relation=membership.relation if membership else None,
        fields=_fields(person, secrets, field_origins(session, scope, person.origins), scope),
        enrolments=enrolments(session, scope, Enrolment.person_id == person.id),
        aid=aid_by_year(session, scope, person_id=person.id),
        sources=sources_of_person(session, scope, person.id),
        changes=person_changes(session, scope, person.id),
    )


def place_of(person: Person, household: Household | None) -> int:
    """Return whose region a person counts in: the household's, wherever a file places them."""
    return household.region_code if household else person.region_code


def visible_fields(session: Session, scope: Scope, person: Person) -> frozenset[str]:
    """Return the fields of a person that a viewer may see at all."""
    if scope.department_code is None:
        return frozenset(_FIELDS)
    return BASICS | field_origins(session, scope, person.origins).keys()


def _fields(
    person: Person, secrets: Mapping[uuid.UUID, str], known: Mapping[str, Origin], scope: Scope
) -> Sequence[FieldRow]:
    return [
        _field(name, getattr(person, name), secrets, known.get(name))
        for name in _FIELDS
        if scope.department_code is None or name in BASICS or name in known
    ]


def _field(
    name: str, value: object, secrets: Mapping[uuid.UUID, str], origin: Origin | None
) -> FieldRow:
    mask = MASKS.get(name)
    if mask is None:
        shown = None if value is None else str(value)
    else:
        shown = mask(secrets[value]) if isinstance(value, uuid.UUID) else None
    return FieldRow(name=name, value=shown, masked=mask is not None, origin=origin)
