"""What the mini program's accounts read: published articles for them, and a count of readings.

These functions say who may read what; they write nothing but `note_reading`, which is told by a
request of its own.
"""

import hmac
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, and_, delete, func, not_, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from relief.attachments.errors import FileNotFound
from relief.core.clock import local_date
from relief.core.paging import Page, cut, number_and_id_after
from relief.core.privacy.cipher import Cipher
from relief.core.scope import upward
from relief.news import files
from relief.news.content import categories
from relief.news.errors import ArticleNotFound
from relief.news.models import NewsFile, NewsReadCount, NewsReadMark, NewsVersion
from relief.news.types import FileKind, VersionStatus
from relief.registry.types import Category

# Titles on one page: with the greatest lengths they stay below 20 KB, for weak networks.
LARGEST_PAGE = 20


@dataclass(frozen=True, slots=True)
class Home:
    """What of a household decides which articles are for it."""

    region_code: int
    category: Category


@dataclass(frozen=True, slots=True)
class Audience:
    """For whom an account reads: the households that it is bound to; none: what is for all."""

    homes: tuple[Home, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """An article in the list."""

    id: uuid.UUID
    title: str
    summary: str
    category: str
    shown_from: date
    has_audio: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFile:
    """A file of a shown article."""

    id: uuid.UUID
    kind: FileKind
    title: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One article as it is read. `html`: sanitised, pictures as `attachment:<file id>`."""

    id: uuid.UUID
    number: int
    title: str
    category: str
    category_name: str
    html: str
    source: str
    document_number: str | None
    shown_from: date
    files: Sequence[ShownFile]


def published(
    session: Session,
    *,
    audience: Audience,
    now: datetime,
    category: str | None = None,
    limit: int = LARGEST_PAGE,
    cursor: str | None = None,
) -> Page[Headline]:
    """Return a page of what is shown to an audience today, the newest first. One query.

    Raises core.paging.BadCursor.
    """
    query = select(NewsVersion, _has_audio()).where(_shown(audience, local_date(now)))
    if category is not None:
        query = query.where(NewsVersion.category == category)
    place = tuple_(NewsVersion.shown_from, NewsVersion.article_id)
    if cursor:
        day, article_id = number_and_id_after(cursor)
        query = query.where(place < tuple_(_day(day), article_id))
    limit = min(limit, LARGEST_PAGE)
    rows = session.execute(
        query.order_by(NewsVersion.shown_from.desc(), NewsVersion.article_id.desc()).limit(
            limit + 1
        )
    ).all()
    return cut(
        rows,
        limit=limit,
        key=lambda row: f"{row[0].shown_from.toordinal()}.{row[0].article_id}",
        make=lambda row: _headline(row[0], has_audio=row[1]),
    )


def article(session: Session, *, audience: Audience, article_id: uuid.UUID, now: datetime) -> Shown:
    """Return an article that is shown to an audience today. Raises ArticleNotFound."""
    row = _one(session, audience, article_id, now)
    kept = session.scalars(
        select(NewsFile)
        .where(NewsFile.article_id == article_id, NewsFile.number == row.number)
        .order_by(NewsFile.file_id)
    )
    return Shown(
        id=row.article_id,
        number=row.number,
        title=row.title,
        category=row.category,
        category_name=categories(session).get(row.category, row.category),
        html=row.html,
        source=row.source,
        document_number=row.document_number,
        shown_from=row.shown_from,
        files=[shown_file(one) for one in kept],
    )


def file(
    session: Session,
    *,
    audience: Audience,
    article_id: uuid.UUID,
    file_id: uuid.UUID,
    cipher: Cipher,
    storage: Path,
    now: datetime,
) -> files.Given:
    """Return a file of an article as it is shown to an audience today; not of other versions.

    Raises ArticleNotFound, attachments.errors.FileNotFound.
    """
    row = _one(session, audience, article_id, now)
    found = session.get(NewsFile, (article_id, row.number, file_id))
    if found is None:
        raise FileNotFound(file_id=str(file_id))
    return files.given(found, cipher=cipher, storage=storage)


def note_reading(
    session: Session,
    *,
    audience: Audience,
    article_id: uuid.UUID,
    reader_id: uuid.UUID,
    cipher: Cipher,
    now: datetime,
) -> bool:
    """Count a reading, once a reader, article and day in China; tell whether it counted.

    Who read is kept as a digest under a key that is not in the database, of the reader with the
    article and the day: two of them cannot be told to be of one reader, and all go after the day.
    Raises ArticleNotFound.
    """
    _one(session, audience, article_id, now)
    day = local_date(now)
    told = f"news|{article_id}|{day.isoformat()}|{reader_id}".encode()
    key = cipher.index_key(cipher.current_index_key)
    marked = session.scalar(
        insert(NewsReadMark)
        .values(article_id=article_id, day=day, digest=hmac.digest(key, told, "sha256"))
        .on_conflict_do_nothing()
        .returning(NewsReadMark.day)
    )
    if marked is None:
        return False
    counted = insert(NewsReadCount).values(article_id=article_id, day=day, readers=1)
    session.execute(
        counted.on_conflict_do_update(
            index_elements=[NewsReadCount.article_id, NewsReadCount.day],
            set_={"readers": NewsReadCount.readers + 1},
        )
    )
    return True


def forget_readers(session: Session, *, now: datetime) -> int:
    """Delete the marks of days that are over in China; the counts stay. Return how many."""
    return len(
        session.scalars(
            delete(NewsReadMark)
            .where(NewsReadMark.day < local_date(now))
            .returning(NewsReadMark.article_id)
        ).all()
    )


def shown_file(one: NewsFile) -> ShownFile:
    """Return what is told of a file."""
    return ShownFile(
        id=one.file_id, kind=one.kind, title=one.title, media_type=one.media_type, size=one.size
    )


def current(today: date) -> ColumnElement[bool]:
    """Return the condition that a version is what is shown of its article on a day.

    The newest published version whose first day has come is; one for later leaves it in its place.
    """
    newer = aliased(NewsVersion)
    replaced = (
        select(newer.number)
        .where(
            newer.article_id == NewsVersion.article_id,
            newer.number > NewsVersion.number,
            newer.status == VersionStatus.PUBLISHED,
            newer.shown_from <= today,
        )
        .exists()
    )
    return and_(
        NewsVersion.status == VersionStatus.PUBLISHED,
        NewsVersion.shown_from <= today,
        or_(NewsVersion.shown_until.is_(None), NewsVersion.shown_until >= today),
        not_(replaced),
    )


def _shown(audience: Audience, today: date) -> ColumnElement[bool]:
    of_all_regions = func.cardinality(NewsVersion.region_codes) == 0
    of_all_categories = func.cardinality(NewsVersion.aid_categories) == 0
    for_homes = [
        and_(
            or_(of_all_regions, NewsVersion.region_codes.overlap(list(upward(home.region_code)))),
            or_(of_all_categories, NewsVersion.aid_categories.contains([home.category.value])),
        )
        for home in audience.homes
    ]
    return and_(current(today), or_(and_(of_all_regions, of_all_categories), *for_homes))


def _has_audio() -> ColumnElement[bool]:
    return (
        select(NewsFile.file_id)
        .where(
            NewsFile.article_id == NewsVersion.article_id,
            NewsFile.number == NewsVersion.number,
            NewsFile.kind == FileKind.AUDIO,
        )
        .exists()
    )


def _one(session: Session, audience: Audience, article_id: uuid.UUID, now: datetime) -> NewsVersion:
    row = session.scalar(
        select(NewsVersion).where(
            NewsVersion.article_id == article_id, _shown(audience, local_date(now))
        )
    )
    if row is None:
        raise ArticleNotFound
    return row


def _headline(row: NewsVersion, *, has_audio: bool) -> Headline:
    return Headline(
        id=row.article_id,
        title=row.title,
        summary=row.summary,
        category=row.category,
        shown_from=row.shown_from,
        has_audio=has_audio,
    )


def _day(ordinal: int) -> date:
    return date.min + timedelta(days=min(max(ordinal, 1), date.max.toordinal()) - 1)
