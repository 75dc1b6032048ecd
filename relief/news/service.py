"""Articles are begun, edited, proposed, sent back, published, thrown away and withdrawn.

Each act is one transaction of the caller's under the lock of the article's row, names the version
of the row that its author looked at, and leaves a row in the audit trail. Who wrote any of a
version does not publish it.
"""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.core.clock import local_date
from relief.core.ids import new_id
from relief.core.scope import subtree
from relief.news import held
from relief.news.content import Content, changed, checked, content_of
from relief.news.errors import (
    BadArticle,
    NoOffice,
    NotProposed,
    NotPublished,
    SecondPersonNeeded,
    VersionExists,
)
from relief.news.models import NewsArticle, NewsFile, NewsVersion
from relief.news.types import VersionStatus
from relief.organisation import queries as organisation


def begin(
    session: Session, *, content: Content, actor: Actor, now: datetime, region: int | None = None
) -> uuid.UUID:
    """Write the first draft of a new article; return the article's id.

    `region`: of the office, if the actor works in several. Raises NoOffice, BadArticle.
    """
    office = _office(session, actor, region)
    article = NewsArticle(
        id=new_id(now),
        region_code=office,
        department_code=actor.department_code,
        created_by=actor.id,
        created_at=now,
    )
    session.add(article)
    session.flush()
    said = checked(session, content, office=office)
    _write(session, article, said, number=1, actor=actor, now=now)
    held.record(session, article, "begun", {"title": said.title}, actor=actor, now=now)
    return article.id


def begin_version(session: Session, *, article_id: uuid.UUID, actor: Actor, now: datetime) -> int:
    """Copy what was last published, or withdrawn, into a new draft; return its number.

    Raises ArticleNotFound, VersionExists, NotPublished.
    """
    article = held.hold(session, article_id, actor)
    if held.live(session, article_id) is not None:
        raise VersionExists
    base = session.scalar(
        select(NewsVersion)
        .where(NewsVersion.article_id == article_id, NewsVersion.published_by.is_not(None))
        .order_by(NewsVersion.number.desc())
        .limit(1)
    )
    if base is None:
        raise NotPublished
    number = held.next_number(session, article_id)
    row = _write(session, article, content_of(base), number=number, actor=actor, now=now)
    files = session.scalars(
        select(NewsFile).where(NewsFile.article_id == article_id, NewsFile.number == base.number)
    ).all()
    session.add_all(
        NewsFile(
            article_id=article_id, number=number, file_id=one.file_id, kind=one.kind,
            title=one.title, media_type=one.media_type, size=one.size,
        )
        for one in files
    )  # fmt: skip
    row.html = held.rendered(session, row).html
    details = {"number": number, "base": base.number}
    held.record(session, article, "version_begun", details, actor=actor, now=now)
    return number


def edit(
    session: Session,
    *,
    article_id: uuid.UUID,
    version: int,
    content: Content,
    actor: Actor,
    now: datetime,
) -> None:
    """Save what a draft says; what says the same is not saved.

    Raises ArticleNotFound, NoDraft, ArticleEditedMeanwhile, BadArticle.
    """
    row = held.draft(session, article_id, version=version, actor=actor)
    article = session.get_one(NewsArticle, article_id)
    said = checked(session, content, office=article.region_code)
    fields = changed(content_of(row), said)
    if not fields:
        return
    _say(row, said)
    row.html = held.rendered(session, row).html
    held.touch(row, actor, now)
    details = {"number": row.number, "fields": fields}
    held.record(session, article, "edited", details, actor=actor, now=now)


def propose(
    session: Session, *, article_id: uuid.UUID, version: int, actor: Actor, now: datetime
) -> None:
    """Lay a draft before a second person.

    Raises ArticleNotFound, NoDraft, ArticleEditedMeanwhile, BadArticle.
    """
    row = held.draft(session, article_id, version=version, actor=actor)
    _publishable(session, row, now)
    row.status, row.proposed_by, row.proposed_at = VersionStatus.PROPOSED, actor.id, now
    row.returned_reason = None
    _told(session, row, "proposed", actor=actor, now=now)


