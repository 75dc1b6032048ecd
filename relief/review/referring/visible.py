"""Who sees a referral, and whose it is to answer: the one place that says so."""

import uuid

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.core.scope import within
from relief.review.referring.errors import NotReceiving, ReferralAnswered, ReferralNotFound
from relief.review.referring.models import Referral
from relief.review.referring.types import ReferralStatus


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `referral`: of one's office, or through one's own hands."""
    office = within(Referral.region_code, actor.scope.ranges)
    if actor.scope.department_code is not None:
        office = and_(office, Referral.department_code == actor.scope.department_code)
    return or_(office, Referral.hands.contains([actor.id]))


def get(session: Session, actor: Actor, referral_id: uuid.UUID) -> Referral:
    """Return a referral that the actor sees. One query. Raises ReferralNotFound."""
    return _one(session, actor, referral_id, lock=False)


def is_receiving(row: Referral, actor: Actor) -> bool:
    """Tell whether the actor is of the office that a referral was sent to."""
    return row.department_code == actor.department_code and actor.scope.covers(row.region_code)


def hold(
    session: Session, actor: Actor, referral_id: uuid.UUID, *statuses: ReferralStatus
) -> Referral:
    """Return a referral for an act of its office, held until the transaction ends.

    `statuses`: in which it may be. Raises ReferralNotFound, NotReceiving, ReferralAnswered.
    """
    row = _one(session, actor, referral_id, lock=True)
    if not is_receiving(row, actor):
        raise NotReceiving
    if row.status not in statuses:
        raise ReferralAnswered
    return row


def _one(session: Session, actor: Actor, referral_id: uuid.UUID, *, lock: bool) -> Referral:
    query = select(Referral).where(Referral.id == referral_id, seen_by(actor))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise ReferralNotFound
    return found
