"""The household list and the household page."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Select, false, func, select, tuple_
from sqlalchemy.orm import Session

from relief.core import citizen_id as citizen_ids
from relief.core.paging import Page, cut, number_and_id_after
from relief.core.privacy import store
from relief.core.privacy.cipher import Cipher
from relief.core.privacy.masking import mask_citizen_id, mask_phone
from relief.core.privacy.models import SecretKind
from relief.core.scope import Scope, within
from relief.organisation import queries as organisation
from relief.organisation.models import Region
from relief.registry.errors import HouseholdNotFound
from relief.registry.intake import values
from relief.registry.models import Enrolment, Household, Membership, Person
from relief.registry.queries.aid import aid_by_year, enrolments
from relief.registry.queries.history import household_changes
from relief.registry.queries.rows import HouseholdDetail, HouseholdRow, MemberRow, SchemeTag
from relief.registry.queries.sources import field_origins, sources_of_household
from relief.registry.queries.visible import household_visible, own
from relief.registry.types import Category
from relief.schemes.models import Scheme


@dataclass(frozen=True, slots=True)
class HouseholdFilter:
    """What a list is narrowed to; every member that is given must hold."""

    region: str | None = None  # 12 digits, with all below it, or a functional zone
    scheme: str | None = None
    category: Category | None = None
    name: str | None = None  # part of any member's name
    citizen_id: str | None = None  # whole, of any member
    phone: str | None = None  # whole, of any member
    address: str | None = None  # part


def list_households(
    session: Session,
    cipher: Cipher,
    *,
    scope: Scope,
    filters: HouseholdFilter,
    limit: int,
    cursor: str | None = None,
) -> Page[HouseholdRow]:
    """Return one page of the households in scope, by place.

    Three queries however long the page (households, schemes, phones); one more to narrow it to
    a region or zone, and one for each number that is searched for.
    Raises RegionNotFound or BadCursor.
    """
    query = _narrowed(session, cipher, scope, filters)
    if cursor:
        query = query.where(
            tuple_(Household.region_code, Household.id) > number_and_id_after(cursor)
        )
    rows = session.execute(
        query.order_by(Household.region_code, Household.id).limit(limit + 1)
    ).all()
    households = [household for household, _ in rows[:limit]]
    schemes = _schemes(session, scope, [household.id for household in households])
    phones = store.reveal(session, cipher, [household.phone for household in households])
    return cut(
        rows,
        limit=limit,
        key=lambda row: f"{row[0].region_code}.{row[0].id}",
        make=lambda row: _row(row[0], row[1], schemes, phones),
    )


def household_detail(
    session: Session, cipher: Cipher, *, scope: Scope, household_id: uuid.UUID
) -> HouseholdDetail:
    """Return a household with members, aid, sources and changes. Raises HouseholdNotFound.

    Eight queries, however large the household.
    """
    found = session.execute(
        _listed().where(Household.id == household_id, household_visible(scope))
    ).one_or_none()
    if found is None:
        raise HouseholdNotFound
    household, region_name = found
    people = session.execute(
        select(Person, Membership.relation)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.household_id == household.id)
        .order_by(Person.id != household.householder_id, Person.born_on, Person.id)
    ).all()
    secrets = store.reveal(
        session,
        cipher,
        [household.phone, *(s for person, _ in people for s in (person.citizen_id, person.phone))],
    )
    enrolled = enrolments(session, scope, Enrolment.household_id == household.id)
    row = _row(household, region_name, {}, secrets)
    return HouseholdDetail(
        household=replace(row, schemes=_distinct([place.scheme for place in enrolled])),
        origins=field_origins(session, scope, household.origins),
        members=[_member(person, relation, secrets) for person, relation in people],
        enrolments=enrolled,
        aid=aid_by_year(session, scope, household_id=household.id),
        sources=sources_of_household(session, scope, household.id),
        changes=household_changes(
            session, scope, household.id, [person.id for person, _ in people]
        ),
    )


def _listed() -> "Select[Household, str]":
    return select(Household, func.coalesce(Region.full_name, "")).outerjoin(
        Region, Region.code == Household.region_code
    )


def _narrowed(
    session: Session, cipher: Cipher, scope: Scope, filters: HouseholdFilter
) -> "Select[Household, str]":
    """Return the list's query."""
    query = _listed().where(household_visible(scope))
    if filters.region:
        ranges = organisation.ranges_of(session, codes=[filters.region])
        query = query.where(within(Household.region_code, ranges))
    if filters.category:
        query = query.where(Household.category == filters.category)
    if filters.scheme:
        # Of the viewer's own schemes only: else the filter would tell of the others.
        query = query.where(
            select(Enrolment.id)
            .where(
                Enrolment.household_id == Household.id,
                Enrolment.scheme_code == filters.scheme,
                own(scope, Enrolment.department_code),
            )
            .exists()
        )
    return _searched(session, cipher, query, filters)


