"""Reading accounts and sessions."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relief.accounts.errors import AccountNotFound
from relief.accounts.identity import POLICY, SessionPolicy
from relief.accounts.models import (
    Account,
    AccountRegion,
    AccountRole,
    AccountTotp,
    StaffSession,
)
from relief.accounts.types import Post, Role
from relief.core.paging import Page, newest_first


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """One account with its roles and regions."""

    id: uuid.UUID
    username: str
    display_name: str
    post: Post
    department_code: str | None
    roles: Sequence[Role]
    regions: Sequence[str]
    created_at: datetime
    disabled_at: datetime | None
    has_second_factor: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """One open session of an account."""

    id: uuid.UUID
    kind: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    address: str | None
    user_agent: str | None
    current: bool


_ROLES = (
    select(func.array_agg(AccountRole.role))
    .where(AccountRole.account_id == Account.id)
    .scalar_subquery()
)
_ENROLLED = (
    select(AccountTotp.account_id)
    .where(AccountTotp.account_id == Account.id, AccountTotp.confirmed_at.is_not(None))
    .exists()
)
_REGIONS = (
    select(func.array_agg(AccountRegion.code))
    .where(AccountRegion.account_id == Account.id)
    .scalar_subquery()
)


def list_accounts(
    session: Session,
    *,
    limit: int,
    cursor: str | None = None,
    department_code: str | None = None,
) -> Page[AccountRow]:
    """Return one page of accounts, newest first. One query."""
    query = select(Account, _ROLES, _REGIONS, _ENROLLED)
    if department_code:
        query = query.where(Account.department_code == department_code)
    return newest_first(session, query, Account.id, limit=limit, cursor=cursor, make=_row)


def account_detail(session: Session, *, account_id: uuid.UUID) -> AccountRow:
    """Return one account. Raises AccountNotFound."""
    row = session.execute(
        select(Account, _ROLES, _REGIONS, _ENROLLED).where(Account.id == account_id)
    ).one_or_none()
    if row is None:
        raise AccountNotFound
    return _row(*row)


def account_id_of(session: Session, *, username: str) -> uuid.UUID:
    """Return the id of the account with this name. Raises AccountNotFound."""
    found = session.scalar(select(Account.id).where(Account.username == username.strip().lower()))
    if found is None:
        raise AccountNotFound
    return found


def display_names(session: Session, ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Return the names of some accounts, to show who did something. One query."""
    rows = session.execute(select(Account.id, Account.display_name).where(Account.id.in_(ids)))
    return {row.id: row.display_name for row in rows}


def open_sessions(
    session: Session,
    *,
    account_id: uuid.UUID,
    current: bytes,
    now: datetime,
    policy: SessionPolicy = POLICY,
) -> Sequence[SessionRow]:
    """Return an account's live sessions, newest first; `current` is the caller's own."""
    rows = session.scalars(
        select(StaffSession)
        .where(
            StaffSession.account_id == account_id,
            StaffSession.ended_at.is_(None),
            StaffSession.expires_at > now,
            StaffSession.last_seen_at > now - policy.idle,
        )
        .order_by(StaffSession.created_at.desc())
    )
    return [
        SessionRow(
            id=row.id,
            kind=row.kind,
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
            expires_at=row.expires_at,
            address=row.address,
            user_agent=row.user_agent,
            current=bytes(row.token_hash) == current,
        )
        for row in rows
    ]


def _row(
    account: Account,
    roles: list[str] | None,
    regions: list[str] | None,
    enrolled: bool,  # noqa: FBT001  # a column of the row
) -> AccountRow:
    return AccountRow(
        id=account.id,
        username=account.username,
        display_name=account.display_name,
        post=account.post,
        department_code=account.department_code,
        roles=sorted(Role(role) for role in roles or ()),
        regions=sorted(regions or ()),
        created_at=account.created_at,
        disabled_at=account.disabled_at,
        has_second_factor=enrolled,
    )
