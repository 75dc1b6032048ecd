"""Telling an office that somebody was referred to it, or waits too long; without a word of them."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import String, cast, exists, or_, select
from sqlalchemy.orm import Session

from relief.accounts.models import Account, AccountRegion, AccountRole
from relief.accounts.types import Role
from relief.core.clock import local_date
from relief.notifications import service as notifications
from relief.notifications.service import Notice
from relief.organisation.models import FunctionalZonePart, Region
from relief.review.referring.models import Referral
from relief.review.referring.types import ReferralStatus

TITLE = "收到转介，请及时接收"
BODY = "有人转介到本单位，等待接收。先提供救助，再查明情况；不接收的须说明理由。"
LATE_TITLE = "转介逾期没有答复"
LATE_BODY = "转介到本单位的人已超过答复期限，还没有接收、转交或说明理由。逾期不视为不予接收。"
AT_ONCE = 500
_OFFICE = (Role.CLERK, Role.REVIEWER)


def tell(session: Session, row: Referral, *, now: datetime) -> None:
    """Write a notice to each clerk and reviewer of the office. Two statements."""
    told = _offices(session, [row.id], _OFFICE)
    notices = [
        Notice(
            recipient_id=one,
            title=TITLE,
            body=BODY,
            link=link_of(row.id),
            dedupe_key=f"referral:{row.id}:{row.steps}:{one}",
        )
        for one in told.get(row.id, ())
    ]
    notifications.tell(session, notices, now=now)


def mark_late(session: Session, *, now: datetime) -> Mapping[uuid.UUID, Sequence[uuid.UUID]]:
    """Mark some that wait beyond their day as told; return referral → whom to tell of it.

    The office, and its approvers above it; nobody where no account is. Each is told once by each
    office that lets its time pass. Three statements.
    """
    late = session.scalars(
        select(Referral)
        .where(
            Referral.status == ReferralStatus.WAITING,
            Referral.due_on < local_date(now),
            Referral.late_told_at.is_(None),
        )
        .order_by(Referral.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    told = _offices(session, [one.id for one in late], (*_OFFICE, Role.APPROVER))
    for one in late:
        one.late_told_at = now
    session.flush()
    return {one.id: told.get(one.id, ()) for one in late}


def link_of(referral_id: uuid.UUID) -> str:
    """Return the page of a referral."""
    return f"/cases/referrals/{referral_id}"


def _offices(
    session: Session, referrals: Collection[uuid.UUID], roles: Collection[Role]
) -> Mapping[uuid.UUID, Sequence[uuid.UUID]]:
    """Return referral → the accounts in use of its office that hold one of the roles."""
    in_zone = exists().where(
        FunctionalZonePart.zone_code == AccountRegion.code,
        FunctionalZonePart.region_code == Region.code,
    )
    rows = session.execute(
        select(Referral.id, Account.id)
        .join(Account, Account.department_code == Referral.department_code)
        .join(AccountRegion, AccountRegion.account_id == Account.id)
        .join(Region, or_(cast(Region.code, String()) == AccountRegion.code, in_zone))
        .where(
            Referral.id.in_(referrals),
            Account.disabled_at.is_(None),
            Account.id.in_(select(AccountRole.account_id).where(AccountRole.role.in_(roles))),
            Region.code <= Referral.region_code,
            Region.code_end > Referral.region_code,
        )
        .distinct()
        .order_by(Referral.id, Account.id)
    )
    found: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    for referral_id, account_id in rows:
        found[referral_id].append(account_id)
    return found
