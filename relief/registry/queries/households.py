"""The household list and the household page."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, Select, Uuid, any_, distinct, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from relief.core.paging import Page, cut, number_and_id_after
from relief.core.privacy import store
from relief.core.privacy.cipher import Cipher
from relief.core.privacy.masking import mask_citizen_id, mask_phone
from relief.core.scope import Scope, within
from relief.organisation import queries as organisation
from relief.organisation.models import Region
from relief.registry.errors import HouseholdNotFound
from relief.registry.models import Enrolment, Household, Membership, Person
from relief.registry.queries.aid import aid_by_year, enrolments
from relief.registry.queries.history import household_changes
from relief.registry.queries.rows import HouseholdDetail, HouseholdRow, MemberRow, SchemeTag
from relief.registry.queries.searching import HouseholdFilter, page_of_ids, searched
from relief.registry.queries.sources import field_origins, sources_of_household
from relief.registry.queries.visible import household_visible, own
from relief.schemes.models import Scheme

# What of a household a line is made of: for thousands of lines, without thousands of objects.
COLUMNS = (
    Household.id,
    Household.number,
    Household.region_code,
    Household.address,
    Household.householder_id,
    Household.householder_name,
    Household.phone,
    Household.member_count,
    Household.category,
)
_BETWEEN, _END = "\t", "\n"  # of code and name, and of schemes: neither holds them
REGION_NAME = func.coalesce(Region.full_name, "")


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
    after = number_and_id_after(cursor) if cursor else None
    ids = page_of_ids(session, scope, filters, after=after, most=limit + 1)
    if ids is not None:
        query = _listed().where(household_visible(scope), Household.id.in_(select(ids)))
    else:
        query = narrowed(session, cipher, scope, filters)
        if after:
            query = query.where(tuple_(Household.region_code, Household.id) > after)
    rows = session.execute(
        query.order_by(Household.region_code, Household.id).limit(limit + 1)
    ).all()
    made = rows_of(session, cipher, scope, rows[:limit])
    return cut(
        rows,
        limit=limit,
        key=lambda row: f"{row[0].region_code}.{row[0].id}",
        make=lambda row: made[row[0].id],
    )


def rows_of(
    session: Session, cipher: Cipher, scope: Scope, found: Sequence[Sequence[Any]]
) -> Mapping[uuid.UUID, HouseholdRow]:
    """Return what is shown of households, in their order: (household, region's name). Two queries.

    A household is the object, or its `COLUMNS` as one bundle.
    """
    schemes = _schemes(session, scope, [household.id for household, _ in found])
    phones = store.reveal(session, cipher, [household.phone for household, _ in found])
    return {household.id: _row(household, name, schemes, phones) for household, name in found}


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
    return select(Household, REGION_NAME).outerjoin(Region, Region.code == Household.region_code)


def narrowed(
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
    return searched(session, cipher, query, filters)


def _schemes(
    session: Session, scope: Scope, ids: Sequence[uuid.UUID]
) -> Mapping[uuid.UUID, Sequence[SchemeTag]]:
    # One text a household, and one array however many ids: an export asks for thousands at once.
    tag = Scheme.code + _BETWEEN + Scheme.short_name
    rows = session.execute(
        select(
            Enrolment.household_id,
            func.string_agg(distinct(tag), aggregate_order_by(literal(_END), tag)),
        )
        .join(Scheme, Scheme.code == Enrolment.scheme_code)
        .where(
            Enrolment.household_id == any_(literal(list(ids), ARRAY(Uuid()))),
            own(scope, Enrolment.department_code),
        )
        .group_by(Enrolment.household_id)
    )
    return {household_id: [_tag(text) for text in tags.split(_END)] for household_id, tags in rows}


@lru_cache(maxsize=256)
def _tag(text: str) -> SchemeTag:
    code, _, name = text.partition(_BETWEEN)
    return SchemeTag(code, name)


def _distinct(tags: Sequence[SchemeTag]) -> Sequence[SchemeTag]:
    return sorted(set(tags), key=lambda tag: tag.code)


def _row(
    household: Any,
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
