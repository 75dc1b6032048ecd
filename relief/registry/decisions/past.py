"""What was decided: of a person, by an account, or all of it, newest first."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from relief.accounts.models import Account
from relief.core.paging import Page, cut, id_after
from relief.core.scope import Scope, within
from relief.registry.models import LinkDecision
from relief.registry.types import ActKind, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRow:
    """One act of a steward."""

    act_id: uuid.UUID
    kind: ActKind
    verdict: Verdict
    person_id: uuid.UUID
    other_id: uuid.UUID | None
    reason: str
    decided_by: uuid.UUID
    decider: str
    decided_at: datetime
    withdrawn_at: datetime | None
    withdrawn_reason: str | None


def act(session: Session, act_id: uuid.UUID) -> ActRow | None:
    """Return one act. One query."""
    return next(iter(_acts(session, LinkDecision.act_id == act_id, limit=1)), None)


def about(
    session: Session, *, scope: Scope, person_id: uuid.UUID, limit: int = 20
) -> Sequence[ActRow]:
    """Return what was decided about a person, newest first, withdrawn acts too. One query."""
    return _acts(
        session,
        _in_scope(scope),
        or_(LinkDecision.person_id == person_id, LinkDecision.other_id == person_id),
        limit=limit,
    )


def listed(
    session: Session, *, scope: Scope, limit: int, cursor: str | None = None
) -> Page[ActRow]:
    """Return one page of acts in scope, newest first. One query."""
    after = [LinkDecision.act_id < id_after(cursor)] if cursor else []
    rows = _acts(session, _in_scope(scope), *after, limit=limit + 1)
    return cut(rows, limit=limit, key=lambda row: str(row.act_id), make=lambda row: row)


def last(session: Session, *, scope: Scope, account_id: uuid.UUID) -> ActRow | None:
    """Return what an account decided last in the queue and has not withdrawn."""
    mine = (
        LinkDecision.decided_by == account_id,
        LinkDecision.kind.in_((ActKind.REVIEW, ActKind.HOME)),
        LinkDecision.withdrawn_at.is_(None),
    )
    return next(iter(_acts(session, _in_scope(scope), *mine, limit=1)), None)


def _in_scope(scope: Scope) -> ColumnElement[bool]:
    return within(LinkDecision.region_code, scope.ranges if scope.department_code is None else ())


def _acts(session: Session, *conditions: ColumnElement[bool], limit: int) -> Sequence[ActRow]:
    """Return acts by one of their rows each: the rows of an act say the same but for the pair."""
    newest = (
        select(LinkDecision.id)
        .where(*conditions)
        .ext(distinct_on(LinkDecision.act_id))
        .order_by(LinkDecision.act_id.desc())
        .limit(limit)
        .subquery()
    )
    rows = session.execute(
        select(LinkDecision, Account.display_name)
        .join(newest, newest.c.id == LinkDecision.id)
        .join(Account, Account.id == LinkDecision.decided_by)
        .order_by(LinkDecision.act_id.desc())
    )
    return [
        ActRow(
            act_id=row.act_id,
            kind=row.kind,
            verdict=row.verdict,
            person_id=row.person_id,
            other_id=row.other_id,
            reason=row.reason,
            decided_by=row.decided_by,
            decider=decider,
            decided_at=row.decided_at,
            withdrawn_at=row.withdrawn_at,
            withdrawn_reason=row.withdrawn_reason,
        )
        for row, decider in rows
    ]
