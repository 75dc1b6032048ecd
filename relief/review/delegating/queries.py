"""Reading delegations: one's own, and to whom one may delegate."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Row, exists, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased
from sqlalchemy.types import String

from relief.accounts.delegation import DELEGABLE, Delegation
from relief.accounts.models import Account, AccountRegion, AccountRole


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationRow:
    """Who stands in for whom, from the first day up to and including the last."""

    id: uuid.UUID
    delegator_id: uuid.UUID
    delegator: str
    delegate: str
    from_on: date
    until_on: date
    reason: str
    withdrawn_at: datetime | None
    in_force: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """Somebody whom one may ask to stand in."""

    id: uuid.UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What one delegated and what was delegated to one, the newest first; and to whom one may."""

    given: Sequence[DelegationRow]
    received: Sequence[DelegationRow]
    colleagues: Sequence[Colleague]


MOST = 100


def standing(session: Session, *, account_id: uuid.UUID, on: date) -> Standing:
    """Return the last delegations of an account, and its colleagues. Two queries."""
    delegator, delegate = aliased(Account), aliased(Account)
    rows = [
        _row(row, on)
        for row in session.execute(
            select(Delegation, delegator.display_name, delegate.display_name)
            .join(delegator, delegator.id == Delegation.delegator_id)
            .join(delegate, delegate.id == Delegation.delegate_id)
            .where(or_(Delegation.delegator_id == account_id, Delegation.delegate_id == account_id))
            .order_by(Delegation.id.desc())
            .limit(MOST)
        )
    ]
    return Standing(
        given=[row for row in rows if row.delegator_id == account_id],
        received=[row for row in rows if row.delegator_id != account_id],
        colleagues=colleagues(session, account_id=account_id),
    )


def colleagues(session: Session, *, account_id: uuid.UUID) -> Sequence[Colleague]:
    """Return who of the same department and the same regions acts in cases, by name. One query."""
    me = aliased(Account)
    rows = session.execute(
        select(Account.id, Account.display_name)
        .join(me, me.department_code == Account.department_code)
        .where(
            me.id == account_id,
            Account.id != account_id,
            Account.disabled_at.is_(None),
            exists().where(AccountRole.account_id == Account.id, AccountRole.role.in_(DELEGABLE)),
            _regions(Account.id) == _regions(me.id),
        )
        .order_by(Account.display_name, Account.id)
    )
    return [Colleague(id=row.id, name=row.display_name) for row in rows]


def _regions(account_id: InstrumentedAttribute[uuid.UUID]) -> ColumnElement[list[str]]:
    """Return the regions of an account, in one order."""
    region = aliased(AccountRegion)
    return (
        select(func.array_agg(aggregate_order_by(region.code, region.code), type_=ARRAY(String())))
        .where(region.account_id == account_id)
        .scalar_subquery()
    )


def _row(row: Row[Delegation, str, str], on: date) -> DelegationRow:
    found, delegator, delegate = row
    first, after = found.days.lower, found.days.upper
    assert first is not None  # noqa: S101  # a constraint of the table, as is the next
    assert after is not None  # noqa: S101
    return DelegationRow(
        id=found.id,
        delegator_id=found.delegator_id,
        delegator=delegator,
        delegate=delegate,
        from_on=first,
        until_on=after - timedelta(days=1),
        reason=found.reason,
        withdrawn_at=found.withdrawn_at,
        in_force=found.withdrawn_at is None and first <= on < after,
    )
