"""Finds the first row of the audit trail that is not as it was sealed, and says what happened.

Reads seals and events as two streams, in order: memory stays the same however long the trail.
Needs only to read, and should: in a REPEATABLE READ transaction the trail does not move.
"""

import enum
import uuid
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Result, Row, ScalarResult, Text, cast, func, select
from sqlalchemy.orm import Session

from relief.audit.canonical import event_bytes
from relief.audit.models import AuditEvent, AuditSeal, AuditSealItem
from relief.audit.seal_keys import NO_ROOT, SealKeys, merkle_root
from relief.audit.sealing import as_xid, event_columns
from relief.integrations.anchors import Anchor, Anchored

OVERDUE = timedelta(minutes=10)  # an event that old should have been sealed
STREAM = 2_000


class Fault(enum.StrEnum):
    """What was done to the trail."""

    EDITED = "edited"
    DELETED = "deleted"
    REORDERED = "reordered"
    SEAL_DELETED = "seal-deleted"
    SEAL_FORGED = "seal-forged"
    OTHER_KEY = "other-key"
    TAIL_CUT = "tail-cut"
    REPLACED = "replaced"
    INSERTED = "inserted"
    UNSEALED = "unsealed"
    ANCHOR_BROKEN = "anchor-broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The first row that is wrong."""

    fault: Fault
    seq: int | None = None
    position: int | None = None
    event_id: uuid.UUID | None = None
    anchor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a check saw. `finding` None: the trail is whole."""

    finding: Finding | None
    events: int
    seals: int
    unsealed: int
    anchors: int
    torn_anchors: int
    last_seq: int

    @property
    def whole(self) -> bool:
        """Tell whether nothing is wrong."""
        return self.finding is None

    def with_finding(self, finding: Finding) -> "Report":
        """Return the report with a fault that lies outside the database."""
        return replace(self, finding=finding)

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        finding = self.finding
        return {
            "whole": self.whole,
            "finding": finding
            and {
                "fault": finding.fault.value,
                "seq": finding.seq,
                "position": finding.position,
                "event_id": str(finding.event_id) if finding.event_id else None,
                "anchor": finding.anchor,
            },
            "events": self.events,
            "seals": self.seals,
            "unsealed": self.unsealed,
            "anchors": self.anchors,
            "torn_anchors": self.torn_anchors,
            "last_seq": self.last_seq,
        }


def verify(session: Session, *, keys: SealKeys, anchor: Anchor | None, now: datetime) -> Report:
    """Check every seal from the first to the last, then what is beside them, then the anchors."""
    walk = _Walk(keys)
    with closing(anchor.entries() if anchor else _none()) as entries:
        anchored = _Anchors(entries)
        finding = walk.first_fault(session, anchored) or anchored.beyond(walk.seq)
    unsealed, stray = _unsealed(session, now)
    return Report(
        finding=finding or stray,
        events=walk.events,
        seals=walk.seals,
        unsealed=unsealed,
        anchors=anchored.count,
        torn_anchors=anchor.torn if anchor else 0,
        last_seq=walk.seq,
    )


class _Anchors:
    """The anchors as a stream beside the seals: there may be several of one seal."""

    def __init__(self, entries: Iterator[Anchored]) -> None:
        self._entries = entries
        self._next: Anchored | None = None
        self.count = 0
        self._step()

    def disagrees(self, seq: int, signature: bytes) -> bool:
        """Tell whether an anchor of this seal names another signature."""
        different = False
        while self._next is not None and self._next.seq <= seq:
            different |= self._next.seq == seq and self._next.signature != signature.hex()
            self._step()
        return different

    def beyond(self, seq: int) -> Finding | None:
        """Return that seals which were anchored are gone from the end."""
        while self._next is not None and self._next.seq <= seq:
            self._step()
        if self._next is None:
            return None
        return Finding(fault=Fault.TAIL_CUT, seq=seq + 1, anchor=f"anchor {self._next.number}")

    def _step(self) -> None:
        self._next = next(self._entries, None)
        self.count += self._next is not None


class _Walk:
    """Goes along the seals."""

    def __init__(self, keys: SealKeys) -> None:
        self.keys = keys
        self.seq, self.previous = 0, NO_ROOT
        self.events = self.seals = 0

    def first_fault(self, session: Session, anchored: _Anchors) -> Finding | None:
        """Return the first fault of the sealed part, or None."""
        with closing(_items(session)) as items, closing(_seals(session)) as seals:
            return self._along(seals, groupby(items, key=lambda row: row.seq), anchored)

    def _along(
        self,
        seals: Iterable[AuditSeal],
        items: Iterator[tuple[int, Iterator[Row[*tuple[Any, ...]]]]],
        anchored: _Anchors,
    ) -> Finding | None:
        waiting = next(items, None)
        for seal in seals:
            if seal.seq != self.seq + 1:
                return Finding(fault=Fault.SEAL_DELETED, seq=self.seq + 1)
            rows: Sequence[Row[*tuple[Any, ...]]] = ()
            if waiting is not None and waiting[0] == seal.seq:
                rows = list(waiting[1])
                waiting = next(items, None)
            if fault := self._fault(seal, rows):
                return fault
            if anchored.disagrees(seal.seq, seal.signature):
                return Finding(fault=Fault.REPLACED, seq=seal.seq)
            self.seq, self.previous = seal.seq, seal.signature
            self.seals += 1
        if waiting is not None:  # leaves without their seal
            return Finding(fault=Fault.SEAL_DELETED, seq=waiting[0])
        return None

    def _fault(self, seal: AuditSeal, rows: Sequence[Row[*tuple[Any, ...]]]) -> Finding | None:
        if seal.key_fingerprint != self.keys.fingerprint:
            return Finding(fault=Fault.OTHER_KEY, seq=seal.seq)
        signed = self._signed(seal)
        leaves: list[bytes] = []
        for row in rows:
            # By an unsigned count nothing can be told of single rows.
            if fault := self._row_fault(row, rows, len(leaves), seal.count if signed else None):
                return fault
            leaves.append(row.leaf)
            self.events += 1
        if signed and len(leaves) < seal.count:
            return Finding(fault=Fault.DELETED, seq=seal.seq, position=len(leaves))
        if not signed or merkle_root(leaves) != seal.root or seal.previous != self.previous:
            return Finding(fault=Fault.SEAL_FORGED, seq=seal.seq)
        return None

    def _row_fault(
        self,
        row: Row[*tuple[Any, ...]],
        rows: Sequence[Row[*tuple[Any, ...]]],
        position: int,
        count: int | None,
    ) -> Finding | None:
        if row.position != position:
            return Finding(fault=Fault.DELETED, seq=row.seq, position=position)
        if row.id is None:
            return self._at(Fault.DELETED, row)
        if count is not None and position >= count:
            return self._at(Fault.INSERTED, row)
        if self.keys.leaf_of(row.seq, position, event_bytes(row)) != row.leaf:
            return self._at(Fault.REORDERED if self._moved(row, rows) else Fault.EDITED, row)
        return None

    def _moved(self, row: Row[*tuple[Any, ...]], rows: Sequence[Row[*tuple[Any, ...]]]) -> bool:
        """Tell whether a row that does not fit its place has a leaf for another of this seal."""
        event = event_bytes(row)
        stored = {other.leaf for other in rows}
        return any(self.keys.leaf_of(row.seq, place, event) in stored for place in range(len(rows)))

    def _signed(self, seal: AuditSeal) -> bool:
        return seal.signature == self.keys.sign(
            seq=seal.seq,
            previous=seal.previous,
            root=seal.root,
            count=seal.count,
            horizon=seal.horizon,
            sealed_at=seal.sealed_at,
        )

    @staticmethod
    def _at(fault: Fault, row: Row[*tuple[Any, ...]]) -> Finding:
        return Finding(fault=fault, seq=row.seq, position=row.position, event_id=row.event_id)


def _none() -> Generator[Anchored, None, None]:
    yield from ()


def _seals(session: Session) -> ScalarResult[AuditSeal]:
    return session.scalars(
        select(AuditSeal).order_by(AuditSeal.seq).execution_options(yield_per=STREAM)
    )


def _items(session: Session) -> "Result[*tuple[Any, ...]]":
    return session.execute(
        select(
            AuditSealItem.seq,
            AuditSealItem.position,
            AuditSealItem.event_id,
            AuditSealItem.leaf,
            *event_columns(),
        )
        .outerjoin(AuditEvent, AuditEvent.id == AuditSealItem.event_id)
        .order_by(AuditSealItem.seq, AuditSealItem.position)
        .execution_options(yield_per=STREAM)
    )


def _unsealed(session: Session, now: datetime) -> tuple[int, Finding | None]:
    """Count the events that no seal covers, and find one that should have been covered.

    Whose transaction ended before the last seal was passed over by no sealer: it was inserted
    afterwards. After a restore on another server transactions count anew, and only age tells.
    """
    sealed = select(AuditSealItem.seq).where(AuditSealItem.event_id == AuditEvent.id).exists()
    count = session.scalar(select(func.count()).select_from(AuditEvent).where(~sealed)) or 0
    horizon = session.scalar(
        select(cast(AuditSeal.horizon, Text)).order_by(AuditSeal.seq.desc()).limit(1)
    )
    lowest, highest = session.execute(
        select(
            cast(func.pg_snapshot_xmin(func.pg_current_snapshot()), Text),
            cast(func.pg_snapshot_xmax(func.pg_current_snapshot()), Text),
        )
    ).one()
    first = select(AuditEvent.id).where(~sealed).order_by(AuditEvent.id).limit(1)
    if horizon is not None and int(horizon) <= int(lowest):
        past, future = AuditEvent.xid < as_xid(horizon), AuditEvent.xid >= as_xid(highest)
        if (event_id := session.scalar(first.where(past | future))) is not None:
            return count, Finding(fault=Fault.INSERTED, event_id=event_id)
    event_id = session.scalar(first.where(AuditEvent.occurred_at < now - OVERDUE))
    return count, Finding(fault=Fault.UNSEALED, event_id=event_id) if event_id else None