def _searched(
    session: Session, cipher: Cipher, query: "Select[Household, str]", filters: HouseholdFilter
) -> "Select[Household, str]":
    """Narrow the query to what is searched for.

    A text of which nothing is left, such as a phone without a digit, finds nobody. A number that
    is nowhere is answered by the same statements as one that is out of the reader's sight.
    """
    for text, condition in (
        (filters.address, _at_address),
        (filters.name, _named),
    ):
        if text is not None:
            query = query.where(condition(text))
    for column, kind, number in (
        (Person.citizen_id, SecretKind.CITIZEN_ID, _plain_number(filters.citizen_id)),
        (Person.phone, SecretKind.PHONE, _plain_phone(filters.phone)),
    ):
        if number is not None:
            secret_id = store.find(session, cipher, kind, number)
            query = query.where(false() if secret_id is None else _has_member(column == secret_id))
    return query


def _at_address(text: str) -> ColumnElement[bool]:
    part = values.words(text, values.ADDRESS_LENGTH)
    return Household.address.ilike(_part(part), escape="\\") if part else false()


def _has_member(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return Household.id.in_(
        select(Membership.household_id)
        .join(Person, Person.id == Membership.person_id)
        .where(condition)
    )


def _named(text: str) -> ColumnElement[bool]:
    """Match households with a member whose name holds the text (`households_with_name`, 0002)."""
    part = values.name_key(text)
    return Household.id.in_(select(func.households_with_name(part))) if part else false()


def _part(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _plain_phone(text: str | None) -> str | None:
    return None if text is None else values.phone(text) or ""


def _plain_number(text: str | None) -> str | None:
    if text is None:
        return None
    number = citizen_ids.normalise(text)
    if len(number) == citizen_ids.OLD_LENGTH and number.isascii() and number.isdigit():
        return citizen_ids.widen(number)
    return number


def _schemes(
    session: Session, scope: Scope, ids: Sequence[uuid.UUID]
) -> Mapping[uuid.UUID, Sequence[SchemeTag]]:
    rows = session.execute(
        select(Enrolment.household_id, Scheme.code, Scheme.short_name)
        .join(Scheme, Scheme.code == Enrolment.scheme_code)
        .where(Enrolment.household_id.in_(ids), own(scope, Enrolment.department_code))
        .distinct()
        .order_by(Scheme.code)
    )
    tags: dict[uuid.UUID, list[SchemeTag]] = defaultdict(list)
    for household_id, code, name in rows:
        tags[household_id].append(SchemeTag(code, name))
    return tags


def _distinct(tags: Sequence[SchemeTag]) -> Sequence[SchemeTag]:
    return sorted(set(tags), key=lambda tag: tag.code)


def _row(
    household: Household,
    region_name: str,
    schemes: Mapping[uuid.UUID, Sequence[SchemeTag]],
    secrets: Mapping[uuid.UUID, str],
) -> HouseholdRow:
    return HouseholdRow(
        id=household.id,
        number=household.number,
        region_code=household.region_code,
        region_name=region_name,
        address=household.address,
        householder_id=household.householder_id,
        householder_name=household.householder_name,
        phone=mask_phone(secrets[household.phone]) if household.phone else None,
        member_count=household.member_count,
        category=household.category,
        schemes=schemes.get(household.id, ()),
    )


def _member(person: Person, relation: str | None, secrets: Mapping[uuid.UUID, str]) -> MemberRow:
    return MemberRow(
        id=person.id,
        name=person.name,
        relation=relation,
        sex=person.sex,
        born_on=person.born_on,
        died_on=person.died_on,
        citizen_id=mask_citizen_id(secrets[person.citizen_id]) if person.citizen_id else None,
        phone=mask_phone(secrets[person.phone]) if person.phone else None,
    )
