"""Reading extensions: for the clocks, for the page of a case, and who is to answer."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, cast, exists, or_, select
from sqlalchemy.orm import Session, aliased

from relief.accounts.models import Account, AccountRegion, AccountRole
from relief.accounts.types import Role
from relief.organisation.models import FunctionalZonePart, Region
from relief.review.extending.models import CaseExtension


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionRow:
    """An extension as the page of its case shows it. `agreed`: None while it is not answered."""

    stage_code: str
    department_code: str
    days: int
    reason: str
    asked_by: str
    asked_by_id: uuid.UUID
    asked_at: datetime
    agreed: bool | None
    answered_by: str | None
    answered_at: datetime | None
    answer: str | None


def agreed(session: Session, ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, CaseExtension]:
    """Return case → the extension that was agreed to, of some cases. One query."""
    rows = session.scalars(
        select(CaseExtension).where(CaseExtension.case_id.in_(ids), CaseExtension.agreed.is_(True))
    )
    return {row.case_id: row for row in rows}


def extension_of(session: Session, *, case_id: uuid.UUID) -> ExtensionRow | None:
    """Return the extension of a case that was asked for, if one was. One query."""
    other = aliased(Account)
    found = session.execute(
        select(CaseExtension, Account.display_name, other.display_name)
        .join(Account, Account.id == CaseExtension.asked_by)
        .outerjoin(other, other.id == CaseExtension.answered_by)
        .where(CaseExtension.case_id == case_id)
    ).one_or_none()
    if found is None:
        return None
    row, asked_by, answered_by = found
    return ExtensionRow(
        stage_code=row.stage_code,
        department_code=row.department_code,
        days=row.days,
        reason=row.reason,
        asked_by=asked_by,
        asked_by_id=row.asked_by,
        asked_at=row.asked_at,
        agreed=row.agreed,
        answered_by=answered_by,
        answered_at=row.answered_at,
        answer=row.answer,
    )


def approvers(session: Session, *, department_code: str, region_code: int) -> Sequence[uuid.UUID]:
    """Return the approvers in use of a department whose regions hold a place. One query."""
    in_zone = exists().where(
        FunctionalZonePart.zone_code == AccountRegion.code,
        FunctionalZonePart.region_code == Region.code,
    )
    return session.scalars(
        select(Account.id)
        .join(AccountRole, AccountRole.account_id == Account.id)
        .join(AccountRegion, AccountRegion.account_id == Account.id)
        .join(Region, or_(cast(Region.code, String()) == AccountRegion.code, in_zone))
        .where(
            Account.department_code == department_code,
            Account.disabled_at.is_(None),
            AccountRole.role == Role.APPROVER,
            Region.code <= region_code,
            Region.code_end > region_code,
        )
        .distinct()
        .order_by(Account.id)
    ).all()
