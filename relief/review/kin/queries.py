"""Reading what is filed about kin in one case."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from relief.accounts.models import Account
from relief.review import staff
from relief.review.kin.models import CaseKin, KinVisit
from relief.review.kin.types import VISITORS, KinSource


@dataclass(frozen=True, slots=True, kw_only=True)
class KinRow:
    """Whose kin the family is. `relation`: to the member of staff, GB/T 4761."""

    name: str
    relation: str
    source: KinSource
    found_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KinVisitRow:
    """The county's visit to the home of a case of kin."""

    visited_on: date
    visitors: Sequence[str]
    finding: str


def kin_of(session: Session, *, case_id: uuid.UUID) -> Sequence[KinRow]:
    """Return whose kin the family of a case is, as far as known. One query."""
    rows = session.scalars(
        select(CaseKin).where(CaseKin.case_id == case_id).order_by(CaseKin.found_at, CaseKin.id)
    )
    return [
        KinRow(name=row.name, relation=row.relation, source=row.source, found_at=row.found_at)
        for row in rows
    ]


def visitors(
    session: Session, *, department_code: str, region_code: int
) -> Sequence[tuple[uuid.UUID, str]]:
    """Return who of a department's county offices there may visit, by name. One query."""
    return staff.of_place(
        session, department_code=department_code, region_code=region_code, roles=VISITORS
    )


def visited_by(
    session: Session, *, cases: Collection[uuid.UUID]
) -> Mapping[uuid.UUID, frozenset[uuid.UUID]]:
    """Return case → the two who visited the home, of those whose home was visited. One query."""
    visits = session.scalars(select(KinVisit).where(KinVisit.case_id.in_(cases)))
    return {one.case_id: frozenset((one.visitor_id, one.companion_id)) for one in visits}


def visit_to(session: Session, *, case_id: uuid.UUID) -> KinVisitRow | None:
    """Return the county's visit to a home of kin, or None. One query."""
    other = aliased(Account)
    row = session.execute(
        select(KinVisit, Account.display_name, other.display_name)
        .join(Account, Account.id == KinVisit.visitor_id)
        .join(other, other.id == KinVisit.companion_id)
        .where(KinVisit.case_id == case_id)
    ).one_or_none()
    if row is None:
        return None
    visit, *names = row
    return KinVisitRow(visited_on=visit.visited_on, visitors=names, finding=visit.finding)
