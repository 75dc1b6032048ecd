"""Takes records that a department's system sends, a few at a time, and links them at once.

They go the way of a file: the same layouts, the same cleaning, one batch with its original, its
rejected rows and its audit row; so what came as a record and comes again in a file is known, and
a batch of records can be taken back. Then the registry is merged in the same transaction, as far
as the records reach. Where that is far, or another merge is at work, the worker does it.
"""

import csv
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from relief.core import locks
from relief.core.clock import local_date
from relief.core.privacy.cipher import Cipher
from relief.core.registrar import registrar
from relief.registry.arrivals.errors import RollByRecords, RowsRefused, SchemeBusy
from relief.registry.intake import faults, folders, layouts, places, reading
from relief.registry.intake import service as intake
from relief.registry.intake.limits import DEFAULT_LIMITS
from relief.registry.intake.normalise import REJECTS
from relief.registry.intake.reading import Reading
from relief.registry.intake.types import Arrival, BatchReport
from relief.registry.merging.errors import TooMany
from relief.registry.merging.service import MergeReport, merge
from relief.registry.models import Membership, RejectedRow, SourceLink, SourceRecord
from relief.registry.types import BatchStatus, Channel, FileContent, LinkRule
from relief.tasks import service as tasks

FILE_NAME = "接口报送.csv"
_ROW = re.compile(r"第 (\d+) 行")
_KNOWN = "与以前报送的记录完全相同，已经在库。"
_HEADING_ROWS = 1  # the rows of the file are counted from its headings on
_FAULT = "第 {} 条：{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A record that was not loaded, and why; `row` counts the records sent, from 1."""

    row: int
    column: str | None
    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """Whom a record speaks of; `rule` tells how that was found."""

    row: int
    person_id: uuid.UUID
    household_id: uuid.UUID
    rule: LinkRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """How records fared. `merged`: they are in the registry; else the worker will bring them in."""

    batch_id: uuid.UUID | None
    status: BatchStatus
    received: int
    loaded: int
    merged: bool
    rejected: Sequence[Rejected]
    links: Sequence[Linked]
    questions: int


def receive(
    session: Session,
    rows: Sequence[Mapping[str, str]],
    *,
    scheme_code: str,
    actor_id: uuid.UUID,
    cipher: Cipher,
    storage: Path,
    now: datetime,
) -> Arrived:
    """Load records, each as heading → text under the headings of the scheme's layout; link them.

    Records that cannot be read are rejected one by one; the others are loaded. The caller has
    checked that the actor may import for the whole city. Raises UnknownScheme, RollByRecords, and
    RowsRefused if a heading is missing or unknown or no record can be loaded, SchemeBusy.
    """
    intake.check_scheme(scheme_code)
    _refuse_empty(rows)
    with folders.private(storage) as folder:
        path = folder / FILE_NAME
        _write(path, rows)
        arrival = intake.arrive(path, channel=Channel.RECORDS)
        found = reading.read(
            path,
            scheme=scheme_code,
            places=places.load(session),
            today=local_date(now),
            folder=folder,
            limits=DEFAULT_LIMITS,
            expected_rows=len(rows),
            is_ours=True,
        )
        _refuse_unfit(found, rows)
        with registrar(session):
            report = _settle(
                session,
                arrival,
                found,
                actor_id=actor_id,
                cipher=cipher,
                storage=storage,
                now=now,
            )
            assert report.batch_id is not None  # noqa: S101  # its scheme is known
            merged = _merge(
                session, few=[report.batch_id], actor_id=actor_id, cipher=cipher, now=now
            )
            links = _links(session, report.batch_id) if merged else []
            rejected = _rejected(session, report.batch_id)
    if report.status is BatchStatus.REPEATED:
        rejected = [
            Rejected(row=row, column=None, code=faults.ALREADY_LOADED, reason=_KNOWN)
            for row in range(1, len(rows) + 1)
        ]
    if merged is None:
        tasks.enqueue(
            session,
            kind="merge",
            key="registry",
            arguments={"notify": []},
            actor_id=None,
            now=now,
        )
    loaded_and_merged = merged is not None and report.status is BatchStatus.LOADED
    return Arrived(
        batch_id=report.batch_id,
        status=BatchStatus.MERGED if loaded_and_merged else report.status,
        received=report.received,
        loaded=report.loaded,
        merged=merged is not None,
        rejected=rejected,
        links=links,
        questions=merged.reviews_opened if merged else 0,
    )


