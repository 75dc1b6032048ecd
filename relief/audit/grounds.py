"""Access grounds: the open work that lets someone see a person's unmasked data.

The room that owns a case, task or alert opens its grounds and closes them with it. Without
such work a member of staff asks, and a second person decides.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from relief.audit import service as audit
from relief.audit.errors import (
    AccessRequestDecided,
    AccessRequestNotFound,
    NoOpenGround,
    OwnAccessRequest,
)
from relief.audit.models import AccessGround, AccessRequest, GroundKind
from relief.core.ids import new_id

GRANTED_FOR = timedelta(hours=24)


def open_ground(
    session: Session,
    *,
    kind: GroundKind,
    reference: str,
    person_id: uuid.UUID,
    purpose: str,
    actor_id: uuid.UUID | None,
    now: datetime,
    holder_id: uuid.UUID | None = None,
    expires_at: datetime | None = None,
    region_code: int | None = None,
) -> AccessGround:
    """Let one person's data be seen while some work is open.

    `holder_id` None: by anyone who does that kind of work and has the person in scope.
    `region_code`: the person's, for who audits one county.
    """
    ground = AccessGround(
        id=new_id(now),
        kind=kind,
        reference=reference,
        subject_id=person_id,
        holder_id=holder_id,
        purpose=purpose,
        opened_at=now,
        opened_by=actor_id,
        expires_at=expires_at,
    )
    session.add(ground)
    audit.record(
        session,
        "access_ground:opened",
        subject_type="person",
        subject_id=person_id,
        actor_id=actor_id,
        now=now,
        details={"ground": str(ground.id), "kind": kind.value, "reference": reference},
        region_code=region_code,
    )
    return ground


def close_ground(
    session: Session, *, ground_id: uuid.UUID, actor_id: uuid.UUID | None, now: datetime
) -> None:
    """Close one ground; one that is closed already stays as it is."""
    _close(session, AccessGround.id == ground_id, actor_id=actor_id, now=now)


def close_for(
    session: Session, *, reference: str, actor_id: uuid.UUID | None, now: datetime
) -> int:
    """Close every open ground of a case, task, alert or request, and return how many."""
    return _close(session, AccessGround.reference == reference, actor_id=actor_id, now=now)


def require_ground(
    session: Session,
    *,
    person_id: uuid.UUID,
    actor_id: uuid.UUID,
    works: Collection[GroundKind],
    now: datetime,
) -> AccessGround:
    """Return a ground on which this account may see the person now. Raises NoOpenGround.

    `works`: the kinds of work that the account's posts do; a ground that names no holder is
    theirs only.
    """
    ground = session.scalars(
        select(AccessGround)
        .where(AccessGround.subject_id == person_id, *_usable(actor_id, works, now))
        .order_by(AccessGround.opened_at.desc())
        .limit(1)
        # A ground that is being closed at this moment is waited for, and then does not count.
        .with_for_update(key_share=True, of=AccessGround)
    ).first()
    if ground is None:
        raise NoOpenGround
    return ground


def open_for(
    session: Session,
    *,
    people: Collection[uuid.UUID],
    actor_id: uuid.UUID,
    works: Collection[GroundKind],
    now: datetime,
) -> Sequence[uuid.UUID]:
    """Return the grounds on which an account may see any of these people now. One query."""
    return session.scalars(
        select(AccessGround.id)
        .where(AccessGround.subject_id.in_(people), *_usable(actor_id, works, now))
        .order_by(AccessGround.opened_at, AccessGround.id)
    ).all()


def _usable(
    actor_id: uuid.UUID, works: Collection[GroundKind], now: datetime
) -> tuple[ColumnElement[bool], ...]:
    return (
        AccessGround.closed_at.is_(None),
        AccessGround.opened_at <= now,
        or_(AccessGround.expires_at.is_(None), AccessGround.expires_at > now),
        or_(
            AccessGround.holder_id == actor_id,
            and_(AccessGround.holder_id.is_(None), AccessGround.kind.in_(works)),
        ),
    )


def ask(
    session: Session,
    *,
    person_id: uuid.UUID,
    region_code: int,
    purpose: str,
    actor_id: uuid.UUID,
    now: datetime,
) -> AccessRequest:
    """Ask to see one person's data; `region_code` is the person's, for the approver's scope."""
    request = AccessRequest(
        id=new_id(now),
        subject_id=person_id,
        region_code=region_code,
        purpose=purpose,
        asked_by=actor_id,
        asked_at=now,
    )
    session.add(request)
    audit.record(
        session,
        "access_request:asked",
        subject_type="person",
        subject_id=person_id,
        actor_id=actor_id,
        now=now,
        details={"request": str(request.id)},
        region_code=region_code,
    )
    return request


def lock_request(session: Session, request_id: uuid.UUID) -> AccessRequest:
    """Return a request, locked until the transaction ends. Raises AccessRequestNotFound."""
    request = session.get(AccessRequest, request_id, with_for_update=True)
    if request is None:
        raise AccessRequestNotFound
    return request


def decide(
    session: Session,
    *,
    request: AccessRequest,
    approve: bool,
    reason: str,
    actor_id: uuid.UUID,
    now: datetime,
    granted_for: timedelta = GRANTED_FOR,
) -> AccessRequest:
    """Approve or refuse a locked request; approving opens a ground for who asked.

    Whether the decider has the person in scope is the caller's to check. Raises
    OwnAccessRequest or AccessRequestDecided.
    """
    if request.asked_by == actor_id:
        raise OwnAccessRequest
    if request.decided_at is not None:
        raise AccessRequestDecided
    request.approved = approve
    request.decided_by = actor_id
    request.decided_at = now
    request.reason = reason
    if approve:
        ground = open_ground(
            session,
            kind=GroundKind.REQUEST,
            reference=str(request.id),
            person_id=request.subject_id,
            purpose=request.purpose,
            holder_id=request.asked_by,
            expires_at=now + granted_for,
            actor_id=actor_id,
            now=now,
            region_code=request.region_code,
        )
        request.ground_id = ground.id
    audit.record(
        session,
        "access_request:approved" if approve else "access_request:refused",
        subject_type="person",
        subject_id=request.subject_id,
        actor_id=actor_id,
        now=now,
        details={"request": str(request.id), "reason": reason},
        region_code=request.region_code,
    )
    return request


def _close(
    session: Session, condition: ColumnElement[bool], *, actor_id: uuid.UUID | None, now: datetime
) -> int:
    closed = session.execute(
        update(AccessGround)
        .where(condition, AccessGround.closed_at.is_(None))
        .values(closed_at=now)
        .returning(AccessGround.id, AccessGround.subject_id)
    ).all()
    for ground_id, person_id in closed:
        audit.record(
            session,
            "access_ground:closed",
            subject_type="person",
            subject_id=person_id,
            actor_id=actor_id,
            now=now,
            details={"ground": str(ground_id)},
        )
    return len(closed)
