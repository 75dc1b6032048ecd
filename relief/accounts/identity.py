"""Who a session token belongs to, what they may do and which households they may see."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from relief.accounts.models import Account, AccountRegion, AccountRole, StaffSession
from relief.accounts.permissions import SEES_ALL_HOUSEHOLDS, Permission, permissions_of
from relief.accounts.types import Post, Role
from relief.core.scope import Scope
from relief.organisation import queries as organisation
from relief.organisation.models import Department

_WHOLE_CITY = 10**8  # how many codes one city's subtree spans
NO_SCOPE = Scope(ranges=(), department_code=None)


@dataclass(frozen=True, slots=True)
class SessionPolicy:
    """How long sessions live, and how many wrong passwords are borne."""

    idle: timedelta = timedelta(minutes=15)
    absolute: timedelta = timedelta(hours=12)
    touch_every: timedelta = timedelta(minutes=1)
    keep_ended: timedelta = timedelta(days=30)
    failures: int = 5  # of one name from one address, then a block
    address_failures: int = 20  # of one address, whatever the names
    blocked_for: timedelta = timedelta(minutes=10)
    window: timedelta = timedelta(hours=1)


POLICY = SessionPolicy()


@dataclass(frozen=True, slots=True)
class Actor:
    """The member of staff on whose behalf a request acts."""

    id: uuid.UUID
    username: str
    display_name: str
    post: Post
    roles: frozenset[Role]
    permissions: frozenset[Permission]
    department_code: str | None
    department_name: str | None
    scope: Scope
    session_hash: bytes

    def may(self, permission: Permission) -> bool:
        """Tell whether the account's roles include a permission."""
        return permission in self.permissions

    @property
    def whole_city(self) -> bool:
        """Tell whether the account works in the whole city: a department's file has no region."""
        return any(part.hi - part.lo >= _WHOLE_CITY for part in self.scope.ranges)


def token_hash(token: str) -> bytes:
    """Return what is stored of a session token."""
    return hashlib.sha256(token.encode()).digest()


def look_up(
    session: Session, token: str, *, kind: str, now: datetime, policy: SessionPolicy = POLICY
) -> Actor | None:
    """Return who holds a live session of this kind, with roles as they are at this moment.

    Three queries: the account with its roles, and its regions and zones.
    """
    roles = select(func.array_agg(AccountRole.role)).where(AccountRole.account_id == Account.id)
    regions = select(func.array_agg(AccountRegion.code)).where(
        AccountRegion.account_id == Account.id
    )
    row = session.execute(
        select(
            Account,
            Department.name,
            Department.sees_all_households,
            roles.scalar_subquery(),
            regions.scalar_subquery(),
        )
        .join(StaffSession, StaffSession.account_id == Account.id)
        .outerjoin(Department, Department.code == Account.department_code)
        .where(
            StaffSession.token_hash == token_hash(token),
            StaffSession.kind == kind,
            StaffSession.ended_at.is_(None),
            StaffSession.expires_at > now,
            StaffSession.last_seen_at > now - policy.idle,
            Account.disabled_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    account, department_name, sees_all, role_names, codes = row
    held = frozenset(Role(name) for name in role_names or ())
    return Actor(
        id=account.id,
        username=account.username,
        display_name=account.display_name,
        post=account.post,
        roles=held,
        permissions=permissions_of(held),
        department_code=account.department_code,
        department_name=department_name,
        scope=_scope(session, account, held, codes or (), sees_all=bool(sees_all)),
        session_hash=token_hash(token),
    )


def touch(session: Session, actor: Actor, *, now: datetime, policy: SessionPolicy = POLICY) -> None:
    """Remember that a session is in use, at most once a minute."""
    session.execute(
        update(StaffSession)
        .where(
            StaffSession.token_hash == actor.session_hash,
            StaffSession.last_seen_at <= now - policy.touch_every,
        )
        .values(last_seen_at=now)
    )


def scope_of(session: Session, account: Account) -> Scope:
    """Return which households an account may see, by its roles, department and regions."""
    roles = session.scalars(select(AccountRole.role).where(AccountRole.account_id == account.id))
    codes = session.scalars(
        select(AccountRegion.code).where(AccountRegion.account_id == account.id)
    )
    department = session.get(Department, account.department_code or "")
    return _scope(
        session,
        account,
        frozenset(roles),
        codes.all(),
        sees_all=department is not None and department.sees_all_households,
    )


def _scope(
    session: Session,
    account: Account,
    roles: frozenset[Role],
    codes: Sequence[str],
    *,
    sees_all: bool,
) -> Scope:
    """Apply design decision 7."""
    if Permission.SEE_HOUSEHOLDS not in permissions_of(roles):
        return NO_SCOPE
    everyone = sees_all or bool(roles & SEES_ALL_HOUSEHOLDS)
    if not everyone and account.department_code is None:
        return NO_SCOPE  # neither civil affairs nor any department: no reason to see a household
    return Scope(
        ranges=organisation.ranges_of(session, codes=codes),
        department_code=None if everyone else account.department_code,
    )
