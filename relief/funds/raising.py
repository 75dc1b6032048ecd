"""Raising entitlements, some at once: each is closed the day before, and more is opened."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from relief.audit import service as audit
from relief.core.ids import new_id
from relief.funds import service
from relief.funds.errors import Overlapping
from relief.funds.models import BackPay, Entitlement


@dataclass(frozen=True, slots=True, kw_only=True)
class Raise:
    """What one decision makes of an entitlement that the caller holds, from `starts_on` on.

    `back_months`: from then on, so many months were paid by the earlier sum.
    """

    entitlement: Entitlement
    decision_id: uuid.UUID
    amount_fen: int
    starts_on: date
    back_months: int


def raise_all(
    session: Session, raises: Sequence[Raise], *, actor_id: uuid.UUID, now: datetime
) -> Mapping[uuid.UUID, uuid.UUID]:
    """Close what runs and open more in its place; return decision → new entitlement.

    One that began on that day never ran: its period is empty. What is owed is kept beside. A fixed
    number of statements. Raises Overlapping, and then the caller undoes all of them.
    """
    grants = []
    for one in raises:
        before = one.entitlement
        first, after, ended_by = before.period.lower, before.period.upper, before.closed_by
        before.period = Range(first, one.starts_on, bounds="[)")
        before.closed_by = one.decision_id
        service.note_closed(session, before, first=first, actor_id=actor_id, now=now)
        grants.append(
            service.Grant(
                decision_id=one.decision_id,
                person_id=before.person_id,
                identity_id=before.identity_id,
                scheme_code=before.scheme_code,
                department_code=before.department_code,
                region_code=before.region_code,
                amount_fen=one.amount_fen,
                per=before.per,
                starts_on=one.starts_on,
                ends_on=after,
                payee_id=before.payee_id,
                closed_by=ended_by,
            )
        )
    session.flush()
    opened = service.open_all(session, grants, actor_id=actor_id, now=now)
    if len(opened) != len(raises):
        raise Overlapping
    for one in raises:
        if one.back_months:
            _owe(session, one, opened[one.decision_id], actor_id, now)
    return opened


def _owe(
    session: Session, one: Raise, entitlement_id: uuid.UUID, actor_id: uuid.UUID, now: datetime
) -> None:
    monthly = one.amount_fen - one.entitlement.amount_fen
    owed = BackPay(
        id=new_id(now),
        entitlement_id=entitlement_id,
        decision_id=one.decision_id,
        first_month=one.starts_on,
        months=one.back_months,
        monthly_fen=monthly,
        amount_fen=one.back_months * monthly,
        owed_at=now,
    )
    session.add(owed)
    audit.record(
        session,
        "entitlement:back_pay_owed",
        subject_type="entitlement",
        subject_id=entitlement_id,
        actor_id=actor_id,
        now=now,
        details={
            "decision": str(one.decision_id),
            "scheme": one.entitlement.scheme_code,
            "from": owed.first_month.isoformat(),
            "months": owed.months,
            "amount_fen": owed.amount_fen,
        },
        region_code=one.entitlement.region_code,
    )
