"""Whose accounts cases pay into, and how many households have each. Counts of others, no names.

Whoever calls this is the registrar, since others' accounts are beyond what a department sees.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import distinct, func, select, union_all
from sqlalchemy.orm import Session, aliased

from relief.funds.payees.models import CasePayee
from relief.funds.payees.types import PEOPLE, PayeeKind, PayeeState
from relief.registry.models import Membership, Person
from relief.review.models import Case

_LIVE = (PayeeState.PROPOSED, PayeeState.IN_FORCE)


@dataclass(frozen=True, slots=True)
class PaidTo:
    """An account that a case pays into, or is to. `households`: that have it, the own too.

    `holder`: whose it is by what was entered. An institution's has no households.
    """

    payee_id: uuid.UUID
    account_id: uuid.UUID
    kind: PayeeKind
    holder: str
    households: int


def paid_to(session: Session, cases: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[PaidTo]]:
    """Return case → its payees, in force and proposed, the newest last. One query.

    Households that have an account are those of the registry, or of another payee. Accounts of
    institutions, hospitals and schools are many people's by nature: theirs are not counted.
    """
    mine, other = aliased(CasePayee), aliased(CasePayee)
    of_mine = (mine.case_id.in_(cases), mine.state.in_(_LIVE), mine.kind.in_(PEOPLE))
    users = union_all(
        select(mine.id, Case.person_id.label("person_id"))
        .join(Case, Case.id == mine.case_id)
        .where(*of_mine),
        select(mine.id, Person.id).join(Person, Person.account == mine.number_id).where(*of_mine),
        select(mine.id, Case.person_id)
        .join(other, other.number_id == mine.number_id)
        .join(Case, Case.id == other.case_id)
        .where(*of_mine, other.state.in_(_LIVE)),
    ).subquery()
    home = func.coalesce(Membership.household_id, users.c.person_id)
    rows = session.execute(
        select(
            CasePayee.case_id,
            CasePayee.id,
            CasePayee.number_id,
            CasePayee.kind,
            CasePayee.holder,
            func.count(distinct(home)).label("households"),
        )
        .outerjoin(users, users.c.id == CasePayee.id)
        .outerjoin(Membership, Membership.person_id == users.c.person_id)
        .where(CasePayee.case_id.in_(cases), CasePayee.state.in_(_LIVE))
        .group_by(CasePayee.id)
        .order_by(CasePayee.id)
    )
    found: dict[uuid.UUID, list[PaidTo]] = defaultdict(list)
    for row in rows:
        found[row.case_id].append(
            PaidTo(
                payee_id=row.id,
                account_id=row.number_id,
                kind=row.kind,
                holder=row.holder,
                households=row.households,
            )
        )
    return found
