"""The households in which departments list one person: what a steward chooses from."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import RowMapping, select, tuple_
from sqlalchemy.orm import Session, aliased

from relief.core.scope import Scope
from relief.organisation.models import Department
from relief.registry.models import (
    Household,
    LinkReview,
    Membership,
    Person,
    SourceIdentity,
    SourceLink,
)
from relief.registry.queries.visible import person_visible


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPerson:
    """Someone whom a department lists under a household number."""

    id: uuid.UUID
    name: str
    relation: str | None
    household_number: str | None
    place_code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentList:
    """One department's own household: its number there, and whom it lists."""

    department_name: str
    household_number: str
    people: Sequence[ListedPerson]


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeOption:
    """A household in which departments list the person today.

    `claim` names it in the answer. `followed`: the registry has the person there now; it is the
    proposed answer. `people` counts all, `lists` shows those whom the reader may see.
    """

    claim: str
    followed: bool
    last_on: date | None
    people: int
    lists: Sequence[DepartmentList]


def options(session: Session, *, scope: Scope, review: LinkReview) -> Sequence[HomeOption]:
    """Return what a question of someone's household lets one choose from. One query."""
    found: Sequence[Mapping[str, Any]] = review.evidence.get("options", ())
    of_claim = _listed(session, scope, review, {claim for one in found for claim in one["claims"]})
    return [
        HomeOption(
            claim=one["claim"],
            followed=one["followed"],
            last_on=date.fromisoformat(one["last_on"]) if one["last_on"] else None,
            people=one["people"],
            lists=[of_claim[claim] for claim in one["claims"] if claim in of_claim],
        )
        for one in found
    ]


def _listed(
    session: Session, scope: Scope, review: LinkReview, claims: Collection[str]
) -> Mapping[str, DepartmentList]:
    """Return whom departments list under these numbers: they are all in the person's part."""
    if not claims:
        return {}
    mine = aliased(SourceLink)
    rows = session.execute(
        select(
            SourceIdentity.department_code,
            SourceIdentity.household_number,
            SourceIdentity.relation,
            Department.name.label("department"),
            Person.id,
            Person.name,
            Person.home_region_code,
            Household.number,
        )
        .join(SourceLink, SourceLink.identity_id == SourceIdentity.id)
        .join(mine, mine.part_id == SourceLink.part_id)
        .join(Person, Person.id == SourceLink.person_id)
        .join(Department, Department.code == SourceIdentity.department_code)
        .outerjoin(Membership, Membership.person_id == Person.id)
        .outerjoin(Household, Household.id == Membership.household_id)
        .where(
            mine.identity_id == review.identity_id,
            tuple_(SourceIdentity.department_code, SourceIdentity.household_number).in_(
                [tuple(claim.split("|", 1)) for claim in sorted(claims)]
            ),
            person_visible(scope),
        )
        .order_by(SourceIdentity.last_on.desc(), SourceIdentity.id)
    ).mappings()
    people: dict[str, dict[uuid.UUID, RowMapping]] = defaultdict(dict)
    for row in rows:
        people[f"{row['department_code']}|{row['household_number']}"].setdefault(row["id"], row)
    return {claim: _list(list(listed.values())) for claim, listed in people.items()}


def _list(rows: Sequence[RowMapping]) -> DepartmentList:
    return DepartmentList(
        department_name=rows[0]["department"],
        household_number=rows[0]["household_number"],
        people=[
            ListedPerson(
                id=row["id"],
                name=row["name"],
                relation=row["relation"],
                household_number=row["number"],
                place_code=row["home_region_code"],
            )
            for row in sorted(rows, key=lambda row: (row["relation"] or "99", row["name"]))
        ],
    )
