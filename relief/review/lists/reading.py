"""Reading signed lists that others signed, as far as they hold cases of the reader's regions.

A list is its signer's own, and row security lets nobody else see it. Who audits a county reads of
each signed list the cases of that county, and no others: as registrar, with the reader's scope in
every query. What is only drawn is nobody's act yet, and stays with who drew it.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from relief.accounts import queries as accounts
from relief.core.paging import Page, cut, newest_first, number_after
from relief.core.registrar import registrar
from relief.core.scope import Scope
from relief.review.lists.errors import ListNotFound
from relief.review.lists.models import DecisionList, DecisionListEntry
from relief.review.lists.queries import EntryRow, entry_row
from relief.review.lists.types import EntryStatus, ListStatus, StopReason
from relief.review.models import Case
from relief.review.visible import case_visible
from relief.schemes.models import Scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedListRow:
    """A list that somebody signed. The counts are of the reader's cases alone."""

    id: uuid.UUID
    scheme_code: str
    scheme_name: str
    department_code: str
    amount_fen: int
    per: str | None
    reason: str
    digest: str
    status: ListStatus
    stopped_for: StopReason | None
    signed_by: str
    drawn_at: datetime
    signed_at: datetime
    ended_at: datetime | None
    listed: int
    left_out: int
    decided: int
    not_decided: int


def list_lists(
    session: Session, *, scope: Scope, limit: int, cursor: str | None
) -> Page[SignedListRow]:
    """Return one page of the signed lists with cases in scope, newest first. Raises BadCursor."""
    with registrar(session):
        page = newest_first(
            session, _signed(scope), DecisionList.id, limit=limit, cursor=cursor, make=_pair
        )
    return Page(_named(session, page.items), page.next_cursor)


def get_list(session: Session, *, scope: Scope, list_id: uuid.UUID) -> SignedListRow:
    """Return one signed list with cases in scope. Raises ListNotFound."""
    with registrar(session):
        row = session.execute(_signed(scope).where(DecisionList.id == list_id)).one_or_none()
    if row is None:
        raise ListNotFound
    return _named(session, [_pair(*row)])[0]


def entries(
    session: Session,
    *,
    scope: Scope,
    list_id: uuid.UUID,
    status: EntryStatus | None = None,
    limit: int,
    cursor: str | None,
) -> Page[EntryRow]:
    """Return one page of a signed list's cases in scope, by position. Raises BadCursor."""
    query = (
        select(DecisionListEntry, Case.applicant_name, Case.region_code, Case.version)
        .join(DecisionList, DecisionList.id == DecisionListEntry.list_id)
        .join(Case, Case.id == DecisionListEntry.case_id)
        .where(DecisionList.id == list_id, DecisionList.signed_at.is_not(None), case_visible(scope))
        .order_by(DecisionListEntry.position)
        .limit(limit + 1)
    )
    if status is not None:
        query = query.where(DecisionListEntry.status == status)
    if cursor:
        query = query.where(DecisionListEntry.position > number_after(cursor))
    with registrar(session):
        rows = session.execute(query).all()
    return cut(
        rows, limit=limit, key=lambda row: str(row[0].position), make=lambda row: entry_row(*row)
    )


def _signed(scope: Scope) -> "Select[*tuple[Any, ...]]":
    counts = [
        select(func.count())
        .where(_here(scope), DecisionListEntry.status == status)
        .correlate(DecisionList)
        .scalar_subquery()
        for status in EntryStatus
    ]
    return (
        select(DecisionList, Scheme.short_name, Scheme.amount_per, *counts)
        .join(Scheme, Scheme.code == DecisionList.scheme_code)
        .where(
            DecisionList.signed_at.is_not(None),
            select(Case.id).where(_here(scope)).correlate(DecisionList).exists(),
        )
    )


def _here(scope: Scope) -> ColumnElement[bool]:
    """Return the condition on entries with their cases: of the list, and in scope."""
    return and_(
        DecisionListEntry.list_id == DecisionList.id,
        Case.id == DecisionListEntry.case_id,
        case_visible(scope),
    )


_Pair = tuple[DecisionList, Mapping[str, Any]]


def _pair(drawn: DecisionList, scheme_name: str, per: str | None, *counts: int) -> _Pair:
    told = {status.value: count for status, count in zip(EntryStatus, counts, strict=True)}
    return drawn, {"scheme_name": scheme_name, "per": per, **told}


def _named(session: Session, pairs: Sequence[_Pair]) -> list[SignedListRow]:
    names = accounts.display_names(session, {drawn.drawn_by for drawn, _ in pairs})
    return [_row(drawn, names[drawn.drawn_by], told) for drawn, told in pairs]


def _row(drawn: DecisionList, signed_by: str, told: Mapping[str, Any]) -> SignedListRow:
    assert drawn.signed_at is not None  # noqa: S101  # as the query asks
    return SignedListRow(
        id=drawn.id,
        scheme_code=drawn.scheme_code,
        department_code=drawn.department_code,
        amount_fen=drawn.amount_fen,
        reason=drawn.reason,
        digest=drawn.digest.hex(),
        status=drawn.status,
        stopped_for=drawn.stopped_for,
        signed_by=signed_by,
        drawn_at=drawn.drawn_at,
        signed_at=drawn.signed_at,
        ended_at=drawn.ended_at,
        **told,
    )
