"""Import batches, their rejected rows, and the questions they leave to a steward."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, case, select, tuple_
from sqlalchemy.orm import Session, aliased

from relief.core.paging import Page, cut, newest_first, number_after
from relief.core.scope import RegionRange, Scope, subtree, within
from relief.organisation.models import Department, Region
from relief.registry.intake.errors import BatchNotFound
from relief.registry.models import ImportBatch, LinkReview, Person, RejectedRow
from relief.registry.queries.rows import SchemeTag
from relief.registry.queries.visible import own
from relief.registry.types import BatchStatus, Channel, FileContent, ReviewKind
from relief.schemes.models import Scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRow:
    """One department file."""

    id: uuid.UUID
    scheme: SchemeTag
    department_code: str
    department_name: str
    layout: str
    content: FileContent
    channel: Channel
    region_code: int | None
    region_name: str | None
    file_name: str
    status: BatchStatus
    received: int
    loaded: int
    rejected: int
    fault: str | None
    repeats_id: uuid.UUID | None
    data_on: date | None
    created_at: datetime
    created_by: uuid.UUID | None
    merged_at: datetime | None
    undone_at: datetime | None
    held: Mapping[str, int] | None
    decided_at: datetime | None
    decided_by: uuid.UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRowView:
    """A row that was not loaded, and why."""

    row_number: int
    column: str | None
    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkReviewRow:
    """A question whether records speak of the same person."""

    id: uuid.UUID
    kind: ReviewKind
    region_code: int
    person_id: uuid.UUID | None
    person_name: str | None
    other_id: uuid.UUID | None
    other_name: str | None
    evidence: Mapping[str, Any]
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class BatchFilter:
    """What the list of batches is narrowed to."""

    scheme: str | None = None
    status: BatchStatus | None = None
    channel: Channel | None = None


def list_batches(
    session: Session,
    *,
    scope: Scope,
    filters: BatchFilter,
    limit: int,
    cursor: str | None = None,
) -> Page[BatchRow]:
    """Return one page of batches, newest first: all, or the viewer's department's. One query."""
    query = _batches(scope)
    if filters.scheme:
        query = query.where(ImportBatch.scheme_code == filters.scheme)
    if filters.status:
        query = query.where(ImportBatch.status == filters.status)
    if filters.channel:
        query = query.where(ImportBatch.channel == filters.channel)
    return newest_first(session, query, ImportBatch.id, limit=limit, cursor=cursor, make=_batch)


def batch_detail(session: Session, *, scope: Scope, batch_id: uuid.UUID) -> BatchRow:
    """Return one batch. Raises BatchNotFound."""
    row = session.execute(_batches(scope).where(ImportBatch.id == batch_id)).one_or_none()
    if row is None:
        raise BatchNotFound
    return _batch(*row)


def replacing_rolls(session: Session, *, scope: Scope, batch: BatchRow) -> Sequence[BatchRow]:
    """Return the rolls of the same day that came later, and so replace this one where they speak.

    Regions nest: two rolls speak of the same place if one's region lies in the other's.
    """
    if batch.content is not FileContent.ROLL:
        return []
    rows = session.execute(
        _batches(scope)
        .where(
            ImportBatch.scheme_code == batch.scheme.code,
            ImportBatch.content == FileContent.ROLL,
            ImportBatch.data_on == batch.data_on,
            ImportBatch.status.in_((BatchStatus.LOADED, BatchStatus.MERGED)),
            tuple_(ImportBatch.created_at, ImportBatch.id) > (batch.created_at, batch.id),
        )
        .order_by(ImportBatch.created_at, ImportBatch.id)
    )
    later = [_batch(*row) for row in rows]
    return [roll for roll in later if _meet(roll.region_code, batch.region_code)]


def _meet(one: int | None, other: int | None) -> bool:
    if one is None or other is None:
        return True
    return other in subtree(one) or one in subtree(other)


def rejected_rows(
    session: Session,
    *,
    scope: Scope,
    batch_id: uuid.UUID,
    limit: int,
    cursor: str | None = None,
) -> Page[RejectedRowView]:
    """Return one page of a batch's rejected rows, by row number. Raises BatchNotFound."""
    batch_detail(session, scope=scope, batch_id=batch_id)
    query = select(RejectedRow).where(RejectedRow.batch_id == batch_id)
    if cursor:
        query = query.where(RejectedRow.row_number > number_after(cursor))
    rows = session.scalars(query.order_by(RejectedRow.row_number).limit(limit + 1)).all()
    return cut(
        rows,
        limit=limit,
        key=lambda row: str(row.row_number),
        make=lambda row: RejectedRowView(
            row_number=row.row_number, column=row.column, code=row.code, reason=row.reason
        ),
    )


