"""Finds offices at which nobody could act: no account in use has the role, place and office."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.accounts.models import Account, AccountRegion, AccountRole
from relief.accounts.types import Role
from relief.core.scope import RegionRange
from relief.organisation import queries as organisation
from relief.organisation.models import Region, RegionLevel
from relief.schemes.catalogue import Catalogue
from relief.schemes.models import Scheme
from relief.schemes.owners import departments_of, role_of

ROLES = (Role.CLERK, Role.REVIEWER, Role.APPROVER)


@dataclass(frozen=True, slots=True, order=True)
class Office:
    """Who must be there: someone of a department with a role, in every region of a level.

    Of an owner of two levels, who may be either, the higher: somebody there is enough.
    """

    department_code: str
    role: Role
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Vacancy:
    """An office without anyone in some regions, and for the sake of which schemes it is needed."""

    office: Office
    schemes: Sequence[str]
    regions: Sequence[str]
    of: int

    def as_json(self) -> dict[str, Any]:
        """Return it as one JSON object."""
        return {
            "department": self.office.department_code,
            "role": self.office.role,
            "schemes": list(self.schemes),
            "regions": list(self.regions),
            "of": self.of,
        }


def vacancies(session: Session, catalogue: Catalogue) -> list[Vacancy]:
    """Return the offices that lack somebody somewhere, by department.

    Two queries, and one for each department and role that has staff.
    """
    regions = session.execute(
        select(Region.code, Region.full_name, Region.level)
        .where(Region.level.in_([RegionLevel.COUNTY, RegionLevel.TOWNSHIP]))
        .order_by(Region.code)
    ).all()
    needed: dict[Office, list[str]] = defaultdict(list)
    for scheme in catalogue.schemes:
        for office in sorted(set(_offices(catalogue, scheme))):
            needed[office].append(scheme.code)
    staff = _staff(session)
    found = []
    for office, schemes in sorted(needed.items()):
        ranges = staff.get((office.department_code, office.role), [])
        there = [row for row in regions if row.level.value == office.level]
        empty = [row.full_name for row in there if not any(row.code in one for one in ranges)]
        if empty:
            found.append(Vacancy(office=office, schemes=schemes, regions=empty, of=len(there)))
    return found


def _offices(catalogue: Catalogue, scheme: Scheme) -> Iterator[Office]:
    plan = catalogue.plans.get(scheme.procedure_code)
    if plan is None:
        return
    for stage in plan.stages:
        owner = catalogue.owners[stage.owner]
        for department in departments_of(owner, scheme, plan.procedure):
            yield Office(department, role_of(stage, owner), owner.levels[-1])


def _staff(session: Session) -> Mapping[tuple[str, Role], Sequence[RegionRange]]:
    """Return where those work who may sign in, by department and role."""
    rows = session.execute(
        select(Account.department_code, AccountRole.role, AccountRegion.code)
        .join(AccountRole, AccountRole.account_id == Account.id)
        .join(AccountRegion, AccountRegion.account_id == Account.id)
        .where(
            Account.disabled_at.is_(None),
            Account.department_code.is_not(None),
            AccountRole.role.in_(ROLES),
        )
        .distinct()
    ).all()
    codes: dict[tuple[str, Role], set[str]] = defaultdict(set)
    for row in rows:
        codes[row.department_code, row.role].add(row.code)
    return {who: organisation.ranges_of(session, codes=where) for who, where in codes.items()}
