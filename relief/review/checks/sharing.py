"""How many households have an account, a phone or an address in common. Counts, and no names."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import and_, distinct, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from relief.registry.models import Household, Membership, Person
from relief.review.checks.facts import Shared


def of(session: Session, people: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Shared]:
    """Return person → how many households share what is theirs, themselves counted. Three queries.

    Who is in no household is one by themselves.
    """
    accounts = _alike(session, Person.account, people)
    phones = _alike(session, Person.phone, people)
    addresses = _neighbours(session, people)
    return {
        one: Shared(
            account=accounts.get(one, 0),
            phone=phones.get(one, 0),
            address=addresses.get(one, 0),
        )
        for one in people
    }


def most(each: Iterable[Shared], *, payee: int = 0) -> Shared:
    """Return for a family the most that any of its members shares.

    `payee`: how many households have the account that is to be paid into.
    """
    found = list(each)
    return Shared(
        account=max([payee, *(one.account for one in found)]),
        phone=max((one.phone for one in found), default=0),
        address=max((one.address for one in found), default=0),
    )


def _alike(
    session: Session,
    column: InstrumentedAttribute[uuid.UUID | None],
    people: Collection[uuid.UUID],
) -> Mapping[uuid.UUID, int]:
    """Return person → how many households have the same value, found by the column's index."""
    mine = aliased(Person)
    rows = session.execute(
        select(mine.id, func.count(distinct(func.coalesce(Membership.household_id, Person.id))))
        .select_from(mine)
        .join(Person, column == getattr(mine, column.key))
        .outerjoin(Membership, Membership.person_id == Person.id)
        .where(mine.id.in_(people))
        .group_by(mine.id)
    )
    return _counts(rows)


def _neighbours(session: Session, people: Collection[uuid.UUID]) -> Mapping[uuid.UUID, int]:
    """Return person → how many households of the village have the same address."""
    mine = aliased(Household)
    same = and_(Household.region_code == mine.region_code, Household.address == mine.address)
    rows = session.execute(
        select(Membership.person_id, func.count(distinct(Household.id)))
        .join(mine, mine.id == Membership.household_id)
        .join(Household, same)
        .where(Membership.person_id.in_(people))
        .group_by(Membership.person_id)
    )
    return _counts(rows)


def _counts(rows: Iterable[Any]) -> Mapping[uuid.UUID, int]:
    return {row[0]: row[1] for row in rows}
