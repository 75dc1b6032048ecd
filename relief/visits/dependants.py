"""Assignments go with their household when a merge puts households together or takes them apart.

An assignment is of the household in which the person lives whom its source record speaks of: that
of the householder, when it was made. Where the record says nothing, it stays with the household
as long as that is there, and goes then to the one that has most of its people.

Two that name the same helper of what is one household now would overlap: one is *folded* into the
other (`folding`). It keeps its record, so that it comes back when the households part again.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relief.audit import service as audit
from relief.core.clock import local_date
from relief.registry.dependants import Homes, Move, Obstacle
from relief.registry.models import Household
from relief.visits.assigning import settle_first
from relief.visits.days import until
from relief.visits.folding import fold
from relief.visits.models import HelperAssignment
from relief.visits.placing import any_of
from relief.visits.types import EndKind

_GONE = "这一户已不在困难群众库中"


@dataclass(slots=True)
class _Ways:
    """Where each assignment goes, and which end."""

    to: dict[uuid.UUID, uuid.UUID] = field(default_factory=dict)
    ending: list[HelperAssignment] = field(default_factory=list)


class Assignments:
    """What the room of helpers keeps by household."""

    columns = frozenset({"helper_assignment.household_id"})

    def on_batch(self, _session: Session, *, batch_id: uuid.UUID) -> Sequence[Obstacle]:  # noqa: ARG002  # the protocol's
        """Return nothing: no decision and no payment rests on who helps."""
        return ()

    def on_people(
        self,
        _session: Session,
        *,
        people: Collection[uuid.UUID],  # noqa: ARG002  # the protocol's
    ) -> Sequence[Obstacle]:
        """Return nothing: an assignment goes with its source record."""
        return ()

    def follow(
        self,
        session: Session,
        *,
        moves: Sequence[Move],  # noqa: ARG002  # the protocol's
        gone: Mapping[uuid.UUID, uuid.UUID],  # noqa: ARG002  # the protocol's
        homes: Homes,
        now: datetime,
    ) -> Sequence[Obstacle]:
        """Move what goes with its record; end what has no household any more. Leaves nothing.

        A fixed number of statements, however many households changed.
        """
        left = {move.before for move in homes.moves} | homes.gone.keys()
        if not left:
            return ()
        rows = session.scalars(
            select(HelperAssignment)
            .where(HelperAssignment.household_id == any_of(left))
            .order_by(HelperAssignment.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).all()
        ways = _ways(rows, homes)
        _end(session, ways.ending, now)
        if ways.to:
            _move(session, [row for row in rows if row.id in ways.to], ways.to, now)
        return ()


def _ways(rows: Sequence[HelperAssignment], homes: Homes) -> _Ways:
    """Return where each assignment goes. What is over goes too: it is of the household's past."""
    by_record = {(move.identity_id, move.before): move.after for move in homes.moves}
    found = _Ways()
    for row in rows:
        record = (row.identity_id, row.household_id) if row.identity_id else None
        after = by_record.get(record) if record else None
        after = after or homes.gone.get(row.household_id)
        if after is not None:
            found.to[row.id] = after
        elif row.household_id in homes.gone and row.ended_at is None:
            found.ending.append(row)
    return found


def end_orphans(session: Session, now: datetime) -> int:
    """End what was assigned at the moment in which a merge took its household; return how many."""
    rows = session.scalars(
        select(HelperAssignment)
        .where(
            HelperAssignment.ended_at.is_(None),
            ~select(Household.id).where(Household.id == HelperAssignment.household_id).exists(),
        )
        .order_by(HelperAssignment.id)
        .with_for_update()
    ).all()
    _end(session, rows, now)
    return len(rows)


def _end(session: Session, rows: Sequence[HelperAssignment], now: datetime) -> None:
    for row in rows:
        row.days, row.is_first = until(row.days, local_date(now)), False
        row.ended_at, row.end_kind, row.end_reason = now, EndKind.HOUSEHOLD_GONE, _GONE
        _note(session, "household:helper_ended", row, None, now)
    session.flush()


def _move(
    session: Session,
    rows: Sequence[HelperAssignment],
    to: Mapping[uuid.UUID, uuid.UUID],
    now: datetime,
) -> None:
    """Bring assignments to their households, fold what became double, unfold what no longer is."""
    ids = {row.id for row in rows}
    freed = [*rows, *_folded_into(session, ids)]
    led = {row.id for row in freed if row.is_first}
    # Out of the way of both constraints until all have come where they belong.
    session.execute(
        update(HelperAssignment)
        .where(HelperAssignment.id == any_of(row.id for row in freed))
        .values(folded_into=HelperAssignment.id, is_first=False)
        .execution_options(synchronize_session=False)
    )
    before = {row.household_id for row in freed}
    for row in rows:
        row.household_id = to[row.id]
    session.flush()
    touched = before | {row.household_id for row in freed}
    today = local_date(now)
    leading = fold(session, {row.id for row in freed}, touched, led=led, today=today)
    settle_first(session, touched, today=today, preferred=leading)
    regions = dict(
        session.execute(
            select(Household.id, Household.region_code).where(Household.id == any_of(touched))
        ).all()
    )
    for row in rows:
        _note(session, "household:helper_moved", row, regions.get(row.household_id), now)
    session.flush()
    for row in freed:
        session.expire(row)


def _folded_into(session: Session, ids: "set[uuid.UUID]") -> Sequence[HelperAssignment]:
    """Return what is folded into assignments that go, and stays itself: it counts again."""
    return session.scalars(
        select(HelperAssignment)
        .where(HelperAssignment.folded_into == any_of(ids), HelperAssignment.id != any_of(ids))
        .order_by(HelperAssignment.id)
        .execution_options(populate_existing=True)
    ).all()


def _note(
    session: Session, action: str, row: HelperAssignment, region_code: int | None, now: datetime
) -> None:
    """Write into the trail what a merge did: it has no actor of its own here."""
    audit.record(
        session,
        action,
        subject_type="household",
        subject_id=row.household_id,
        actor_id=None,
        now=now,
        region_code=region_code,
        details={"assignment": str(row.id), "helper": str(row.helper_id)},
    )
