"""What staff read of articles: the list, one with its versions, how often it is read."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, not_, select
from sqlalchemy.orm import Session, aliased

from relief.accounts import queries as accounts
from relief.accounts.identity import Actor
from relief.core.clock import local_date
from relief.core.paging import Page, newest_first
from relief.news import reading
from relief.news.content import Content, Difference, categories, content_of, difference
from relief.news.errors import ArticleNotFound
from relief.news.held import rendered, visible
from relief.news.models import NewsArticle, NewsFile, NewsReadCount, NewsVersion
from relief.news.types import LIVE, VersionStatus
from relief.organisation import queries as organisation

LONGEST_DAYS = 92  # of the figures of reading


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsRow:
    """One article in the list, by its newest version that was not thrown away.

    `published`: the newest published version; it is shown while a newer one is written.
    """

    id: uuid.UUID
    title: str
    category: str
    category_name: str
    status: VersionStatus
    number: int
    published: int | None
    shown_from: date
    shown_until: date | None
    region_code: int
    region_name: str
    department: str
    edited_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsVersionRow:
    """One version, and who had to do with it. `touched`: whether the reader wrote any of it."""

    number: int
    status: VersionStatus
    title: str
    created_by: str
    created_at: datetime
    edited_by: str
    edited_at: datetime
    proposed_by: str | None
    proposed_at: datetime | None
    returned_reason: str | None
    published_by: str | None
    published_at: datetime | None
    closed_by: str | None
    closed_at: datetime | None
    withdrawn_reason: str | None
    shown: bool
    touched: bool
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsVersionDetail:
    """What one version says, with its files; `difference`: from the published before it."""

    article_id: uuid.UUID
    row: NewsVersionRow
    content: Content
    html: str
    missing_pictures: Sequence[str]
    files: Sequence[reading.ShownFile]
    before: int | None
    difference: Difference | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsDetail:
    """An article: its versions, the newest first, and the one that is worked on or was last.

    `own`: of the reader's department, which alone changes it.
    """

    id: uuid.UUID
    region_code: int
    region_name: str
    department: str
    own: bool
    category_names: Mapping[str, str]
    region_names: Mapping[int, str]
    versions: Sequence[NewsVersionRow]
    newest: NewsVersionDetail


@dataclass(frozen=True, slots=True)
class Readings:
    """How many read an article on a day."""

    day: date
    readers: int


def articles(
    session: Session,
    *,
    reader: Actor,
    status: VersionStatus | None = None,
    category: str | None = None,
    limit: int,
    cursor: str | None = None,
) -> Page[NewsRow]:
    """Return a page of the articles that a member of staff sees, the newest first. Four queries.

    `status`: draft and proposed, of the version that is worked on; published, of what readers may
    have now; withdrawn, of what they had and have no more. Raises core.paging.BadCursor.
    """
    departments = organisation.department_names(session)
    kinds = categories(session)
    query = (
        select(NewsArticle, NewsVersion, _published())
        .join(
            NewsVersion,
            and_(NewsVersion.article_id == NewsArticle.id, NewsVersion.number == _newest()),
        )
        .where(visible(reader.scope))
    )
    if status is not None:
        query = query.where(_stands(status))
    if category is not None:
        query = query.where(NewsVersion.category == category)
    page = newest_first(
        session, query, NewsArticle.id, limit=limit, cursor=cursor, make=lambda *row: row
    )
    names = organisation.region_names(session, codes=[one[0].region_code for one in page.items])
    return Page(
        [_row(*one, kinds=kinds, names=names, departments=departments) for one in page.items],
        page.next_cursor,
    )


def article(session: Session, *, article_id: uuid.UUID, reader: Actor, now: datetime) -> NewsDetail:
    """Return an article with all its versions. Raises ArticleNotFound."""
    found = _seen(session, article_id, reader)
    rows = _versions(session, article_id)
    newest = max(rows, key=lambda one: (one.status is not VersionStatus.DISCARDED, one.number))
    told = _version_rows(session, rows, reader=reader, today=local_date(now))
    codes = {found.region_code, *(code for one in rows for code in one.region_codes)}
    names = organisation.region_names(session, codes=codes)
    return NewsDetail(
        id=found.id,
        region_code=found.region_code,
        region_name=names[found.region_code],
        department=organisation.department_names(session)[found.department_code],
        own=found.department_code == reader.department_code,
        category_names=categories(session),
        region_names=names,
        versions=[told[one.number] for one in rows],
        newest=_detail(session, newest, rows, told[newest.number]),
    )


def version(
    session: Session, *, article_id: uuid.UUID, number: int, reader: Actor, now: datetime
) -> NewsVersionDetail:
    """Return one version, also one that is withdrawn or thrown away. Raises ArticleNotFound."""
    _seen(session, article_id, reader)
    rows = _versions(session, article_id)
    asked = next((one for one in rows if one.number == number), None)
    if asked is None:
        raise ArticleNotFound
    told = _version_rows(session, rows, reader=reader, today=local_date(now))
    return _detail(session, asked, rows, told[number])


def readings(
    session: Session, *, article_id: uuid.UUID, reader: Actor, until: date
) -> Sequence[Readings]:
    """Return on which days of the last three months how many read it. Raises ArticleNotFound."""
    _seen(session, article_id, reader)
    rows = session.execute(
        select(NewsReadCount.day, NewsReadCount.readers)
        .where(NewsReadCount.article_id == article_id, NewsReadCount.day <= until)
        .order_by(NewsReadCount.day.desc())
        .limit(LONGEST_DAYS)
    )
    return [Readings(row.day, row.readers) for row in rows]


def _seen(session: Session, article_id: uuid.UUID, reader: Actor) -> NewsArticle:
    found = session.scalar(
        select(NewsArticle).where(NewsArticle.id == article_id, visible(reader.scope))
    )
    if found is None:
        raise ArticleNotFound
    return found


def _versions(session: Session, article_id: uuid.UUID) -> Sequence[NewsVersion]:
    return session.scalars(
        select(NewsVersion)
        .where(NewsVersion.article_id == article_id)
        .order_by(NewsVersion.number.desc())
    ).all()


def _newest() -> ColumnElement[int]:
    """Return the number of an article's newest version, of those not thrown away if there is."""
    kept, any_ = aliased(NewsVersion), aliased(NewsVersion)
    of_kept = select(func.max(kept.number)).where(
        kept.article_id == NewsArticle.id, kept.status != VersionStatus.DISCARDED
    )
    of_all = select(func.max(any_.number)).where(any_.article_id == NewsArticle.id)
    newest: ColumnElement[int] = func.coalesce(of_kept.scalar_subquery(), of_all.scalar_subquery())
    return newest


