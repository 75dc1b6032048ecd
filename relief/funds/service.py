"""Opening and changing entitlements. Only a decision does; it calls this in its transaction."""

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


def change_entitlement(
    session: Session,
    *,
    entitlement: Entitlement,
    decision_id: uuid.UUID,
    amount_fen: int | None,
    effective_on: date,
    actor_id: uuid.UUID,
    now: datetime,
) -> uuid.UUID | None:
    """End an entitlement that the caller holds, and open what is left of it; return its id.

    `effective_on`: the first day of less. Without `amount_fen` nothing is left. One that would
    begin only then never ran: its period is empty, and what is left begins when it would have. A
    day on which it ends anyhow stays.
    """
    first, after = entitlement.period.lower, entitlement.period.upper
    starts_on = effective_on if first is None else max(effective_on, first)
    if after is not None:
        starts_on = min(starts_on, after)
    entitlement.period = Range(first, starts_on, bounds="[)")
    entitlement.closed_by = decision_id
    session.flush()
    audit.record(
        session,
        "entitlement:closed",
        subject_type="entitlement",
        subject_id=entitlement.id,
        actor_id=actor_id,
        now=now,
        details={
            "decision": str(decision_id),
            "scheme": entitlement.scheme_code,
            "amount_fen": entitlement.amount_fen,
            "from": first.isoformat() if first else None,
            "until": starts_on.isoformat(),
        },
        region_code=entitlement.region_code,
    )
    if amount_fen is None or starts_on == after:
        return None
    return open_entitlement(
        session,
        decision_id=decision_id,
        person_id=entitlement.person_id,
        identity_id=entitlement.identity_id,
        scheme_code=entitlement.scheme_code,
        department_code=entitlement.department_code,
        region_code=entitlement.region_code,
        amount_fen=amount_fen,
        per=entitlement.per,
        starts_on=starts_on,
        ends_on=after,
        actor_id=actor_id,
        now=now,
    )
