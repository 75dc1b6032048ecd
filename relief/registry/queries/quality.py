"""How good the departments' files are, from the figures that merges keep (数据质量).

A department sees its own schemes. No source table is read here.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from relief.core.clock import local_date
from relief.core.scope import Scope
from relief.organisation.models import Department
from relief.registry.models import ImportBatch, QualityFigure
from relief.registry.queries.rows import SchemeTag
from relief.registry.queries.visible import own
from relief.registry.types import BatchStatus, Channel, Measure
from relief.schemes import deliveries
from relief.schemes import queries as schemes
from relief.schemes.errors import SchemeNotFound
from relief.schemes.models import Delivery, Scheme
from relief.schemes.types import Rhythm

RECENT = timedelta(days=366)
TREND = 24  # files
_LIVE = (BatchStatus.LOADED, BatchStatus.MERGED)


@dataclass(frozen=True, slots=True)
class Figure:
    """So many faulty rows of so many that could be."""

    faulty: int = 0
    total: int = 0

    @property
    def share(self) -> float | None:
        """Return the faulty part; None where there is nothing that could be."""
        return self.faulty / self.total if self.total else None


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityRow:
    """One scheme's files of the last year, and whether the next is late."""

    scheme: SchemeTag
    department_code: str
    department_name: str
    measures: Mapping[Measure, Figure]
    data_on: date | None
    received_at: datetime | None
    every: Rhythm | None
    due_days: int | None
    late_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldQuality:
    """One field: how complete and right it is, and how often departments agree."""

    field: str
    measures: Mapping[Measure, Figure]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileQuality:
    """One file of the trend."""

    batch_id: uuid.UUID
    file_name: str
    received_at: datetime
    data_on: date | None
    late_days: int | None
    measures: Mapping[Measure, Figure]


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemeQuality:
    """One scheme: the sum, the fields, and file by file, newest first."""

    row: QualityRow
    fields: Sequence[FieldQuality]
    files: Sequence[FileQuality]


def list_quality(session: Session, *, scope: Scope, now: datetime) -> Sequence[QualityRow]:
    """Return the quality of every scheme that the viewer may see, by code. Four queries."""
    return _rows(session, own(scope, Scheme.department_code), now=now)


def scheme_quality(
    session: Session, *, scope: Scope, scheme_code: str, now: datetime
) -> SchemeQuality:
    """Return one scheme in detail. Raises SchemeNotFound, also for another department's."""
    visible = own(scope, Scheme.department_code) & (Scheme.code == scheme_code)
    rows = _rows(session, visible, now=now)
    if not rows:
        raise SchemeNotFound
    return SchemeQuality(
        row=rows[0],
        fields=_fields(session, scheme_code, now=now),
        files=_files(session, scheme_code, now=now),
    )


def _rows(
    session: Session, condition: ColumnElement[bool], *, now: datetime
) -> Sequence[QualityRow]:
    today = local_date(now)
    figures: dict[str, dict[Measure, Figure]] = defaultdict(dict)
    for code, measure, faulty, total in session.execute(
        select(
            ImportBatch.scheme_code,
            QualityFigure.measure,
            func.sum(QualityFigure.faulty),
            func.sum(QualityFigure.total),
        )
        .join(ImportBatch, ImportBatch.id == QualityFigure.batch_id)
        .where(ImportBatch.created_at > now - RECENT)
        .group_by(ImportBatch.scheme_code, QualityFigure.measure)
    ):
        figures[code][measure] = Figure(int(faulty), int(total))
    newest = {
        code: (data_on, received_at)
        for code, data_on, received_at in session.execute(
            select(
                ImportBatch.scheme_code,
                func.max(ImportBatch.data_on),
                func.max(ImportBatch.created_at),
            )
            .where(ImportBatch.status.in_(_LIVE), ImportBatch.channel == Channel.FILE)
            .group_by(ImportBatch.scheme_code)
        )
    }
    due = schemes.deliveries(session, on=today)
    found = session.execute(
        select(Scheme.code, Scheme.short_name, Scheme.department_code, Department.name)
        .join(Department, Department.code == Scheme.department_code)
        .where(condition)
        .order_by(Scheme.code)
    )
    rows = []
    for code, name, department_code, department_name in found:
        data_on, received_at = newest.get(code, (None, None))
        how = due.get(code)
        rows.append(
            QualityRow(
                scheme=SchemeTag(code, name),
                department_code=department_code,
                department_name=department_name,
                measures=figures[code],
                data_on=data_on,
                received_at=received_at,
                every=how.every if how else None,
                due_days=how.due_days if how else None,
                late_days=(
                    deliveries.days_late(how.every, how.due_days, newest=data_on, on=today)
                    if how and data_on
                    else None
                ),
            )
        )
    return rows


def _fields(session: Session, scheme_code: str, *, now: datetime) -> Sequence[FieldQuality]:
    found: dict[str, dict[Measure, Figure]] = defaultdict(dict)
    for name, measure, faulty, total in session.execute(
        select(
            QualityFigure.field,
            QualityFigure.measure,
            func.sum(QualityFigure.faulty),
            func.sum(QualityFigure.total),
        )
        .join(ImportBatch, ImportBatch.id == QualityFigure.batch_id)
        .where(
            ImportBatch.scheme_code == scheme_code,
            ImportBatch.created_at > now - RECENT,
            QualityFigure.field != "",
        )
        .group_by(QualityFigure.field, QualityFigure.measure)
        .order_by(QualityFigure.field)
    ):
        found[name][measure] = Figure(int(faulty), int(total))
    return [FieldQuality(field=name, measures=measures) for name, measures in found.items()]


def _files(session: Session, scheme_code: str, *, now: datetime) -> Sequence[FileQuality]:
    batches = session.scalars(
        select(ImportBatch)
        .where(
            ImportBatch.scheme_code == scheme_code,
            ImportBatch.status.in_(_LIVE),
            ImportBatch.channel == Channel.FILE,
        )
        .order_by(ImportBatch.id.desc())
        .limit(TREND)
    ).all()
    found: dict[uuid.UUID, dict[Measure, Figure]] = defaultdict(dict)
    for batch_id, measure, faulty, total in session.execute(
        select(
            QualityFigure.batch_id,
            QualityFigure.measure,
            func.sum(QualityFigure.faulty),
            func.sum(QualityFigure.total),
        )
        .where(QualityFigure.batch_id.in_([batch.id for batch in batches]))
        .group_by(QualityFigure.batch_id, QualityFigure.measure)
    ):
        found[batch_id][measure] = Figure(int(faulty), int(total))
    how = schemes.deliveries(session, on=local_date(now)).get(scheme_code)
    return [
        FileQuality(
            batch_id=batch.id,
            file_name=batch.file_name,
            received_at=batch.created_at,
            data_on=batch.data_on,
            late_days=_late_by(how, batch),
            measures=found[batch.id],
        )
        for batch in batches
    ]


def _late_by(how: Delivery | None, batch: ImportBatch) -> int | None:
    """Return how many days after its due day a file came."""
    if how is None or batch.data_on is None:
        return None
    due = deliveries.due_on(how.every, how.due_days, batch.data_on)
    return max(0, (local_date(batch.created_at) - due).days)