def _published() -> ColumnElement[int | None]:
    other = aliased(NewsVersion)
    return (
        select(func.max(other.number))
        .where(other.article_id == NewsArticle.id, other.status == VersionStatus.PUBLISHED)
        .scalar_subquery()
    )


def _stands(status: VersionStatus) -> ColumnElement[bool]:
    other, shown = aliased(NewsVersion), aliased(NewsVersion)
    has = (
        select(other.number)
        .where(other.article_id == NewsArticle.id, other.status == status)
        .exists()
    )
    if status is not VersionStatus.WITHDRAWN:
        return has
    still = (
        select(shown.number)
        .where(shown.article_id == NewsArticle.id, shown.status == VersionStatus.PUBLISHED)
        .exists()
    )
    return and_(has, not_(still))


def _row(
    article: NewsArticle,
    newest: NewsVersion,
    published: int | None,
    *,
    kinds: Mapping[str, str],
    names: Mapping[int, str],
    departments: Mapping[str, str],
) -> NewsRow:
    return NewsRow(
        id=article.id,
        title=newest.title,
        category=newest.category,
        category_name=kinds.get(newest.category, newest.category),
        status=newest.status,
        number=newest.number,
        published=published,
        shown_from=newest.shown_from,
        shown_until=newest.shown_until,
        region_code=article.region_code,
        region_name=names[article.region_code],
        department=departments[article.department_code],
        edited_at=newest.edited_at,
    )


_PEOPLE = ("created_by", "edited_by", "proposed_by", "published_by", "closed_by")


def _version_rows(
    session: Session, rows: Iterable[NewsVersion], *, reader: Actor, today: date
) -> dict[int, NewsVersionRow]:
    """Return what is told of each version of one article, by its number."""
    rows = list(rows)
    ids = {person for one in rows for name in _PEOPLE if (person := getattr(one, name))}
    names = accounts.display_names(session, ids)
    shown = session.scalar(
        select(NewsVersion.number).where(
            NewsVersion.article_id == rows[0].article_id, reading.current(today)
        )
    )
    return {
        one.number: NewsVersionRow(
            number=one.number,
            status=one.status,
            title=one.title,
            created_by=names[one.created_by],
            created_at=one.created_at,
            edited_by=names[one.edited_by],
            edited_at=one.edited_at,
            proposed_by=names.get(one.proposed_by) if one.proposed_by else None,
            proposed_at=one.proposed_at,
            returned_reason=one.returned_reason,
            published_by=names.get(one.published_by) if one.published_by else None,
            published_at=one.published_at,
            closed_by=names.get(one.closed_by) if one.closed_by else None,
            closed_at=one.closed_at,
            withdrawn_reason=one.withdrawn_reason,
            shown=one.number == shown,
            touched=str(reader.id) in {*one.editors, str(one.proposed_by)},
            version=one.version,
        )
        for one in rows
    }


def _detail(
    session: Session, row: NewsVersion, rows: Sequence[NewsVersion], told: NewsVersionRow
) -> NewsVersionDetail:
    """Of a version; `rows`: all of its article, the newest first."""
    base = next(
        (one for one in rows if one.number < row.number and one.published_by is not None), None
    )
    kept = session.scalars(
        select(NewsFile)
        .where(
            NewsFile.article_id == row.article_id,
            NewsFile.number.in_([row.number, base.number if base else row.number]),
        )
        .order_by(NewsFile.file_id)
    ).all()
    mine = [one for one in kept if one.number == row.number]
    has = [(one.title, one.file_id) for one in mine]
    was = [
        (one.title, one.file_id) for one in kept if base is not None and one.number == base.number
    ]
    content = content_of(row)
    return NewsVersionDetail(
        article_id=row.article_id,
        row=told,
        content=content,
        html=row.html,
        missing_pictures=rendered(session, row).missing if row.status in LIVE else (),
        files=[reading.shown_file(one) for one in mine],
        before=base.number if base else None,
        difference=difference(content_of(base), content, files=(was, has)) if base else None,
    )
