"""Opening entitlements. Only a decision does; whoever decides calls this in its transaction."""

import uuid
from datetime import date, datetime

from sqlalchemy.dialects.postgresql import Range, insert
from sqlalchemy.orm import Session

from relief.audit import service as audit
from relief.core.ids import new_id
from relief.funds.errors import Overlapping
from relief.funds.models import Entitlement


def open_entitlement(
    session: Session,
    *,
    decision_id: uuid.UUID,
    person_id: uuid.UUID,
    identity_id: uuid.UUID | None,
    scheme_code: str,
    department_code: str,
    region_code: int,
    amount_fen: int,
    per: str | None,
    starts_on: date,
    ends_on: date | None,
    actor_id: uuid.UUID,
    now: datetime,
) -> uuid.UUID:
    """Open what a decision grants, from `starts_on` up to but without `ends_on`.

    The database decides whether there is one already. Raises Overlapping.
    """
    entitlement_id = new_id(now)
    opened = session.scalar(
        insert(Entitlement)
        .values(
            id=entitlement_id,
            decision_id=decision_id,
            person_id=person_id,
            identity_id=identity_id,
            scheme_code=scheme_code,
            department_code=department_code,
            county_code=region_code // 10**6,
            region_code=region_code,
            amount_fen=amount_fen,
            per=per,
            period=Range(starts_on, ends_on, bounds="[)"),
            opened_at=now,
        )
        .on_conflict_do_nothing(constraint="no_overlap")
        .returning(Entitlement.id)
    )
    if opened is None:
        raise Overlapping
    audit.record(
        session,
        "entitlement:opened",
        subject_type="entitlement",
        subject_id=entitlement_id,
        actor_id=actor_id,
        now=now,
        details={
            "decision": str(decision_id),
            "scheme": scheme_code,
            "amount_fen": amount_fen,
            "from": starts_on.isoformat(),
        },
        region_code=region_code,
    )
    return entitlement_id
