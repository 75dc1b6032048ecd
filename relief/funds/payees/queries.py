"""Which payee is in force: for decisions, and for whoever pays."""

import uuid
from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.funds.models import Entitlement
from relief.funds.payees.models import CasePayee
from relief.funds.payees.types import PayeeState


def in_force(session: Session, cases: Collection[uuid.UUID]) -> Mapping[uuid.UUID, uuid.UUID]:
    """Return case → the payee in force, of those cases that have one. One query."""
    rows = session.execute(
        select(CasePayee.case_id, CasePayee.id).where(
            CasePayee.case_id.in_(cases), CasePayee.state == PayeeState.IN_FORCE
        )
    )
    return {row.case_id: row.id for row in rows}


def of_entitlements(
    session: Session, entitlements: Collection[uuid.UUID]
) -> Mapping[uuid.UUID, CasePayee]:
    """Return entitlement → its payee, of those that have one, for a roster. One query."""
    rows = session.execute(
        select(Entitlement.id, CasePayee)
        .join(CasePayee, CasePayee.id == Entitlement.payee_id)
        .where(Entitlement.id.in_(entitlements))
    )
    return {row[0]: row[1] for row in rows}
