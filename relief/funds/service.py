"""Opening and changing entitlements. Only a decision does; it calls this in its transaction."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.dialects.postgresql import Range, insert
from sqlalchemy.orm import Session

from relief.audit import service as audit
from relief.core.ids import new_id
from relief.funds.errors import Overlapping
from relief.funds.models import Entitlement


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What one decision grants, from `starts_on` up to but without `ends_on`.

    `closed_by`: the decision that had set this end before its time, where what is granted takes the
    place of something that was already ended.
    """

    decision_id: uuid.UUID
    person_id: uuid.UUID
    identity_id: uuid.UUID | None
    scheme_code: str
    department_code: str
    region_code: int
    amount_fen: int
    per: str | None
    starts_on: date
    ends_on: date | None
    payee_id: uuid.UUID | None = None
    closed_by: uuid.UUID | None = None


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
    payee_id: uuid.UUID | None = None,
) -> uuid.UUID:
    """Open what a decision grants, from `starts_on` up to but without `ends_on`.

    The database decides whether there is one already. Raises Overlapping.
    """
    grant = Grant(
        decision_id=decision_id,
        person_id=person_id,
        identity_id=identity_id,
        scheme_code=scheme_code,
        department_code=department_code,
        region_code=region_code,
        amount_fen=amount_fen,
        per=per,
        starts_on=starts_on,
        ends_on=ends_on,
        payee_id=payee_id,
    )
    opened = open_all(session, [grant], actor_id=actor_id, now=now)
    if decision_id not in opened:
        raise Overlapping
    return opened[decision_id]


def open_all(
    session: Session, grants: Sequence[Grant], *, actor_id: uuid.UUID, now: datetime
) -> Mapping[uuid.UUID, uuid.UUID]:
    """Open what some decisions grant, in one statement; return decision → entitlement.

    One that overlaps with what there is, or with another of them, is not opened.
    """
    if not grants:
        return {}
    rows = session.execute(
        insert(Entitlement)
        .on_conflict_do_nothing(constraint="no_overlap")
        .returning(Entitlement.decision_id, Entitlement.id),
        [
            {
                "id": new_id(now),
                "decision_id": grant.decision_id,
                "person_id": grant.person_id,
                "identity_id": grant.identity_id,
                "scheme_code": grant.scheme_code,
                "department_code": grant.department_code,
                "county_code": grant.region_code // 10**6,
                "region_code": grant.region_code,
                "amount_fen": grant.amount_fen,
                "per": grant.per,
                "period": Range(grant.starts_on, grant.ends_on, bounds="[)"),
                "opened_at": now,
                "payee_id": grant.payee_id,
                "closed_by": grant.closed_by,
            }
            for grant in grants
        ],
    ).all()
    opened = {row.decision_id: row.id for row in rows}
    for grant in grants:
        if grant.decision_id in opened:
            audit.record(
                session,
                "entitlement:opened",
                subject_type="entitlement",
                subject_id=opened[grant.decision_id],
                actor_id=actor_id,
                now=now,
                details={
                    "decision": str(grant.decision_id),
                    "scheme": grant.scheme_code,
                    "amount_fen": grant.amount_fen,
                    "from": grant.starts_on.isoformat(),
                },
                region_code=grant.region_code,
            )
    return opened


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
    note_closed(session, entitlement, first=first, actor_id=actor_id, now=now)
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
        payee_id=entitlement.payee_id,
    )


def note_closed(
    session: Session,
    entitlement: Entitlement,
    *,
    first: date | None,
    actor_id: uuid.UUID,
    now: datetime,
) -> None:
    """Write into the trail that an entitlement was closed. `first`: when it began."""
    until = entitlement.period.upper
    audit.record(
        session,
        "entitlement:closed",
        subject_type="entitlement",
        subject_id=entitlement.id,
        actor_id=actor_id,
        now=now,
        details={
            "decision": str(entitlement.closed_by),
            "scheme": entitlement.scheme_code,
            "amount_fen": entitlement.amount_fen,
            "from": first.isoformat() if first else None,
            "until": until.isoformat() if until else None,
        },
        region_code=entitlement.region_code,
    )
