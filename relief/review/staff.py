"""Who of the staff of a department is in charge of a place: who may go to a home there."""

import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import String, cast, exists, or_, select
from sqlalchemy.orm import Session, aliased

from relief.accounts.models import Account, AccountRegion, AccountRole
from relief.accounts.types import Role
from relief.organisation.models import FunctionalZonePart, Region


def of_place(
    session: Session,
    *,
    department_code: str,
    region_code: int,
    roles: Collection[Role],
    without: Collection[Role] = (),
) -> Sequence[tuple[uuid.UUID, str]]:
    """Return who in use of a department acts in a place in one of some roles, by name. One query.

    Nobody who has a role of `without`, whatever else they are.
    """
    in_zone = exists().where(
        FunctionalZonePart.zone_code == AccountRegion.code,
        FunctionalZonePart.region_code == Region.code,
    )
    other = aliased(AccountRole)
    barred = exists().where(other.account_id == Account.id, other.role.in_(without))
    rows = session.execute(
        select(Account.id, Account.display_name)
        .join(AccountRole, AccountRole.account_id == Account.id)
        .join(AccountRegion, AccountRegion.account_id == Account.id)
        .join(Region, or_(cast(Region.code, String()) == AccountRegion.code, in_zone))
        .where(
            Account.department_code == department_code,
            Account.disabled_at.is_(None),
            AccountRole.role.in_(roles),
            ~barred,
            Region.code <= region_code,
            Region.code_end > region_code,
        )
        .distinct()
        .order_by(Account.display_name, Account.id)
    )
    return [(row.id, row.display_name) for row in rows]
