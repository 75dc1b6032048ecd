"""Which of those who acted are accounts of the mini program, for who reads the audit trail."""

import uuid
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.audit.models import AuditEvent

CREATED = "mini_account:created"


def of_mini_program(session: Session, ids: Collection[uuid.UUID]) -> frozenset[uuid.UUID]:
    """Return those of `ids` that are accounts of the mini program. One query, none for nobody.

    By the trail itself, which notes each new account: who reads it sees no such account's row.
    """
    if not ids:
        return frozenset()
    rows = session.scalars(
        select(AuditEvent.subject_id).where(
            AuditEvent.subject_type == "mini_account",
            AuditEvent.subject_id.in_(ids),
            AuditEvent.action == CREATED,
        )
    )
    return frozenset(rows)
