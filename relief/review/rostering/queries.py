"""Reading one's own acts: how far each is, and what became of each person."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, String, cast, func, select, text
from sqlalchemy.orm import Session

from relief.core.paging import Page, cut, newest_first, number_after
from relief.review.models import Case
from relief.review.rostering.errors import ActNotFound
from relief.review.rostering.left_out import NOWHERE
from relief.review.rostering.models import RosterAct, RosterPlace
from relief.review.rostering.service import KIND
from relief.review.rostering.types import ActStatus, NotEntered, PlaceStatus
from relief.schemes.models import Scheme
from relief.tasks.models import OPEN, Task

_COUNTS = {
    status: select(func.count())
    .where(RosterPlace.act_id == RosterAct.id, RosterPlace.status == status)
    .scalar_subquery()
    for status in PlaceStatus
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRow:
    """One act. `working`: a task enters its people, or waits to. `beyond`: more were missing."""

    id: uuid.UUID
    scheme_code: str
    scheme_name: str
    region: str | None
    need: str
    status: ActStatus
    working: bool
    beyond: bool
    begun_at: datetime
    ended_at: datetime | None
    listed: int
    entered: int
    not_entered: int

    @property
    def total(self) -> int:
        """Return how many people were chosen."""
        return self.listed + self.entered + self.not_entered


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRow:
    """One person of an act. `number`: of the case, as far as the reader may see it.

    `name` and `region_code` None: who was named, and is not in the reader's scope.
    """

    position: int
    person_id: uuid.UUID
    name: str | None
    region_code: int | None
    told: str
    status: PlaceStatus
    reason: NotEntered | None
    note: str | None
    case_id: uuid.UUID | None
    number: str | None
    entered_at: datetime | None


def list_acts(
    session: Session, *, account_id: uuid.UUID, limit: int, cursor: str | None
) -> Page[ActRow]:
    """Return one page of an account's acts, newest first. One query. Raises BadCursor."""
    return newest_first(
        session, _own(account_id), RosterAct.id, limit=limit, cursor=cursor, make=_row
    )


def get_act(session: Session, *, account_id: uuid.UUID, act_id: uuid.UUID) -> ActRow:
    """Return one act of an account. One query. Raises ActNotFound."""
    row = session.execute(_own(account_id).where(RosterAct.id == act_id)).one_or_none()
    if row is None:
        raise ActNotFound
    return _row(*row)


def places(
    session: Session,
    *,
    account_id: uuid.UUID,
    act_id: uuid.UUID,
    status: PlaceStatus | None = None,
    limit: int,
    cursor: str | None,
) -> Page[PlaceRow]:
    """Return one page of the people of an act. Two queries. Raises ActNotFound, BadCursor."""
    get_act(session, account_id=account_id, act_id=act_id)
    query = (
        select(RosterPlace, Case.number)
        .outerjoin(Case, Case.id == RosterPlace.case_id)
        .where(RosterPlace.act_id == act_id)
        .order_by(RosterPlace.position)
        .limit(limit + 1)
    )
    if status is not None:
        query = query.where(RosterPlace.status == status)
    if cursor:
        query = query.where(RosterPlace.position > number_after(cursor))
    rows = session.execute(query).all()
    return cut(
        rows, limit=limit, key=lambda row: str(row[0].position), make=lambda row: _place(*row)
    )


def _own(account_id: uuid.UUID) -> "Select[*tuple[Any, ...]]":
    working = (
        select(Task.id)
        .where(Task.kind == KIND, Task.key == cast(RosterAct.id, String()), text(OPEN))
        .exists()
    )
    return (
        select(RosterAct, Scheme.short_name, working, *_COUNTS.values())
        .join(Scheme, Scheme.code == RosterAct.scheme_code)
        .where(RosterAct.begun_by == account_id)
    )


def _row(
    act: RosterAct,
    scheme_name: str,
    working: bool,  # noqa: FBT001  # a column
    *counts: int,
) -> ActRow:
    return ActRow(
        id=act.id,
        scheme_code=act.scheme_code,
        scheme_name=scheme_name,
        region=act.region,
        need=act.need,
        status=act.status,
        working=working,
        beyond=act.beyond,
        begun_at=act.begun_at,
        ended_at=act.ended_at,
        **{status.value: count for status, count in zip(_COUNTS, counts, strict=True)},
    )


def _place(place: RosterPlace, number: str | None) -> PlaceRow:
    return PlaceRow(
        position=place.position,
        person_id=place.person_id,
        name=place.name or None,
        region_code=None if place.region_code == NOWHERE else place.region_code,
        told=place.told,
        status=place.status,
        reason=place.reason,
        note=place.note,
        case_id=place.case_id,
        number=number,
        entered_at=place.entered_at,
    )
