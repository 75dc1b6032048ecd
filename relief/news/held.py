"""The article that an act is about, under its row lock, and the version that it may touch."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select, true
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.audit import service as audit
from relief.core.scope import Scope, within
from relief.news.body import Rendered, render
from relief.news.errors import ArticleEditedMeanwhile, ArticleNotFound, NoDraft
from relief.news.models import NewsArticle, NewsFile, NewsVersion
from relief.news.types import LIVE, FileKind, VersionStatus


def visible(scope: Scope) -> ColumnElement[bool]:
    """Return the condition that staff with a scope see an article: its region, its department."""
    department = (
        NewsArticle.department_code == scope.department_code if scope.department_code else true()
    )
    return and_(within(NewsArticle.region_code, scope.ranges), department)


def hold(session: Session, article_id: uuid.UUID, actor: Actor) -> NewsArticle:
    """Return an article of the actor's own department and regions under its row lock.

    What another department or region writes is nobody else's to change: it does not exist for
    them. Raises ArticleNotFound.
    """
    article = session.scalar(
        select(NewsArticle)
        .where(NewsArticle.id == article_id, visible(actor.scope))
        .with_for_update()
    )
    if article is None or article.department_code != actor.department_code:
        raise ArticleNotFound
    return article


def live(session: Session, article_id: uuid.UUID) -> NewsVersion | None:
    """Return the version of a held article that is not finished, as it is now."""
    return session.scalar(
        select(NewsVersion)
        .where(NewsVersion.article_id == article_id, NewsVersion.status.in_(LIVE))
        .execution_options(populate_existing=True)
    )


def draft(session: Session, article_id: uuid.UUID, *, version: int, actor: Actor) -> NewsVersion:
    """Return the draft of an article in the state that its author looked at, to be changed.

    Raises ArticleNotFound, NoDraft, ArticleEditedMeanwhile.
    """
    hold(session, article_id, actor)
    row = live(session, article_id)
    if row is None or row.status is not VersionStatus.DRAFT:
        raise NoDraft
    return unchanged(row, version)


def unchanged(row: NewsVersion, version: int) -> NewsVersion:
    """Return a version that is as it was looked at. Raises ArticleEditedMeanwhile."""
    if row.version != version:
        raise ArticleEditedMeanwhile
    return row


def touch(row: NewsVersion, actor: Actor, now: datetime) -> None:
    """Note who had a hand in a draft: they will not be the one who publishes it."""
    row.edited_by, row.edited_at = actor.id, now
    if str(actor.id) not in row.editors:
        row.editors = [*row.editors, str(actor.id)]


def rendered(session: Session, row: NewsVersion) -> Rendered:
    """Return a version's text as HTML with the pictures that it has now. Raises BadArticle."""
    session.flush()
    pictures = session.execute(
        select(NewsFile.title, NewsFile.file_id).where(
            NewsFile.article_id == row.article_id,
            NewsFile.number == row.number,
            NewsFile.kind == FileKind.PICTURE,
        )
    )
    return render(row.body, pictures={one.title: one.file_id for one in pictures})


def next_number(session: Session, article_id: uuid.UUID) -> int:
    """Return the number of the next version of a held article."""
    newest = select(func.max(NewsVersion.number)).where(NewsVersion.article_id == article_id)
    return 1 + (session.scalar(newest) or 0)


def record(
    session: Session,
    article: NewsArticle,
    verb: str,
    details: Mapping[str, object],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Write the audit row of an act, once the database has taken what it changed."""
    session.flush()
    audit.record(
        session,
        f"news_article:{verb}",
        subject_type="news_article",
        subject_id=article.id,
        actor_id=actor.id,
        now=now,
        details=details,
        region_code=article.region_code,
    )