def send_back(
    session: Session,
    *,
    article_id: uuid.UUID,
    version: int,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Open a proposed version again, with a reason.

    Raises ArticleNotFound, NotProposed, ArticleEditedMeanwhile.
    """
    row = _proposed(session, article_id, version=version, actor=actor)
    # Who proposed it had a hand in it, also when somebody else proposes it again.
    if str(row.proposed_by) not in row.editors:
        row.editors = [*row.editors, str(row.proposed_by)]
    row.status, row.proposed_by, row.proposed_at = VersionStatus.DRAFT, None, None
    row.returned_reason = reason
    _told(session, row, "sent_back", actor=actor, now=now, reason=reason)


def publish(
    session: Session, *, article_id: uuid.UUID, version: int, actor: Actor, now: datetime
) -> None:
    """Publish what was looked at; from its first day on it is what readers see of the article.

    Raises ArticleNotFound, NotProposed, ArticleEditedMeanwhile, SecondPersonNeeded, BadArticle.
    """
    row = _proposed(session, article_id, version=version, actor=actor)
    if str(actor.id) in {*row.editors, str(row.proposed_by)}:
        raise SecondPersonNeeded
    _publishable(session, row, now)
    row.status, row.published_by, row.published_at = VersionStatus.PUBLISHED, actor.id, now
    _told(session, row, "published", actor=actor, now=now, shown_from=row.shown_from.isoformat())


def discard(
    session: Session, *, article_id: uuid.UUID, version: int, actor: Actor, now: datetime
) -> None:
    """Throw a draft away; it stays readable. Raises ArticleNotFound, NoDraft, …Meanwhile."""
    row = held.draft(session, article_id, version=version, actor=actor)
    row.status, row.closed_by, row.closed_at = VersionStatus.DISCARDED, actor.id, now
    _told(session, row, "discarded", actor=actor, now=now)


def withdraw(
    session: Session, *, article_id: uuid.UUID, reason: str, actor: Actor, now: datetime
) -> None:
    """Take an article from readers' eyes, all its published versions; they stay readable to staff.

    Raises ArticleNotFound, NotPublished.
    """
    article = held.hold(session, article_id, actor)
    rows = session.scalars(
        select(NewsVersion)
        .where(NewsVersion.article_id == article_id, NewsVersion.status == VersionStatus.PUBLISHED)
        .order_by(NewsVersion.number)
    ).all()
    if not rows:
        raise NotPublished
    for row in rows:
        row.status, row.closed_by, row.closed_at = VersionStatus.WITHDRAWN, actor.id, now
        row.withdrawn_reason = reason
    details = {"numbers": [row.number for row in rows], "reason": reason}
    held.record(session, article, "withdrawn", details, actor=actor, now=now)


def _office(session: Session, actor: Actor, region: int | None) -> int:
    """Return the region for which the actor writes. Raises NoOffice, BadArticle."""
    ranges = actor.scope.ranges
    if actor.department_code is None or not ranges:
        raise NoOffice
    if region is None and len(ranges) > 1:
        detail = "您负责多个区划，请选择为哪个区划起草"
        raise BadArticle(detail)
    office = ranges[0].lo if region is None else region
    inside = any(part.lo <= office and subtree(office).hi <= part.hi for part in ranges)
    if not inside or not organisation.region_names(session, codes=[office]):
        detail = "只能为自己工作区划之内的区划起草"
        raise BadArticle(detail)
    return office


def _write(
    session: Session,
    article: NewsArticle,
    said: Content,
    *,
    number: int,
    actor: Actor,
    now: datetime,
) -> NewsVersion:
    row = NewsVersion(
        article_id=article.id,
        number=number,
        status=VersionStatus.DRAFT,
        editors=[str(actor.id)],
        created_by=actor.id,
        created_at=now,
        edited_by=actor.id,
        edited_at=now,
        html="",
    )
    _say(row, said)
    session.add(row)
    row.html = held.rendered(session, row).html
    return row


def _say(row: NewsVersion, said: Content) -> None:
    for name in Content.__slots__:
        setattr(row, name, getattr(said, name))
    row.region_codes = list(said.region_codes)
    row.aid_categories = [one.value for one in said.aid_categories]


def _proposed(
    session: Session, article_id: uuid.UUID, *, version: int, actor: Actor
) -> NewsVersion:
    held.hold(session, article_id, actor)
    row = held.live(session, article_id)
    if row is None or row.status is not VersionStatus.PROPOSED:
        raise NotProposed
    return held.unchanged(row, version)


def _publishable(session: Session, row: NewsVersion, now: datetime) -> None:
    """Raise BadArticle for what no reader could see, or would see broken."""
    if row.shown_until is not None and row.shown_until < local_date(now):
        detail = "最后展示日已过，发布后没有人能看到"
        raise BadArticle(detail)
    if missing := held.rendered(session, row).missing:
        detail = f"正文引用了没有上传的图片：{'、'.join(missing)}"
        raise BadArticle(detail)


def _told(
    session: Session,
    row: NewsVersion,
    verb: str,
    *,
    actor: Actor,
    now: datetime,
    **more: object,
) -> None:
    article = session.get_one(NewsArticle, row.article_id)
    held.record(session, article, verb, {"number": row.number, **more}, actor=actor, now=now)
