"""Policy articles over HTTP: written by one, published by another."""

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Response

from relief.api.news.schemas import (
    NewsArgs,
    NewsEditIn,
    NewsIn,
    NewsLookedIn,
    NewsOut,
    NewsPageOut,
    NewsReadingListOut,
    NewsReturnIn,
    NewsUploadFileIn,
    NewsUploadIn,
    NewsVersionOut,
    NewsWithdrawalIn,
)
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.news import files, queries, service
from relief.news.content import Content
from relief.web import news_files
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, cipher, config, current_actor, now, requires
from relief.web.idempotency import answer
from relief.web.limits import takes_media

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FILE = {
    "description": "OK",
    "content": dict.fromkeys(("application/pdf", "image/jpeg", "image/png", "audio/mpeg"), _BINARY),
}
_MEANWHILE = "别人刚刚改过，或这篇文章当前的状态不允许"

blp = Blueprint("news", __name__, url_prefix="/v1/news", description="政策资讯")


@blp.get("")
@requires(Permission.SEE_NEWS, scope="region")
@blp.arguments(NewsArgs, location="query")
@blp.response(200, NewsPageOut)
def list_news(args: dict[str, Any]) -> Any:
    """List the articles of one's regions and department, newest first."""
    with unit_of_work() as session:
        return queries.articles(session, reader=current_actor(), **args)


@blp.post("")
@requires(Permission.WRITE_NEWS, scope="region")
@blp.arguments(NewsIn)
@blp.response(201, NewsOut)
@blp.alt_response(403, description="账号没有部门或工作区划")
@blp.alt_response(422, description="填写的内容不正确")
def begin(payload: dict[str, Any]) -> Response:
    """Write the first draft of a new article."""
    actor, moment = current_actor(), now()
    with unit_of_work() as session:

        def work() -> queries.NewsDetail:
            article_id = service.begin(
                session,
                content=_content(payload),
                region=payload["region"],
                actor=actor,
                now=moment,
            )
            return _detail(session, article_id)

        return answer(session, NewsOut, actor_id=actor.id, now=moment, work=work, status=201)


@blp.get("/<uuid:article_id>")
@requires(Permission.SEE_NEWS, scope="region")
@blp.response(200, NewsOut)
def get_article(article_id: uuid.UUID) -> queries.NewsDetail:
    """Return an article with its versions and the newest one's content."""
    with unit_of_work() as session:
        return _detail(session, article_id)


@blp.get("/<uuid:article_id>/versions/<int:number>")
@requires(Permission.SEE_NEWS, scope="region")
@blp.response(200, NewsVersionOut)
def get_version(article_id: uuid.UUID, number: int) -> queries.NewsVersionDetail:
    """Return one version, also one that is replaced, withdrawn or thrown away."""
    with unit_of_work() as session:
        return queries.version(
            session, article_id=article_id, number=number, reader=current_actor(), now=now()
        )


@blp.get("/<uuid:article_id>/readings")
@requires(Permission.SEE_NEWS, scope="region")
@blp.response(200, NewsReadingListOut)
def list_readings(article_id: uuid.UUID) -> dict[str, Any]:
    """Return how many read it on each day; who, is not kept."""
    with unit_of_work() as session:
        return {
            "items": queries.readings(
                session, article_id=article_id, reader=current_actor(), until=local_date(now())
            )
        }


@blp.get("/<uuid:article_id>/files/<uuid:file_id>")
@requires(Permission.SEE_NEWS, scope="region")
@blp.response(200)
@blp.doc(responses={"200": _FILE})
def get_file(article_id: uuid.UUID, file_id: uuid.UUID) -> Response:
    """Return a file of the article, or the part that `Range` asks for."""
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


@blp.post("/<uuid:article_id>/draft")
@requires(Permission.WRITE_NEWS, scope="region")
@blp.response(201, NewsOut)
@blp.alt_response(409, description=_MEANWHILE)
def begin_version(article_id: uuid.UUID) -> Response:
    """Copy what was published last into a draft."""
    return _act(service.begin_version, article_id, status=201)


@blp.put("/<uuid:article_id>/draft")
@requires(Permission.WRITE_NEWS, scope="region")
@blp.arguments(NewsEditIn)
@blp.response(200, NewsOut)
@blp.alt_response(409, description=_MEANWHILE)
@blp.alt_response(422, description="填写的内容不正确")
def edit(payload: dict[str, Any], article_id: uuid.UUID) -> Response:
    """Save the whole draft, if nobody saved another since it was looked at."""
    return _act(service.edit, article_id, version=payload["version"], content=_content(payload))


