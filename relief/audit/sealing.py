"""Seals the audit trail behind the writers: they never wait for it, nor for one another.

Only transactions that have ended are looked at (`xid` below the oldest that runs), so none
can commit later into what is sealed already.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Text,
    and_,
    cast,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Session

from relief.audit.canonical import event_bytes
from relief.audit.models import AuditEvent, AuditSeal, AuditSealItem, TransactionId
from relief.audit.seal_keys import NO_ROOT, SealKeys, merkle_root
from relief.core.db import driver

BATCH = 5_000  # events under one seal, and so in memory
SEALER_LOCK = 0x52454C4945460003


@dataclass(frozen=True, slots=True)
class Sealed:
    """What one run sealed."""

    events: int
    seals: int

    def __str__(self) -> str:
        return f"{self.events} events in {self.seals} seals"


def event_columns() -> tuple[ColumnElement[Any], ...]:
    """Return the columns of an event that a leaf covers: all of them."""
    return tuple(
        cast(column, Text).label("details") if column.name == "details" else column
        for column in AuditEvent.__table__.columns
    )


def seal(session: Session, *, keys: SealKeys, now: datetime, batch: int = BATCH) -> Sealed:
    """Seal every event whose transaction has ended.

    A run seals all there is, or nothing: so where the next begins is the last one's horizon.
    """
    session.execute(select(func.pg_advisory_xact_lock(SEALER_LOCK)))
    last = session.scalars(select(AuditSeal).order_by(AuditSeal.seq.desc()).limit(1)).first()
    lowest, highest = _snapshot(session)
    waiting = select(*event_columns()).where(
        _ended(last.horizon if last else None, lowest, highest),
        ~select(AuditSealItem.seq).where(AuditSealItem.event_id == AuditEvent.id).exists(),
    )
    seq, previous = (last.seq, last.signature) if last else (0, NO_ROOT)
    after: tuple[str, uuid.UUID] | None = None
    events, first = 0, seq
    while rows := _next(session, waiting, after, batch):
        seq += 1
        previous = _write(
            session, rows, keys=keys, seq=seq, previous=previous, horizon=lowest, now=now
        )
        events += len(rows)
        after = (rows[-1].xid, rows[-1].id)
        if len(rows) < batch:
            break
    return Sealed(events, seq - first)


def _snapshot(session: Session) -> tuple[str, str]:
    """Return the oldest transaction that runs, and the first that has not begun."""
    snapshot = func.pg_current_snapshot()
    lowest, highest = session.execute(
        select(
            cast(func.pg_snapshot_xmin(snapshot), Text), cast(func.pg_snapshot_xmax(snapshot), Text)
        )
    ).one()
    return lowest, highest


def _ended(since: str | None, lowest: str, highest: str) -> ColumnElement[bool]:
    """Return the condition that an event is settled and may wait for a seal."""
    below = AuditEvent.xid < as_xid(lowest)
    if since is not None and int(since) <= int(lowest):
        return and_(AuditEvent.xid >= as_xid(since), below)
    # Never sealed before, or restored into another server, which counts transactions anew:
    # then what seems to come from the future was committed long ago.
    return or_(below, AuditEvent.xid >= as_xid(highest))


def _next(
    session: Session,
    waiting: "Select[*tuple[Any, ...]]",
    after: tuple[str, uuid.UUID] | None,
    batch: int,
) -> Sequence[Row[*tuple[Any, ...]]]:
    if after is not None:
        xid, event_id = after
        waiting = waiting.where(
            tuple_(AuditEvent.xid, AuditEvent.id) > tuple_(as_xid(xid), literal(event_id))
        )
    return session.execute(waiting.order_by(AuditEvent.xid, AuditEvent.id).limit(batch)).all()


def _write(
    session: Session,
    rows: Sequence[Row[*tuple[Any, ...]]],
    *,
    keys: SealKeys,
    seq: int,
    previous: bytes,
    horizon: str,
    now: datetime,
) -> bytes:
    """Write one seal and its items, and return its signature."""
    leaves = [keys.leaf_of(seq, position, event_bytes(row)) for position, row in enumerate(rows)]
    root = merkle_root(leaves)
    signature = keys.sign(
        seq=seq, previous=previous, root=root, count=len(rows), horizon=horizon, sealed_at=now
    )
    session.execute(
        insert(AuditSeal).values(
            seq=seq,
            previous=previous,
            root=root,
            count=len(rows),
            horizon=as_xid(horizon),
            sealed_at=now,
            key_fingerprint=keys.fingerprint,
            signature=signature,
        )
    )
    with (
        driver(session).cursor() as cursor,
        cursor.copy("COPY audit_seal_item (seq, position, event_id, leaf) FROM STDIN") as copy,
    ):
        for position, (row, leaf) in enumerate(zip(rows, leaves, strict=True)):
            copy.write_row((seq, position, row.id, leaf))
    return signature


def as_xid(value: str) -> ColumnElement[str]:
    """Return a transaction's number as the database's own type."""
    return cast(literal(value), TransactionId())
