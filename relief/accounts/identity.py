"""Who a session token belongs to, what they may do and which households they may see."""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Date,
    DateTime,
    LargeBinary,
    String,
    bindparam,
    case,
    cast,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session

from relief.accounts.delegation import StandIn, delegated, in_force, stand_ins
from relief.accounts.models import (
    Account,
    AccountRegion,
    AccountRole,
    AccountTotp,
    StaffSession,
)
from relief.accounts.permissions import SEES_ALL_HOUSEHOLDS, Permission, permissions_of
from relief.accounts.types import Post, Role, Stage
from relief.core.clock import local_date
from relief.core.scope import RegionRange, Scope
from relief.core.sign_in_rules import DEFAULT_RULES, SignInRules
from relief.organisation.models import Department, FunctionalZonePart, Region
from relief.organisation.queries import without_nested

_WHOLE_CITY = 10**8  # how many codes one city's subtree spans
_ROLES = (
    select(func.array_agg(AccountRole.role))
    .where(AccountRole.account_id == Account.id)
    .scalar_subquery()
)
_AS_REGION = case(
    (AccountRegion.code.regexp_match("^[0-9]{12}$"), cast(AccountRegion.code, BigInteger))
)
# [code, code_end] of each region of the account, and of each that its zones are made of.
_RANGES = (
    select(
        func.array_agg(array([Region.code, Region.code_end]), type_=ARRAY(BigInteger, dimensions=2))
    )
    .select_from(AccountRegion)
    .outerjoin(FunctionalZonePart, FunctionalZonePart.zone_code == AccountRegion.code)
    .join(Region, Region.code == func.coalesce(FunctionalZonePart.region_code, _AS_REGION))
    .where(AccountRegion.account_id == Account.id)
    .scalar_subquery()
)
_PRESENTED = bindparam("presented", type_=LargeBinary())
_NOW = bindparam("now", type_=DateTime(timezone=True))
_TODAY = bindparam("today", type_=Date())
# Who holds a session. Built once: every request asks it, and building it takes longer than the
# database does to answer.
_HELD = (
    select(
        Account,
        StaffSession.last_seen_at,
        StaffSession.second_factor,
        StaffSession.confirmed_at,
        AccountTotp.confirmed_at,
        Department.name,
        Department.sees_all_households,
        _ROLES,
        _RANGES,
        in_force(_TODAY),
    )
    .join(StaffSession, StaffSession.account_id == Account.id)
    .outerjoin(Department, Department.code == Account.department_code)
    .outerjoin(AccountTotp, AccountTotp.account_id == Account.id)
    .where(
        StaffSession.token_hash == _PRESENTED,
        StaffSession.kind == bindparam("kind", type_=String()),
        StaffSession.ended_at.is_(None),
        StaffSession.expires_at > _NOW,
        StaffSession.last_seen_at > bindparam("idle_since", type_=DateTime(timezone=True)),
        Account.disabled_at.is_(None),
    )
)
NO_SCOPE = Scope(ranges=(), department_code=None)


@dataclass(frozen=True, slots=True)
class SessionPolicy:
    """How long sessions live, and how many wrong passwords are borne."""

    idle: timedelta = timedelta(minutes=15)
    absolute: timedelta = timedelta(hours=12)
    touch_every: timedelta = timedelta(minutes=1)
    keep_ended: timedelta = timedelta(days=30)
    failures: int = 5  # of one name from one address, then a block
    address_failures: int = 100  # of one address, which an office may share, whatever the names
    blocked_for: timedelta = timedelta(minutes=10)
    window: timedelta = timedelta(hours=1)
    step_up: timedelta = timedelta(minutes=5)  # how long a proof of who one is stays fresh
    fill_in: timedelta = timedelta(minutes=2)  # of it, what a form that is shown must have left


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
    stage: Stage = Stage.FULL
    has_second_factor: bool = False
    confirmed_at: datetime | None = None
    acts_for: tuple[StandIn, ...] = ()  # today, in cases

    @property
    def roles_in_cases(self) -> frozenset[Role]:
        """Return the roles in which stages of cases wait for the actor: their own, and others'."""
        return self.roles.union(*(one.roles for one in self.acts_for))

    def fresh(
        self, now: datetime, *, to_fill_in: bool = False, policy: SessionPolicy = POLICY
    ) -> bool:
        """Tell whether they proved who they are just now; `to_fill_in`: with time for a form."""
        lasts = policy.step_up - (policy.fill_in if to_fill_in else timedelta())
        return self.confirmed_at is not None and now - self.confirmed_at <= lasts

    def may(self, permission: Permission) -> bool:
        """Tell whether the account's roles include a permission."""
        return permission in self.permissions

    @property
    def whole_city(self) -> bool:
        """Tell whether the account works in the whole city: a department's file has no region."""
        return any(part.hi - part.lo >= _WHOLE_CITY for part in self.scope.ranges)

    @property
    def whole_system(self) -> bool:
        """Tell whether the account sees what the system does anywhere: by its work or its post."""
        return self.whole_city or Role.SYSTEM_ADMIN in self.roles

    @property
    def trail_ranges(self) -> tuple[RegionRange, ...] | None:
        """Return of which regions the account reads the audit trail; None: all of it.

        The audit administrator keeps the whole trail; an auditor audits the own regions.
        """
        if Role.AUDIT_ADMIN in self.roles or self.whole_city:
            return None
        return self.scope.ranges


