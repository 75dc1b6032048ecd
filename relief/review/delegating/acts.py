"""Letting a colleague stand in during leave, and taking that back."""

import uuid
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import Range, insert
from sqlalchemy.orm import Session

from relief.accounts.delegation import DELEGABLE, Delegation
from relief.accounts.identity import Actor
from relief.accounts.models import Account
from relief.audit import service as audit
from relief.core.clock import local_date
from relief.core.ids import new_id
from relief.notifications.service import Notice, tell
from relief.review.delegating import queries
from relief.review.delegating.errors import (
    BadDays,
    DelegatedBefore,
    DelegationChain,
    DelegationNotFound,
    DelegationOver,
    NotColleague,
)
from relief.review.errors import NotYours
from relief.schemes import queries as schemes

LONGEST = "delegation_days_longest"


def delegate(
    session: Session,
    *,
    actor: Actor,
    delegate_id: uuid.UUID,
    from_on: date,
    until_on: date,
    reason: str,
    now: datetime,
) -> uuid.UUID:
    """Let a colleague of the same office act in one's cases on some days; return the id.

    What is delegated is the actor's own roles in cases, as they are on each of these days. Raises
    NotYours for whom no stage waits for; BadDays, NotColleague, DelegationChain, DelegatedBefore.
    """
    if not actor.roles & set(DELEGABLE):
        raise NotYours
    _refuse_days(session, from_on, until_on, local_date(now))
    # In one order for everyone, so that no two can build a chain at the same moment.
    session.execute(
        select(Account.id)
        .where(Account.id.in_((actor.id, delegate_id)))
        .order_by(Account.id)
        .with_for_update()
    )
    known = {one.id: one.name for one in queries.colleagues(session, account_id=actor.id)}
    if delegate_id not in known:
        raise NotColleague
    days = Range(from_on, until_on + timedelta(days=1), bounds="[)")
    chain = select(Delegation.id).where(
        or_(Delegation.delegator_id == delegate_id, Delegation.delegate_id == actor.id),
        Delegation.withdrawn_at.is_(None),
        Delegation.days.overlaps(days),
    )
    if session.scalar(chain.limit(1)) is not None:
        raise DelegationChain
    delegation_id: uuid.UUID | None = session.scalar(
        insert(Delegation)
        .values(
            id=new_id(now),
            delegator_id=actor.id,
            delegate_id=delegate_id,
            days=days,
            reason=reason,
            created_at=now,
        )
        .on_conflict_do_nothing(constraint="one_delegation_at_a_time")
        .returning(Delegation.id)
    )
    if delegation_id is None:
        raise DelegatedBefore
    told = {"from": from_on.isoformat(), "until": until_on.isoformat()}
    _record(session, "delegation:given", actor, now, delegate=str(delegate_id), **told)
    said = f"{actor.display_name}委托您自 {from_on} 至 {until_on} 代为办理，到期自动结束。"
    _tell(session, delegate_id, "请代为办理申请事项", said, f"delegation:{delegation_id}", now=now)
    return delegation_id


def withdraw(
    session: Session, *, actor: Actor, delegation_id: uuid.UUID, now: datetime
) -> uuid.UUID:
    """End one's own delegation at once. Raises DelegationNotFound, DelegationOver."""
    found = session.scalars(
        select(Delegation)
        .where(Delegation.id == delegation_id, Delegation.delegator_id == actor.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise DelegationNotFound
    after = found.days.upper
    if found.withdrawn_at is not None or (after is not None and after <= local_date(now)):
        raise DelegationOver
    found.withdrawn_at = now
    _record(session, "delegation:withdrawn", actor, now, delegate=str(found.delegate_id))
    said = f"{actor.display_name}撤回了委托，您不再代为办理。"
    key = f"delegation-withdrawn:{found.id}"
    _tell(session, found.delegate_id, "委托代办已撤回", said, key, now=now)
    return found.id


def _refuse_days(session: Session, from_on: date, until_on: date, today: date) -> None:
    """Raise BadDays for days that are over, the wrong way round, or too many."""
    if from_on < today or until_on < from_on:
        order = "委托从今天或以后的一天开始，到这一天或以后的一天为止"
        raise BadDays(order)
    longest = int(schemes.parameter(session, LONGEST, on=today))
    if (until_on - from_on).days + 1 > longest:
        too_long = f"一次最多委托 {longest} 天"
        raise BadDays(too_long)


def _tell(
    session: Session, whom: uuid.UUID, title: str, body: str, key: str, *, now: datetime
) -> None:
    notice = Notice(
        recipient_id=whom, title=title, body=body, link="/me/delegations", dedupe_key=key
    )
    tell(session, [notice], now=now)


def _record(session: Session, action: str, actor: Actor, now: datetime, **details: str) -> None:
    audit.record(
        session,
        action,
        subject_type="account",
        subject_id=actor.id,
        actor_id=actor.id,
        now=now,
        details=details,
    )