def _write(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Write the records as the file that they might have come in: that is their original."""
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(headings)
        writer.writerows([row.get(heading, "") for heading in headings] for row in rows)


def _refuse_empty(rows: Sequence[Mapping[str, str]]) -> None:
    for number, row in enumerate(rows, start=1):
        if not any(text.strip() for text in row.values()):
            raise RowsRefused(_FAULT.format(number, "没有任何内容"))


def _refuse_unfit(found: Reading, rows: Sequence[Mapping[str, str]]) -> None:
    """Refuse what has no layout, is a roll, or holds nothing that can be loaded."""
    if found.layout is None or found.fault is not None:
        raise RowsRefused(found.fault or "")
    if layouts.content_of(found.layout) is FileContent.ROLL:
        raise RollByRecords
    known = layouts.headings_of(found.layout)
    # In a file, more columns are a department's own business; here they are mistakes.
    for number, row in enumerate(rows, start=1):
        if unknown := [text for text in row if layouts.heading_key(text) not in known]:
            raise RowsRefused(_FAULT.format(number, f"没有“{unknown[0]}”这一栏"))
    if found.rejected == found.received:
        rejected = pq.read_table(found.folder / REJECTS).to_pylist()
        first = rejected[0]
        raise RowsRefused(
            _FAULT.format(first["row_number"] - _HEADING_ROWS, _reason(first["reason"])),
            conflicts=[_told(row) for row in rejected],
        )


def _told(row: Mapping[str, Any]) -> dict[str, object]:
    return {
        "what": _FAULT.format(row["row_number"] - _HEADING_ROWS, _reason(row["reason"])),
        "column": row["column"],
        "code": row["code"],
    }


def _settle(session: Session, arrival: Arrival, found: Reading, **given: Any) -> BatchReport:
    try:
        return intake.settle(session, arrival, found, **given)
    except OperationalError as error:
        if locks.is_waited_out(error):
            raise SchemeBusy from error
        raise


def _merge(
    session: Session,
    *,
    few: Sequence[uuid.UUID],
    actor_id: uuid.UUID,
    cipher: Cipher,
    now: datetime,
) -> MergeReport | None:
    """Bring the registry up to date, if that is quick."""
    try:
        with session.begin_nested():
            return merge(session, cipher=cipher, actor_id=actor_id, now=now, few=few)
    except TooMany:
        return None


def _links(session: Session, batch_id: uuid.UUID) -> list[Linked]:
    rows = session.execute(
        select(
            SourceRecord.row_number,
            SourceLink.person_id,
            Membership.household_id,
            SourceLink.rule,
        )
        .join(SourceLink, SourceLink.identity_id == SourceRecord.identity_id)
        .join(Membership, Membership.person_id == SourceLink.person_id)
        .where(SourceRecord.batch_id == batch_id)
        .order_by(SourceRecord.row_number)
    )
    return [
        Linked(row=number - _HEADING_ROWS, person_id=person, household_id=household, rule=rule)
        for number, person, household, rule in rows
    ]


def _rejected(session: Session, batch_id: uuid.UUID) -> list[Rejected]:
    rows = session.scalars(
        select(RejectedRow).where(RejectedRow.batch_id == batch_id).order_by(RejectedRow.row_number)
    )
    return [
        Rejected(
            row=row.row_number - _HEADING_ROWS,
            column=row.column,
            code=row.code,
            reason=_reason(row.reason),
        )
        for row in rows
    ]


def _reason(text: str) -> str:
    """Return a reason that names a row of our file as one that names the record sent."""
    return _ROW.sub(lambda found: f"第 {int(found[1]) - _HEADING_ROWS} 条", text)