def list_link_reviews(
    session: Session,
    *,
    scope: Scope,
    limit: int,
    cursor: str | None = None,
    closed: bool = False,
    kind: ReviewKind | None = None,
    region: RegionRange | None = None,
) -> Page[LinkReviewRow]:
    """Return one page of the steward's questions in scope, newest first. One query.

    A person who lives outside the reader's regions is not named.
    """
    other = aliased(Person)
    query = (
        select(
            LinkReview,
            case((within(Person.region_code, scope.ranges), Person.name)),
            case((within(other.region_code, scope.ranges), other.name)),
        )
        .outerjoin(Person, Person.id == LinkReview.person_id)
        .outerjoin(other, other.id == LinkReview.other_id)
        .where(
            within(LinkReview.region_code, scope.ranges),
            LinkReview.closed_at.is_not(None) if closed else LinkReview.closed_at.is_(None),
            *([LinkReview.kind == kind] if kind else []),
            *([within(LinkReview.region_code, [region])] if region else []),
        )
    )
    return newest_first(session, query, LinkReview.id, limit=limit, cursor=cursor, make=_review)


def _batches(scope: Scope) -> "Select[ImportBatch, str, str, str | None]":
    return (
        select(ImportBatch, Scheme.short_name, Department.name, Region.name)
        .join(Scheme, Scheme.code == ImportBatch.scheme_code)
        .join(Department, Department.code == ImportBatch.department_code)
        .outerjoin(Region, Region.code == ImportBatch.region_code)
        .where(own(scope, ImportBatch.department_code))
    )


def _batch(
    batch: ImportBatch, scheme_name: str, department_name: str, region_name: str | None
) -> BatchRow:
    return BatchRow(
        id=batch.id,
        scheme=SchemeTag(batch.scheme_code, scheme_name),
        department_code=batch.department_code,
        department_name=department_name,
        layout=batch.layout,
        content=batch.content,
        channel=batch.channel,
        region_code=batch.region_code,
        region_name=region_name,
        file_name=batch.file_name,
        status=batch.status,
        received=batch.received,
        loaded=batch.loaded,
        rejected=batch.rejected,
        fault=batch.fault,
        repeats_id=batch.repeats_id,
        data_on=batch.data_on,
        created_at=batch.created_at,
        created_by=batch.created_by,
        merged_at=batch.merged_at,
        undone_at=batch.undone_at,
        held=batch.held,
        decided_at=batch.decided_at,
        decided_by=batch.decided_by,
    )


def _review(review: LinkReview, person_name: str | None, other_name: str | None) -> LinkReviewRow:
    return LinkReviewRow(
        id=review.id,
        kind=review.kind,
        region_code=review.region_code,
        person_id=review.person_id,
        person_name=person_name,
        other_id=review.other_id,
        other_name=other_name,
        evidence=of_whom_one_sees(
            review.evidence, owner=person_name is not None, other=other_name is not None
        ),
        opened_at=review.opened_at,
        closed_at=review.closed_at,
    )


def of_whom_one_sees(evidence: Mapping[str, Any], *, owner: bool, other: bool) -> dict[str, Any]:
    """Return what the merge noted, without what it says of a person whom the reader may not see."""
    return {
        fact: value
        for fact, value in evidence.items()
        # The households that one may choose from are told apart, of those in reach.
        if fact != "options"
        and not (fact.startswith("owner") and not owner)
        and not (fact.startswith("other") and not other)
    }
