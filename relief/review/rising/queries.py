"""Reading rises: where they stand, and each entitlement with what it would be and became."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, String, case, cast, func, select, text, true
from sqlalchemy.orm import Session, aliased

from relief.accounts.identity import Actor
from relief.accounts.models import Account
from relief.core.paging import Page, cut, newest_first, number_after
from relief.core.scope import within
from relief.organisation.models import Region
from relief.review.kin import locks
from relief.review.lists.types import EntryStatus
from relief.review.models import Case
from relief.review.rising.errors import RiseNotFound
from relief.review.rising.models import RiseEntry, StandardRise
from relief.review.rising.service import KIND, PLACES, visible
from relief.review.rising.types import RiseReason, RiseStatus, RiseStop
from relief.schemes.models import Scheme
from relief.tasks.models import OPEN, Task

_SIGNER = aliased(Account)


@dataclass(frozen=True, slots=True, kw_only=True)
class RiseRow:
    """One rise. `working`: a task works on it, or waits to.

    `more_fen`: what is given more a month, `back_fen`: what is owed, by what stands on its list.
    """

    id: uuid.UUID
    scheme_code: str
    scheme_name: str
    region_code: int
    region_name: str
    effective_on: date
    paid_from: date
    standards: Sequence[Mapping[str, Any]]
    reason: str
    status: RiseStatus
    stopped_for: RiseStop | None
    working: bool
    total: int
    digest: str | None
    drawn_by: str
    drawn_by_id: uuid.UUID
    begun_at: datetime
    drawn_at: datetime | None
    signed_by: str | None
    signed_at: datetime | None
    ended_at: datetime | None
    listed: int
    left_out: int
    decided: int
    not_decided: int
    more_fen: int
    back_fen: int

    @property
    def on_list(self) -> int:
        """Return how many stand on its list, whatever became of them."""
        return self.listed + self.decided + self.not_decided

    @property
    def looked_at(self) -> int:
        """Return how many were worked out."""
        return self.on_list + self.left_out


@dataclass(frozen=True, slots=True, kw_only=True)
class RiseEntryRow:
    """One entitlement of a rise.

    The applicant is None where the case is not open to the reader: out of scope, or of kin.
    """

    position: int
    case_id: uuid.UUID
    number: str
    applicant_name: str | None
    region_code: int
    old_fen: int
    new_fen: int | None
    starts_on: date
    back_months: int
    back_fen: int
    status: EntryStatus
    reason: RiseReason | None
    note: str | None
    decided_at: datetime | None

    @property
    def more_fen(self) -> int | None:
        """Return the difference; None where the rule gives no sum."""
        return None if self.new_fen is None else self.new_fen - self.old_fen


def rises(session: Session, *, actor: Actor, limit: int, cursor: str | None) -> Page[RiseRow]:
    """Return one page of the rises of one's county or city, newest first. One query.

    Raises BadCursor.
    """
    return newest_first(
        session, _rises(actor), StandardRise.id, limit=limit, cursor=cursor, make=_row
    )


def get_rise(session: Session, *, actor: Actor, rise_id: uuid.UUID) -> RiseRow:
    """Return one rise in scope. One query. Raises RiseNotFound."""
    row = session.execute(_rises(actor).where(StandardRise.id == rise_id)).one_or_none()
    if row is None:
        raise RiseNotFound
    return _row(*row)


def places(session: Session, *, actor: Actor) -> Sequence[tuple[int, str]]:
    """Return the city and counties that are an actor's as a whole, as code and name. One query."""
    rows = session.execute(
        select(Region.code, Region.name)
        .where(Region.level.in_(PLACES), within(Region.code, actor.scope.ranges))
        .order_by(Region.code)
    )
    return [(row.code, row.name) for row in rows]


