"""The pages on which policy articles are read: the list, one article, one old version, a file."""

import uuid
from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.console import forms, paging
from relief.console.labels import label
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.news import files, queries
from relief.news.body import addressed
from relief.news.content import LENGTHS, categories
from relief.news.types import FileKind, VersionStatus
from relief.web import news_files
from relief.web.context import cipher, config, current_actor, now, requires

if TYPE_CHECKING:
    from relief.core.errors import DomainError

news = Blueprint("news", __name__, url_prefix="/news")
STATES = (
    VersionStatus.DRAFT,
    VersionStatus.PROPOSED,
    VersionStatus.PUBLISHED,
    VersionStatus.WITHDRAWN,
)


@news.get("")
@requires(Permission.SEE_NEWS, scope="region")
def index() -> str:
    """Show a page of the articles of one's regions and department."""
    asked = request.args.get("status", "")
    status = VersionStatus(asked) if asked in list(STATES) else None
    with unit_of_work() as session:
        kinds = categories(session)
        category = request.args.get("category", "")
        category = category if category in kinds else ""
        page = queries.articles(
            session,
            reader=current_actor(),
            status=status,
            category=category or None,
            limit=paging.PAGE_SIZE,
            cursor=paging.cursor(),
        )
    return render_template(
        "console/news/list.html",
        rows=page.items,
        status=status,
        statuses=[(one.value, label(one, "news_status")) for one in STATES],
        category=category,
        kinds=list(kinds.items()),
        **paging.links(page.next_cursor, status=status, category=category or None),
    )


@news.get("/<uuid:article_id>")
@requires(Permission.SEE_NEWS, scope="region")
def show(article_id: uuid.UUID) -> str:
    """Show an article: where it stands, what it says on a phone, who did what."""
    return page(article_id)


@news.get("/<uuid:article_id>/versions/<int:number>")
@requires(Permission.SEE_NEWS, scope="region")
def version(article_id: uuid.UUID, number: int) -> str:
    """Show one version, also one that is replaced or withdrawn."""
    actor = current_actor()
    with unit_of_work() as session:
        found = queries.article(session, article_id=article_id, reader=actor, now=now())
        one = queries.version(
            session, article_id=article_id, number=number, reader=actor, now=now()
        )
    return render_template(
        "console/news/version.html", found=found, one=one, phone=_phone(one), kinds=FileKind
    )


@news.get("/<uuid:article_id>/files/<uuid:file_id>")
@requires(Permission.SEE_NEWS, scope="region")
def file(article_id: uuid.UUID, file_id: uuid.UUID) -> Response:
    """Give a file of the article."""
    with unit_of_work() as session:
        found = files.staff_file(
            session,
            article_id=article_id,
            file_id=file_id,
            reader=current_actor(),
            cipher=cipher(),
            storage=config().storage_dir,
        )
    return news_files.send(found)


def page(article_id: uuid.UUID, fault: "DomainError | None" = None) -> str:
    """Return the page of an article, with what was wrong with the last act."""
    actor, today = current_actor(), local_date(now())
    with unit_of_work() as session:
        found = queries.article(session, article_id=article_id, reader=actor, now=now())
        readings = queries.readings(session, article_id=article_id, reader=actor, until=today)
    row = found.newest.row
    writes = found.own and actor.may(Permission.WRITE_NEWS)
    decides = found.own and actor.may(Permission.PUBLISH_NEWS)
    return render_template(
        "console/news/show.html",
        found=found,
        one=found.newest,
        phone=_phone(found.newest),
        readings=readings,
        fault=fault,
        filled=request.form,
        lengths=LENGTHS,
        kinds=FileKind,
        may_edit=writes and row.status is VersionStatus.DRAFT,
        may_begin=writes
        and row.status not in {VersionStatus.DRAFT, VersionStatus.PROPOSED}
        and any(one.published_by for one in found.versions),
        may_publish=decides and row.status is VersionStatus.PROPOSED,
        may_withdraw=decides
        and any(one.status is VersionStatus.PUBLISHED for one in found.versions),
        fresh=actor.fresh(now(), to_fill_in=True),
        once_key=forms.new_key(),
    )


def office_of(article_id: uuid.UUID) -> queries.NewsDetail:
    """Return an article whose draft the reader may change. Raises ArticleNotFound, NotFound."""
    with unit_of_work() as session:
        found = queries.article(session, article_id=article_id, reader=current_actor(), now=now())
    if not found.own or found.newest.row.status is not VersionStatus.DRAFT:
        raise NotFound
    return found


def _phone(one: queries.NewsVersionDetail) -> str:
    """Return the text as a phone shows it; what is kept was sanitised before it was kept."""
    return addressed(
        one.html,
        lambda file_id: url_for("console.news.file", article_id=one.article_id, file_id=file_id),
    )
