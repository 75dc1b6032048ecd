"""What the audit room keeps by person goes with the person: grounds and requests to see data.

The audit room lies below the registry and knows nothing of source records, so the registry
answers for it (`dependants`). Nothing of this forbids a change: a ground is not a decision.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from relief.audit.models import AccessGround, AccessRequest
from relief.registry.dependants import Homes, Move, Obstacle


class AccessGrounds:
    """Who was let to see someone who is now part of someone else may see that person.

    Of a person taken apart, they stay with the one who keeps the id: it was that one whom the
    asker had on the screen.
    """

    columns = frozenset({"access_ground.subject_id", "access_request.subject_id"})

    def on_batch(self, _session: Session, *, batch_id: uuid.UUID) -> Sequence[Obstacle]:  # noqa: ARG002  # the protocol's
        """Return nothing: a ground ends with its work, whatever becomes of a file."""
        return ()

    def on_people(
        self,
        _session: Session,
        *,
        people: Collection[uuid.UUID],  # noqa: ARG002  # the protocol's
    ) -> Sequence[Obstacle]:
        """Return nothing: a ground forbids no change."""
        return ()

    def follow(
        self,
        session: Session,
        *,
        moves: Sequence[Move],  # noqa: ARG002  # the protocol's
        gone: Mapping[uuid.UUID, uuid.UUID],
        homes: Homes,  # noqa: ARG002  # the protocol's
        now: datetime,  # noqa: ARG002  # the protocol's
    ) -> Sequence[Obstacle]:
        """Move open grounds and undecided requests to who has the records now."""
        for person, heir in gone.items():
            session.execute(
                update(AccessGround)
                .where(AccessGround.subject_id == person, AccessGround.closed_at.is_(None))
                .values(subject_id=heir)
            )
            session.execute(
                update(AccessRequest)
                .where(AccessRequest.subject_id == person, AccessRequest.decided_at.is_(None))
                .values(subject_id=heir)
            )
        return ()
