"""Each department's own household: its number there, and whom it lists under it.

The registry composes one household of all these lists; here they stand as they came. Whom a
department lists together is always in one part of the registry, so only parts are read.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, RowMapping, Select, select, tuple_
from sqlalchemy.orm import Session

from relief.core.scope import Scope
from relief.organisation.models import Department
from relief.registry.errors import HouseholdNotFound
from relief.registry.merging.claims import LEFT_AFTER_DAYS
from relief.registry.models import (
    Household,
    LinkReview,
    Membership,
    Person,
    SourceIdentity,
    SourceLink,
)
from relief.registry.queries.visible import household_visible, own, person_visible
from relief.schemes.models import Scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPerson:
    """Someone whom a department lists under a household number.

    `household_id` and `household_number` are those of the registry.
    """

    id: uuid.UUID
    name: str
    relation: str | None
    household_id: uuid.UUID | None
    household_number: str | None
    place_code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentList:
    """One department's own household. `last_on`: the last day of which its records speak.

    `schemes` are the names of those whose files list it: two households of one department differ
    by them.
    """

    department_name: str
    schemes: Sequence[str]
    household_number: str
    last_on: date | None
    people: Sequence[ListedPerson]


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdLists:
    """A household of the registry beside the lists of which it is made.

    Of each list `absent` are the members whom it does not name.
    """

    household_id: uuid.UUID
    number: str
    householder_name: str
    region_code: int
    members: Sequence[uuid.UUID]
    lists: Sequence[DepartmentList]
    absent: Sequence[Sequence[str]]


def of_household(session: Session, *, scope: Scope, household_id: uuid.UUID) -> HouseholdLists:
    """Return the lists that name a member of a household. Raises HouseholdNotFound. Three queries.

    A department sees its own lists only.
    """
    household = session.scalars(
        select(Household).where(Household.id == household_id, household_visible(scope))
    ).one_or_none()
    if household is None:
        raise HouseholdNotFound
    named = session.execute(
        select(Person.id, Person.name)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.household_id == household_id)
        .order_by(Person.name, Person.id)
    )
    members = {row.id: row.name for row in named}
    mine = (
        select(SourceLink.part_id)
        .join(Membership, Membership.person_id == SourceLink.person_id)
        .where(Membership.household_id == household_id)
    )
    of_part = _lists(session, scope, SourceLink.part_id.in_(mine))
    lists = [one for one in of_part.values() if any(each.id in members for each in one.people)]
    return HouseholdLists(
        household_id=household.id,
        number=household.number,
        householder_name=household.householder_name,
        region_code=household.region_code,
        members=list(members),
        lists=lists,
        absent=[
            [
                name
                for person, name in members.items()
                if person not in {each.id for each in one.people}
            ]
            for one in lists
        ],
    )


def of_claims(
    session: Session, *, scope: Scope, claims: Collection[str], beside: uuid.UUID
) -> Mapping[str, DepartmentList]:
    """Return the lists that claims name (`department|number`), of the part of one identity.

    They hold whom the department lists today, and not whom it once did.
    """
    if not claims:
        return {}
    part = select(SourceLink.part_id).where(SourceLink.identity_id == beside)
    named = [tuple(claim.split("|", 1)) for claim in sorted(claims)]
    return _lists(
        session,
        scope,
        SourceLink.part_id == part.scalar_subquery(),
        tuple_(SourceIdentity.department_code, SourceIdentity.household_number).in_(named),
        only_today=True,
    )


def names_hidden(session: Session, *, scope: Scope, claim: str, review: LinkReview) -> bool:
    """Tell whether somebody is listed there today whom the reader may not see.

    Asked as the registrar: under row security those whom it is about are not there.
    """
    part = select(SourceLink.part_id).where(SourceLink.identity_id == review.identity_id)
    department, _, number = claim.partition("|")
    here = (
        _rows()
        .with_only_columns(SourceIdentity.last_on, person_visible(scope).label("seen"))
        .order_by(None)
        .where(
            SourceLink.part_id == part.scalar_subquery(),
            SourceIdentity.department_code == department,
            SourceIdentity.household_number == number,
        )
    )
    rows = session.execute(here).all()
    newest = max((row.last_on for row in rows if row.last_on), default=None)
    return any(not row.seen and _is_listed(row.last_on, newest) for row in rows)


def _is_listed(last_on: date | None, newest: date | None) -> bool:
    """Tell whether a list still names who was named on a day, as the merge takes it."""
    return last_on is None or newest is None or (newest - last_on).days <= LEFT_AFTER_DAYS


def _lists(
    session: Session, scope: Scope, *conditions: ColumnElement[bool], only_today: bool = False
) -> Mapping[str, DepartmentList]:
    found: dict[str, list[RowMapping]] = defaultdict(list)
    for row in session.execute(_rows().where(*conditions, *_readable(scope))).mappings():
        found[f"{row['department_code']}|{row['household_number']}"].append(row)
    said = {claim: _today(rows) if only_today else rows for claim, rows in found.items()}
    return {claim: _list(said[claim]) for claim in sorted(said)}


def _today(rows: Sequence[RowMapping]) -> Sequence[RowMapping]:
    newest = max((row["last_on"] for row in rows if row["last_on"]), default=None)
    return [row for row in rows if _is_listed(row["last_on"], newest)]


def _rows() -> "Select[*tuple[object, ...]]":
    return (
        select(
            SourceIdentity.department_code,
            SourceIdentity.household_number,
            SourceIdentity.relation,
            SourceIdentity.last_on,
            Department.name.label("department"),
            Scheme.name.label("scheme"),
            Person.id,
            Person.name,
            Person.home_region_code,
            Membership.household_id,
            Household.number,
        )
        .join(SourceLink, SourceLink.identity_id == SourceIdentity.id)
        .join(Person, Person.id == SourceLink.person_id)
        .join(Department, Department.code == SourceIdentity.department_code)
        .join(Scheme, Scheme.code == SourceIdentity.scheme_code)
        .outerjoin(Membership, Membership.person_id == Person.id)
        .outerjoin(Household, Household.id == Membership.household_id)
        .where(SourceIdentity.household_number.is_not(None))
        .order_by(SourceIdentity.last_on.desc().nulls_last(), SourceIdentity.id)
    )


def _readable(scope: Scope) -> tuple[ColumnElement[bool], ...]:
    return person_visible(scope), own(scope, SourceIdentity.department_code)


def _list(rows: Sequence[RowMapping]) -> DepartmentList:
    """Make one list of what its schemes' records say; of a person the newest counts."""
    people: dict[uuid.UUID, RowMapping] = {}
    for row in rows:
        people.setdefault(row["id"], row)
    return DepartmentList(
        department_name=rows[0]["department"],
        schemes=sorted({row["scheme"] for row in rows}),
        household_number=rows[0]["household_number"],
        last_on=max((row["last_on"] for row in rows if row["last_on"]), default=None),
        people=[
            ListedPerson(
                id=row["id"],
                name=row["name"],
                relation=row["relation"],
                household_id=row["household_id"],
                household_number=row["number"],
                place_code=row["home_region_code"],
            )
            for row in sorted(
                people.values(), key=lambda row: (row["relation"] or "99", row["name"])
            )
        ],
    )