def entries(
    session: Session,
    *,
    actor: Actor,
    rise_id: uuid.UUID,
    status: EntryStatus | None = None,
    reason: RiseReason | None = None,
    limit: int,
    cursor: str | None,
) -> Page[RiseEntryRow]:
    """Return one page of the entitlements of a rise in scope. One query. Raises BadCursor."""
    query = _entries(actor, rise_id, status, reason).limit(limit + 1)
    if cursor:
        query = query.where(RiseEntry.position > number_after(cursor))
    rows = session.execute(query).all()
    return cut(
        rows, limit=limit, key=lambda row: str(row[0].position), make=lambda row: _entry(*row)
    )


def _entries(
    actor: Actor, rise_id: uuid.UUID, status: EntryStatus | None, reason: RiseReason | None
) -> "Select[*tuple[Any, ...]]":
    query = (
        select(RiseEntry, case((locks.open_to(actor.id), Case.applicant_name)))
        .join(StandardRise, StandardRise.id == RiseEntry.rise_id)
        .outerjoin(Case, Case.id == RiseEntry.case_id)
        .where(RiseEntry.rise_id == rise_id, visible(actor.scope))
        .order_by(RiseEntry.position)
    )
    if status is not None:
        query = query.where(RiseEntry.status == status)
    if reason is not None:
        query = query.where(RiseEntry.reason == reason)
    return query


def _rises(actor: Actor) -> "Select[*tuple[Any, ...]]":
    working = (
        select(Task.id)
        .where(Task.kind == KIND, Task.key == cast(StandardRise.id, String()), text(OPEN))
        .exists()
    )
    on_list = RiseEntry.status != EntryStatus.LEFT_OUT
    sums = (
        select(
            *(func.count().filter(RiseEntry.status == one).label(one.value) for one in EntryStatus),
            func.coalesce(func.sum(RiseEntry.new_fen - RiseEntry.old_fen).filter(on_list), 0).label(
                "more_fen"
            ),
            func.coalesce(func.sum(RiseEntry.back_fen).filter(on_list), 0).label("back_fen"),
        )
        .where(RiseEntry.rise_id == StandardRise.id)
        .lateral()
    )
    return (
        select(
            StandardRise,
            Scheme.short_name,
            Region.name,
            Account.display_name,
            _SIGNER.display_name,
            working,
            *sums.c,
        )
        .join(Scheme, Scheme.code == StandardRise.scheme_code)
        .join(Region, Region.code == StandardRise.region_code)
        .join(Account, Account.id == StandardRise.drawn_by)
        .outerjoin(_SIGNER, _SIGNER.id == StandardRise.signed_by)
        .join(sums, true())
        .where(visible(actor.scope))
    )


def _row(rise: StandardRise, *more: Any) -> RiseRow:
    scheme_name, region_name, drawn_by, signed_by, working, *sums = more
    names = (*(one.value for one in EntryStatus), "more_fen", "back_fen")
    return RiseRow(
        id=rise.id,
        scheme_code=rise.scheme_code,
        scheme_name=scheme_name,
        region_code=rise.region_code,
        region_name=region_name,
        effective_on=rise.effective_on,
        paid_from=rise.paid_from,
        standards=rise.standards,
        reason=rise.reason,
        status=rise.status,
        stopped_for=rise.stopped_for,
        working=working,
        total=rise.total,
        digest=rise.digest.hex() if rise.digest else None,
        drawn_by=drawn_by,
        drawn_by_id=rise.drawn_by,
        begun_at=rise.begun_at,
        drawn_at=rise.drawn_at,
        signed_by=signed_by,
        signed_at=rise.signed_at,
        ended_at=rise.ended_at,
        **{name: int(value) for name, value in zip(names, sums, strict=True)},
    )


def _entry(entry: RiseEntry, name: str | None) -> RiseEntryRow:
    return RiseEntryRow(
        position=entry.position,
        case_id=entry.case_id,
        number=entry.number,
        applicant_name=name,
        region_code=entry.region_code,
        old_fen=entry.old_fen,
        new_fen=entry.new_fen,
        starts_on=entry.starts_on,
        back_months=entry.back_months,
        back_fen=entry.back_fen,
        status=entry.status,
        reason=entry.reason,
        note=entry.note,
        decided_at=entry.decided_at,
    )
