"""Reading one's own lists: where they stand, and each case with what became of it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, String, cast, func, select, text
from sqlalchemy.orm import Session

from relief.core.paging import Page, cut, newest_first, number_after
from relief.review.lists.errors import ListNotFound
from relief.review.lists.models import DecisionList, DecisionListEntry
from relief.review.lists.service import KIND
from relief.review.lists.types import EntryStatus, ListStatus, Reason, StopReason
from relief.review.models import Case
from relief.schemes.models import Scheme
from relief.tasks.models import OPEN, Task

_COUNTS = {
    status: select(func.count())
    .where(DecisionListEntry.list_id == DecisionList.id, DecisionListEntry.status == status)
    .scalar_subquery()
    for status in EntryStatus
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    """One list. `working`: a task decides its cases, or waits to; `per`: what the amount is for.

    `earlier` cases were not at the decision when it was drawn; for `beyond` there was no room.
    """

    id: uuid.UUID
    scheme_code: str
    scheme_name: str
    region: str | None
    amount_fen: int
    per: str | None
    reason: str
    digest: str
    status: ListStatus
    stopped_for: StopReason | None
    working: bool
    drawn_at: datetime
    signed_at: datetime | None
    ended_at: datetime | None
    listed: int
    left_out: int
    decided: int
    not_decided: int
    earlier: int
    beyond: int

    @property
    def total(self) -> int:
        """Return how many cases stand on it."""
        return self.listed + self.decided + self.not_decided


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """One case of a list. `changed`: something happened in it since, which ends its being decided.

    The applicant is None where the case is not in the reader's scope any more.
    """

    position: int
    case_id: uuid.UUID
    number: str
    applicant_name: str | None
    region_code: int | None
    amount_fen: int
    starts_on: date
    ends_on: date | None
    doubts: Sequence[Mapping[str, Any]]
    status: EntryStatus
    reason: Reason | None
    note: str | None
    decided_at: datetime | None
    changed: bool


def list_lists(
    session: Session, *, account_id: uuid.UUID, limit: int, cursor: str | None
) -> Page[ListRow]:
    """Return one page of an account's lists, newest first. One query. Raises BadCursor."""
    return newest_first(
        session, _own(account_id), DecisionList.id, limit=limit, cursor=cursor, make=_row
    )


def get_list(session: Session, *, account_id: uuid.UUID, list_id: uuid.UUID) -> ListRow:
    """Return one list of an account. One query. Raises ListNotFound."""
    row = session.execute(_own(account_id).where(DecisionList.id == list_id)).one_or_none()
    if row is None:
        raise ListNotFound
    return _row(*row)


def entries(
    session: Session,
    *,
    account_id: uuid.UUID,
    list_id: uuid.UUID,
    status: EntryStatus | None = None,
    limit: int,
    cursor: str | None,
) -> Page[EntryRow]:
    """Return one page of the cases of an account's list. One query. Raises BadCursor.

    Of a list of somebody else's there is none.
    """
    query = (
        select(DecisionListEntry, Case.applicant_name, Case.region_code, Case.version)
        .join(DecisionList, DecisionList.id == DecisionListEntry.list_id)
        .outerjoin(Case, Case.id == DecisionListEntry.case_id)
        .where(DecisionList.id == list_id, DecisionList.drawn_by == account_id)
        .order_by(DecisionListEntry.position)
        .limit(limit + 1)
    )
    if status is not None:
        query = query.where(DecisionListEntry.status == status)
    if cursor:
        query = query.where(DecisionListEntry.position > number_after(cursor))
    rows = session.execute(query).all()
    return cut(
        rows, limit=limit, key=lambda row: str(row[0].position), make=lambda row: entry_row(*row)
    )


def _own(account_id: uuid.UUID) -> "Select[*tuple[Any, ...]]":
    working = (
        select(Task.id)
        .where(Task.kind == KIND, Task.key == cast(DecisionList.id, String()), text(OPEN))
        .exists()
    )
    return (
        select(DecisionList, Scheme.short_name, Scheme.amount_per, working, *_COUNTS.values())
        .join(Scheme, Scheme.code == DecisionList.scheme_code)
        .where(DecisionList.drawn_by == account_id)
    )


def _row(
    drawn: DecisionList,
    scheme_name: str,
    per: str | None,
    working: bool,  # noqa: FBT001  # a column
    *counts: int,
) -> ListRow:
    return ListRow(
        id=drawn.id,
        scheme_code=drawn.scheme_code,
        scheme_name=scheme_name,
        region=drawn.region,
        amount_fen=drawn.amount_fen,
        per=per,
        reason=drawn.reason,
        digest=drawn.digest.hex(),
        status=drawn.status,
        stopped_for=drawn.stopped_for,
        working=working,
        drawn_at=drawn.drawn_at,
        signed_at=drawn.signed_at,
        ended_at=drawn.ended_at,
        earlier=drawn.earlier,
        beyond=drawn.beyond,
        **{status.value: count for status, count in zip(_COUNTS, counts, strict=True)},
    )


def entry_row(
    entry: DecisionListEntry, name: str | None, region_code: int | None, version: int | None
) -> EntryRow:
    """Return one case of a list, with what is known of it now."""
    waits = entry.status is EntryStatus.LISTED
    return EntryRow(
        position=entry.position,
        case_id=entry.case_id,
        number=entry.number,
        applicant_name=name,
        region_code=region_code,
        amount_fen=entry.amount_fen,
        starts_on=entry.starts_on,
        ends_on=entry.ends_on,
        doubts=entry.doubts,
        status=entry.status,
        reason=entry.reason,
        note=entry.note,
        decided_at=entry.decided_at,
        changed=waits and version != entry.case_version,
    )