@blp.post("/<uuid:article_id>/draft/files")
@takes_media
@requires(Permission.WRITE_NEWS, scope="region")
@blp.arguments(NewsUploadFileIn, location="files")
@blp.arguments(NewsUploadIn, location="form")
@blp.response(201, NewsOut)
@blp.alt_response(409, description=_MEANWHILE)
@blp.alt_response(422, description="文件过大，或不是可以接受的种类")
def attach(sent: dict[str, Any], payload: dict[str, Any], article_id: uuid.UUID) -> Any:
    """Put a file to the draft; the same content again is the file that there is."""
    file = sent["file"]
    news_files.take_in(file.stream, article_id=article_id, name=file.filename or "", **payload)
    with unit_of_work() as session:
        return _detail(session, article_id)


@blp.post("/<uuid:article_id>/draft/files/<uuid:file_id>/removal")
@requires(Permission.WRITE_NEWS, scope="region")
@blp.arguments(NewsLookedIn)
@blp.response(200, NewsOut)
@blp.alt_response(409, description=_MEANWHILE)
def detach(payload: dict[str, Any], article_id: uuid.UUID, file_id: uuid.UUID) -> Response:
    """Take a file off the draft."""
    storage = config().storage_dir
    return _act(files.detach, article_id, file_id=file_id, storage=storage, **payload)


@blp.post("/<uuid:article_id>/proposal")
@requires(Permission.WRITE_NEWS, scope="region")
@blp.arguments(NewsLookedIn)
@blp.response(200, NewsOut)
@blp.alt_response(409, description=_MEANWHILE)
@blp.alt_response(422, description="最后展示日已过，或缺少正文中的图片")
def propose(payload: dict[str, Any], article_id: uuid.UUID) -> Response:
    """Lay the draft before a second person."""
    return _act(service.propose, article_id, **payload)


@blp.post("/<uuid:article_id>/return")
@requires(Permission.PUBLISH_NEWS, scope="region")
@blp.arguments(NewsReturnIn)
@blp.response(200, NewsOut)
@blp.alt_response(409, description=_MEANWHILE)
def send_back(payload: dict[str, Any], article_id: uuid.UUID) -> Response:
    """Send what was proposed back to be edited."""
    return _act(service.send_back, article_id, **payload)


@blp.post("/<uuid:article_id>/publication")
@requires(Permission.PUBLISH_NEWS, scope="region", step_up=True)
@blp.arguments(NewsLookedIn)
@blp.response(200, NewsOut)
@blp.alt_response(403, description="写过或提交过的人不能发布")
@blp.alt_response(409, description=_MEANWHILE)
@blp.alt_response(422, description="最后展示日已过，或缺少正文中的图片")
def publish(payload: dict[str, Any], article_id: uuid.UUID) -> Response:
    """Publish what was looked at."""
    return _act(service.publish, article_id, **payload)


@blp.post("/<uuid:article_id>/discard")
@requires(Permission.WRITE_NEWS, scope="region")
@blp.arguments(NewsLookedIn)
@blp.response(200, NewsOut)
@blp.alt_response(409, description=_MEANWHILE)
def discard(payload: dict[str, Any], article_id: uuid.UUID) -> Response:
    """Throw the draft away; it stays readable to staff."""
    return _act(service.discard, article_id, **payload)


@blp.post("/<uuid:article_id>/withdrawal")
@requires(Permission.PUBLISH_NEWS, scope="region")
@blp.arguments(NewsWithdrawalIn)
@blp.response(200, NewsOut)
@blp.alt_response(409, description="没有在发布中")
def withdraw(payload: dict[str, Any], article_id: uuid.UUID) -> Response:
    """Take the article from readers, with a reason."""
    return _act(service.withdraw, article_id, **payload)


def _content(payload: dict[str, Any]) -> Content:
    given = payload["content"]
    return Content(
        **given
        | {
            "region_codes": tuple(given["region_codes"]),
            "aid_categories": tuple(given["aid_categories"]),
        }
    )


def _act(
    act: Callable[..., object], article_id: uuid.UUID, *, status: int = 200, **given: Any
) -> Response:
    actor, moment = current_actor(), now()
    with unit_of_work() as session:

        def work() -> queries.NewsDetail:
            act(session, article_id=article_id, actor=actor, now=moment, **given)
            session.flush()
            return _detail(session, article_id)

        return answer(session, NewsOut, actor_id=actor.id, now=moment, work=work, status=status)


def _detail(session: "Session", article_id: uuid.UUID) -> queries.NewsDetail:
    return queries.article(session, article_id=article_id, reader=current_actor(), now=now())
