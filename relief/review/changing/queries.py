"""Reading what a case granted, and what became of it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from relief.accounts.models import Account
from relief.funds.models import Entitlement
from relief.review.changing.models import EntitlementChange
from relief.review.changing.types import ChangeKind, ChangeState, Excuse, ServedBy
from relief.review.models import CaseDecision
from relief.review.rising.models import RiseEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitlementRow:
    """What was granted, from a day up to and without `ends_on`; no `starts_on`: it never ran."""

    id: uuid.UUID
    amount_fen: int
    per: str | None
    starts_on: date | None
    ends_on: date | None
    closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """A reduction or stop as the page of its case shows it."""

    id: uuid.UUID
    state: ChangeState
    kind: ChangeKind
    amount_fen: int | None
    reason: str
    legal: str
    excuse: Excuse | None
    excuse_proof: str | None
    proposed_by: str
    proposed_at: datetime
    served_on: date | None
    served_by: ServedBy | None
    proof: str | None
    answer_by: date | None
    answer_provisional: bool
    heard_at: datetime | None
    views: str | None
    decided_by: str | None
    decided_at: datetime | None
    decision: str | None
    effective_on: date | None


def entitlements_of(session: Session, *, case_id: uuid.UUID) -> Sequence[EntitlementRow]:
    """Return what a case granted, the first first. One query."""
    rows = session.scalars(
        select(Entitlement)
        .where(_of_case(case_id))
        .order_by(
            Entitlement.opened_at, func.lower(Entitlement.period).nulls_first(), Entitlement.id
        )
    )
    return [
        EntitlementRow(
            id=row.id,
            amount_fen=row.amount_fen,
            per=row.per,
            starts_on=row.period.lower,
            ends_on=row.period.upper,
            closed=row.closed_by is not None,
        )
        for row in rows
    ]


def running(session: Session, *, case_id: uuid.UUID, on: date) -> Entitlement | None:
    """Return the last of what a case granted that has not ended on a day, held for a change."""
    return session.scalars(
        select(Entitlement)
        .where(
            _of_case(case_id),
            or_(func.upper_inf(Entitlement.period), func.upper(Entitlement.period) > on),
        )
        .order_by(func.lower(Entitlement.period).desc())
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def changes_of(session: Session, *, case_id: uuid.UUID) -> Sequence[ChangeRow]:
    """Return the changes of what a case granted, the newest first. One query."""
    other = aliased(Account)
    rows = session.execute(
        select(EntitlementChange, Account.display_name, other.display_name)
        .join(Account, Account.id == EntitlementChange.proposed_by)
        .outerjoin(other, other.id == EntitlementChange.decided_by)
        .where(EntitlementChange.case_id == case_id)
        .order_by(EntitlementChange.decided_at.desc().nulls_first(), EntitlementChange.id.desc())
    )
    return [
        ChangeRow(
            id=row.id,
            state=row.state,
            kind=row.kind,
            amount_fen=row.amount_fen,
            reason=row.reason,
            legal=row.legal,
            excuse=row.excuse,
            excuse_proof=row.excuse_proof,
            proposed_by=proposed_by,
            proposed_at=row.proposed_at,
            served_on=row.served_on,
            served_by=row.served_by,
            proof=row.proof,
            answer_by=row.answer_by,
            answer_provisional=row.answer_provisional,
            heard_at=row.heard_at,
            views=row.views,
            decided_by=decided_by,
            decided_at=row.decided_at,
            decision=row.decision,
            effective_on=row.effective_on,
        )
        for row, proposed_by, decided_by in rows
    ]


def _of_case(case_id: uuid.UUID) -> ColumnElement[bool]:
    """Return the condition on `entitlement`: by the case's decision, a change's or a rise's."""
    # One list of three parts: of three lists with OR between, no index of the decisions is used.
    return Entitlement.decision_id.in_(
        union_all(
            select(CaseDecision.id).where(CaseDecision.case_id == case_id),
            select(EntitlementChange.id).where(EntitlementChange.case_id == case_id),
            select(RiseEntry.decision_id).where(
                RiseEntry.case_id == case_id, RiseEntry.decision_id.is_not(None)
            ),
        )
    )