def token_hash(token: str) -> bytes:
    """Return what is stored of a session token."""
    return hashlib.sha256(token.encode()).digest()


def look_up(
    session: Session,
    token: str,
    *,
    kind: str,
    now: datetime,
    policy: SessionPolicy = POLICY,
    rules: SignInRules = DEFAULT_RULES,
) -> Actor | None:
    """Return who holds a live session of this kind, with roles as they are at this moment.

    One query; and one update a minute, which remembers that the session is in use.
    """
    presented = token_hash(token)
    row = session.execute(
        _HELD,
        {
            "presented": presented,
            "kind": kind,
            "now": now,
            "idle_since": now - policy.idle,
            "today": local_date(now),
        },
    ).one_or_none()
    if row is None:
        return None
    account, last_seen_at, second_factor, confirmed_at, enrolled_at, *placed = row
    department_name, sees_all, role_names, ranges, standing = placed
    acts_for = stand_ins(standing or ())
    if last_seen_at <= now - policy.touch_every:
        session.execute(
            update(StaffSession)
            .where(StaffSession.token_hash == presented)
            .values(last_seen_at=now)
        )
    roles = frozenset(Role(name) for name in role_names or ())
    return Actor(
        id=account.id,
        username=account.username,
        display_name=account.display_name,
        post=account.post,
        roles=roles,
        permissions=permissions_of(roles) | delegated(acts_for),
        department_code=account.department_code,
        department_name=department_name,
        scope=_scope(account, roles, ranges or (), sees_all=bool(sees_all)),
        session_hash=presented,
        stage=_stage(
            account,
            roles.union(*(one.roles for one in acts_for)),
            enrolled=enrolled_at is not None,
            second_factor=second_factor,
            now=now,
            rules=rules,
        ),
        has_second_factor=enrolled_at is not None,
        confirmed_at=confirmed_at,
        acts_for=acts_for,
    )


def _stage(
    account: Account,
    roles: frozenset[Role],
    *,
    enrolled: bool,
    second_factor: bool,
    now: datetime,
    rules: SignInRules,
) -> Stage:
    """Tell what a session still lacks."""
    if enrolled and not second_factor:
        return Stage.CODE
    lasts = timedelta(days=rules.password_days)
    if account.must_change_password or (lasts and now >= account.password_set_at + lasts):
        return Stage.PASSWORD
    if not enrolled and roles & rules.second_factor_roles:
        return Stage.ENROLMENT
    return Stage.FULL


def scope_of(session: Session, account: Account) -> Scope:
    """Return which households an account may see, by its roles, department and regions."""
    sees_all, role_names, ranges = session.execute(
        select(Department.sees_all_households, _ROLES, _RANGES)
        .select_from(Account)
        .outerjoin(Department, Department.code == Account.department_code)
        .where(Account.id == account.id)
    ).one()
    roles = frozenset(Role(name) for name in role_names or ())
    return _scope(account, roles, ranges or (), sees_all=bool(sees_all))


def _scope(
    account: Account,
    roles: frozenset[Role],
    ranges: Iterable[Sequence[int]],
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
        ranges=without_nested(RegionRange(lo, hi) for lo, hi in ranges),
        department_code=None if everyone else account.department_code,
    )
