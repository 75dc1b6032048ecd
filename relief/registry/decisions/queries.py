"""What a steward sees before deciding, and what was decided. All within the reader's scope."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from relief.core.privacy.cipher import Cipher
from relief.core.scope import RegionRange, Scope, within
from relief.organisation.models import Department, Region
from relief.registry.decisions import anchors, listed, past
from relief.registry.decisions.errors import ReviewNotFound
from relief.registry.decisions.listed import HomeOption
from relief.registry.errors import PersonNotFound
from relief.registry.models import (
    Household,
    ImportBatch,
    LinkReview,
    Membership,
    Person,
    SourceIdentity,
    SourceLink,
)
from relief.registry.queries.batches import of_whom_one_sees
from relief.registry.queries.persons import person_detail, place_of
from relief.registry.queries.rows import PersonDetail, SchemeTag
from relief.registry.queries.visible import get_person, person_visible
from relief.registry.types import LinkRule, ReviewKind
from relief.schemes.models import Scheme

MOST_CANDIDATES = 20
# Beside what is shown of each person, whether the two have the same: also of what is masked.
COMPARED = (
    "name", "citizen_id", "sex", "born_on", "ethnicity", "phone", "account", "address",
    "region_code",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateRow:
    """Someone who may be meant by a record without a number."""

    id: uuid.UUID
    name: str
    born_on: date | None
    region_name: str
    address: str | None
    household_number: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDetail:
    """A question with both people, as far as the reader may see them.

    `seen` is what a decision must carry; None where one of the people is out of reach.
    `alike`: of each compared field, whether both have the same; None where one has nothing.
    Where the question is where someone lives, `other` is the person and `homes` are the answers.
    """

    id: uuid.UUID
    kind: ReviewKind
    region_code: int
    evidence: Mapping[str, Any]
    opened_at: datetime
    closed_at: datetime | None
    person: PersonDetail | None
    other: PersonDetail | None
    candidates: Sequence[CandidateRow]
    homes: Sequence[HomeOption]
    alike: Mapping[str, bool | None]
    seen: str | None
    answer: past.ActRow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoPeople:
    """Two people side by side, what they have in common, and the version of each."""

    person: PersonDetail
    other: PersonDetail
    alike: Mapping[str, bool | None]
    seen: str
    other_seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DescriptionRow:
    """One source identity of a person, to choose from in a split."""

    id: uuid.UUID
    scheme: SchemeTag
    department_name: str
    file_name: str
    data_on: date | None
    name: str
    born_on: date | None
    has_number: bool
    own_number: bool
    address: str | None
    household_number: str | None
    relation: str | None
    rule: LinkRule
    records: int


@dataclass(frozen=True, slots=True)
class Descriptions:
    """All that is said of one person, and the version that a split must carry."""

    person_id: uuid.UUID
    name: str
    household_id: uuid.UUID | None
    place_code: int
    rows: Sequence[DescriptionRow]
    seen: str


def review_detail(
    session: Session, cipher: Cipher, *, scope: Scope, review_id: uuid.UUID
) -> ReviewDetail:
    """Return one question with both people side by side. Raises ReviewNotFound."""
    review = get_review(session, scope, review_id)
    closed = review.closed_at is not None
    named = [each for each in (review.person_id, review.other_id) if each is not None]
    asks_home = review.kind is ReviewKind.HOUSEHOLD
    names_nobody = not (review.person_id or closed or asks_home)
    candidates = candidates_of(session, scope, review) if names_nobody else ()
    visible = {each: _detail(session, cipher, scope, each) for each in named}
    reach = not closed and review.other_id is not None and all(visible.values())
    asked = [*named, *(row.id for row in candidates)]
    return ReviewDetail(
        id=review.id,
        kind=review.kind,
        region_code=review.region_code,
        evidence=of_whom_one_sees(
            review.evidence,
            owner=bool(review.person_id and visible[review.person_id]),
            other=bool(review.other_id and visible[review.other_id]),
        ),
        opened_at=review.opened_at,
        closed_at=review.closed_at,
        person=visible.get(review.person_id) if review.person_id else None,
        other=visible.get(review.other_id) if review.other_id else None,
        candidates=candidates,
        homes=listed.options(session, scope=scope, review=review) if asks_home else (),
        alike=_alike(session, named) if len(named) > 1 and all(visible.values()) else {},
        seen=version(session, asked) if reach and len(asked) > (not asks_home) else None,
        answer=past.act(session, review.act_id) if review.act_id else None,
    )


def get_review(session: Session, scope: Scope, review_id: uuid.UUID) -> LinkReview:
    """Return a question in scope, as it is now. Raises ReviewNotFound."""
    review = session.scalars(
        select(LinkReview).where(
            LinkReview.id == review_id, within(LinkReview.region_code, scope.ranges)
        ),
        execution_options={"populate_existing": True},
    ).one_or_none()
    if review is None or scope.department_code is not None:
        raise ReviewNotFound
    return review


def version(session: Session, people: Collection[uuid.UUID]) -> str:
    """Return the version of what is said of these people now."""
    return anchors.version_of(anchors.said_of(session, people))


def candidates_of(session: Session, scope: Scope, review: LinkReview) -> Sequence[CandidateRow]:
    """Return whom a record without a number may mean: namesakes with one, of the same county."""
    name = select(SourceIdentity.name_key).where(SourceIdentity.id == review.identity_id)
    return _candidates(
        session,
        scope,
        Person.name_key == name.scalar_subquery(),
        Person.county_code == review.county_code,
        Person.citizen_id.is_not(None),
        Person.id != review.other_id,
    )


def _candidates(
    session: Session, scope: Scope, *conditions: ColumnElement[bool]
) -> Sequence[CandidateRow]:
    rows = session.execute(
        select(Person, Region.full_name, Household.number)
        .outerjoin(Region, Region.code == Person.region_code)
        .outerjoin(Membership, Membership.person_id == Person.id)
        .outerjoin(Household, Household.id == Membership.household_id)
        .where(*conditions, person_visible(scope))
        .order_by(Person.id)
        .limit(MOST_CANDIDATES)
    )
    return [
        CandidateRow(
            id=person.id,
            name=person.name,
            born_on=person.born_on,
            region_name=region or "",
            address=person.address,
            household_number=number,
        )
        for person, region, number in rows
    ]


def next_review(
    session: Session,
    *,
    scope: Scope,
    after: uuid.UUID | None = None,
    kind: ReviewKind | None = None,
    region: RegionRange | None = None,
) -> uuid.UUID | None:
    """Return the open question that follows in the queue, newest first, or the first again."""
    query = open_reviews(scope, kind=kind, region=region, columns=select(LinkReview.id))
    query = query.order_by(LinkReview.id.desc()).limit(1)
    if after is not None:
        found = session.scalar(query.where(LinkReview.id < after))
        if found is not None:
            return found
        query = query.where(LinkReview.id != after)
    return session.scalar(query)


def open_reviews(
    scope: Scope,
    *,
    kind: ReviewKind | None,
    region: RegionRange | None,
    columns: "Select[uuid.UUID]",
) -> "Select[uuid.UUID]":
    """Narrow a query of questions to the open ones in scope."""
    ranges = scope.ranges if scope.department_code is None else ()
    query = columns.where(LinkReview.closed_at.is_(None), within(LinkReview.region_code, ranges))
    if kind is not None:
        query = query.where(LinkReview.kind == kind)
    if region is not None:
        query = query.where(within(LinkReview.region_code, [region]))
    return query


def descriptions(session: Session, *, scope: Scope, person_id: uuid.UUID) -> Descriptions:
    """Return every source identity of a person. Raises PersonNotFound. Three queries."""
    person, _, household = get_person(session, scope, person_id)
    rows = session.execute(
        select(SourceIdentity, SourceLink.rule, ImportBatch, Scheme.short_name, Department.name)
        .join(SourceLink, SourceLink.identity_id == SourceIdentity.id)
        .join(ImportBatch, ImportBatch.id == SourceIdentity.batch_id)
        .join(Scheme, Scheme.code == SourceIdentity.scheme_code)
        .join(Department, Department.code == SourceIdentity.department_code)
        .where(SourceLink.person_id == person_id)
        .order_by(SourceIdentity.scheme_code, ImportBatch.id, SourceIdentity.id)
    ).all()
    return Descriptions(
        person.id,
        person.name,
        household.id if household else None,
        place_of(person, household),
        [
            DescriptionRow(
                id=said.id,
                scheme=SchemeTag(said.scheme_code, scheme_name),
                department_name=department_name,
                file_name=batch.file_name,
                data_on=batch.data_on,
                name=said.name,
                born_on=said.born_on,
                has_number=said.citizen_id is not None,
                own_number=said.citizen_id is not None and said.citizen_id == person.citizen_id,
                address=said.address,
                household_number=said.household_number,
                relation=said.relation,
                rule=rule,
                records=said.record_count,
            )
            for said, rule, batch, scheme_name, department_name in rows
        ],
        version(session, [person_id]),
    )


def two_people(
    session: Session,
    cipher: Cipher,
    *,
    scope: Scope,
    person_id: uuid.UUID,
    other_id: uuid.UUID,
) -> TwoPeople:
    """Return two people in scope side by side. Raises PersonNotFound."""
    one, other = (
        person_detail(session, cipher, scope=scope, person_id=each)
        for each in (person_id, other_id)
    )
    return TwoPeople(
        person=one,
        other=other,
        alike=_alike(session, [person_id, other_id]),
        seen=version(session, [person_id]),
        other_seen=version(session, [other_id]),
    )


def namesakes(session: Session, *, scope: Scope, person_id: uuid.UUID) -> Sequence[CandidateRow]:
    """Return who may be the same as a person: of the same name, number, phone or household.

    Raises PersonNotFound.
    """
    person, membership, _ = get_person(session, scope, person_id)
    alike = [Person.name_key == person.name_key]
    alike += [
        getattr(Person, name) == getattr(person, name)
        for name in ("citizen_id", "phone", "account")
        if getattr(person, name) is not None
    ]
    if membership is not None:
        alike.append(Membership.household_id == membership.household_id)
    return _candidates(session, scope, Person.id != person_id, or_(*alike))


def _detail(
    session: Session, cipher: Cipher, scope: Scope, person_id: uuid.UUID
) -> PersonDetail | None:
    try:
        return person_detail(session, cipher, scope=scope, person_id=person_id)
    except PersonNotFound:
        return None


def _alike(session: Session, people: Sequence[uuid.UUID]) -> Mapping[str, bool | None]:
    one, other = (
        session.execute(select(Person).where(Person.id == each)).scalar_one() for each in people
    )
    return {
        name: None
        if getattr(one, name) is None or getattr(other, name) is None
        else getattr(one, name) == getattr(other, name)
        for name in COMPARED
    }
