"""Opens and closes many access grounds at once, for the work a merge finds by the thousand.

One audit event stands for all of them: it names how many, and each ground names its work.
"""

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from relief.audit import service as audit
from relief.audit.models import AccessGround, GroundKind
from relief.core.ids import new_id


def open_many(
    session: Session,
    *,
    kind: GroundKind,
    work: Collection[tuple[str, uuid.UUID]],
    purpose: str,
    actor_id: uuid.UUID | None,
    now: datetime,
) -> None:
    """Open a ground for each (reference of the work, person), for whoever may do that work."""
    if not work:
        return
    session.execute(
        insert(AccessGround),
        [
            {
                "id": new_id(now),
                "kind": kind,
                "reference": reference,
                "subject_id": person_id,
                "purpose": purpose,
                "opened_at": now,
                "opened_by": actor_id,
            }
            for reference, person_id in work
        ],
    )
    _record(session, "access_ground:opened", kind, len(work), actor_id=actor_id, now=now)


def close_many(
    session: Session,
    *,
    kind: GroundKind,
    references: Collection[str],
    actor_id: uuid.UUID | None,
    now: datetime,
) -> None:
    """Close the open grounds of all these pieces of work."""
    if not references:
        return
    closed = session.scalars(
        update(AccessGround)
        .where(AccessGround.reference.in_(references), AccessGround.closed_at.is_(None))
        .values(closed_at=now)
        .returning(AccessGround.id)
    ).all()
    _record(session, "access_ground:closed", kind, len(closed), actor_id=actor_id, now=now)


def _record(
    session: Session,
    action: str,
    kind: GroundKind,
    count: int,
    *,
    actor_id: uuid.UUID | None,
    now: datetime,
) -> None:
    audit.record(
        session,
        action,
        subject_type="access_ground",
        subject_id=audit.NOBODY,
        actor_id=actor_id,
        now=now,
        details={"kind": kind.value, "count": count},
    )
