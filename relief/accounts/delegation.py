"""Delegation during leave (请假期间委托代办): who stands in for whom in cases, and on which days.

Only roles of the review are delegated, never scope: who stands in sees no household and no region
more. What is in force is asked with each request, so it ends by itself, or at once if withdrawn.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    ScalarSelect,
    Text,
    exists,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, aliased, mapped_column

from relief.accounts.models import Account, AccountRegion, AccountRole
from relief.accounts.permissions import Permission, permissions_of
from relief.accounts.types import Role
from relief.core.db import Base

# The roles that stages of cases wait for; with them goes what one may do in a case that is there.
DELEGABLE = (Role.CLERK, Role.REVIEWER, Role.APPROVER)
_WITH_THEM = frozenset({Permission.SEE_CASES, Permission.WORK_CASES, Permission.DECIDE_CASES})


class Delegation(Base):
    """One account stands in for another in cases; of one delegator, one at a time."""

    __tablename__ = "delegation"
    __table_args__ = (
        ExcludeConstraint(
            ("delegator_id", "="),
            ("days", "&&"),
            name="one_delegation_at_a_time",
            where=text("withdrawn_at IS NULL"),
        ),
        CheckConstraint("delegate_id <> delegator_id", name="two_persons"),
        CheckConstraint(
            "NOT isempty(days) AND NOT lower_inf(days) AND NOT upper_inf(days)", name="from_to"
        ),
        Index(None, "delegate_id", "days"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    delegator_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    delegate_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    days: Mapped[Range[date]] = mapped_column(DATERANGE(), comment="the last one not included")
    reason: Mapped[str] = mapped_column(Text())
    created_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class StandIn:
    """For whom somebody stands in today, and in which of the roles of a review."""

    id: uuid.UUID
    name: str
    roles: frozenset[Role]


def in_force(on: ColumnElement[date]) -> ScalarSelect[object]:
    """Return the delegators of the `account` of the query around it, on a day, by role.

    None counts whose account is disabled, whose department is another one meanwhile, or whose
    regions no longer hold all those of the delegate.
    """
    delegator, own = aliased(Account), aliased(AccountRegion)
    elsewhere = exists().where(
        AccountRegion.account_id == Delegation.delegate_id,
        ~exists()
        .where(own.account_id == delegator.id, own.code == AccountRegion.code)
        .correlate(delegator, AccountRegion),
    )
    return (
        select(
            func.jsonb_agg(
                func.jsonb_build_array(delegator.id, delegator.display_name, AccountRole.role),
                type_=JSONB(),
            )
        )
        .select_from(Delegation)
        .join(delegator, delegator.id == Delegation.delegator_id)
        .join(AccountRole, AccountRole.account_id == delegator.id)
        .where(
            Delegation.delegate_id == Account.id,
            Delegation.withdrawn_at.is_(None),
            Delegation.days.contains(on),
            AccountRole.role.in_(DELEGABLE),
            delegator.disabled_at.is_(None),
            delegator.department_code == Account.department_code,
            ~elsewhere,
        )
        .correlate(Account)
        .scalar_subquery()
    )


def stand_ins(rows: Iterable[Sequence[str]]) -> tuple[StandIn, ...]:
    """Return what `in_force` found, one for each delegator, by name."""
    roles: dict[tuple[str, str], set[Role]] = {}
    for account_id, name, role in rows:
        roles.setdefault((name, account_id), set()).add(Role(role))
    return tuple(
        StandIn(uuid.UUID(account_id), name, frozenset(held))
        for (name, account_id), held in sorted(roles.items())
    )


def delegated(standing: Iterable[StandIn]) -> frozenset[Permission]:
    """Return what one may do for others: what is of cases that are there, and nothing else."""
    roles = frozenset[Role]().union(*(one.roles for one in standing))
    return permissions_of(roles) & _WITH_THEM
