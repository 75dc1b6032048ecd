"""Who may do what with policy articles, and the articles that are asked about."""

import io
import uuid
from typing import Any

from sqlalchemy.orm import Session

from relief.news.models import NewsArticle, NewsVersion
from relief.news.types import VersionStatus
from tests.api.access_who import APPROVERS, AUDITORS, OPEN_CASES, Line
from tests.support.news import PDF, TODAY, sent
from tests.support.settings import START

WRITE = OPEN_CASES
SEE = WRITE | APPROVERS | AUDITORS | {"supervisor", "leader"}
THEN = (303,)


def articles(session: Session, account_id: uuid.UUID) -> dict[str, uuid.UUID]:
    """A draft for each case, of civil affairs or of housing, which nobody has edited yet."""
    return {
        "own": _draft(session, account_id, 210302000000, "D01"),
        "same_county": _draft(session, account_id, 210302003000, "D01"),
        "other_county": _draft(session, account_id, 210303000000, "D01"),
        "wrong_department": _draft(session, account_id, 210302000000, "D04"),
    }


def _draft(session: Session, account_id: uuid.UUID, region: int, department: str) -> uuid.UUID:
    article = NewsArticle(
        id=uuid.uuid5(account_id, f"{region}{department}"), region_code=region,
        department_code=department, created_by=account_id, created_at=START,
    )  # fmt: skip
    session.add(article)
    session.flush()
    session.add(
        NewsVersion(
            article_id=article.id, number=1, category="policy", title="标题", summary="摘要",
            body="正文", html="<p>正文</p>", source="示例市民政局", shown_from=TODAY,
            region_codes=[region], aid_categories=[], status=VersionStatus.DRAFT,
            editors=[str(account_id)], created_by=account_id, created_at=START,
            edited_by=account_id, edited_at=START,
        )
    )  # fmt: skip
    session.flush()
    return article.id


def with_version(**more: Any) -> Any:
    return lambda _article_id: {"version": 1} | more


def of_article(who: frozenset[str], ok: tuple[int, ...], **given: Any) -> Line:
    return Line(who, about="news_act", ok=ok, body=with_version(**given))


def _upload(_article_id: Any) -> dict[str, Any]:
    return {"version": "1", "file": (io.BytesIO(PDF), "通知.pdf")}


ONE = "/news/<uuid:article_id>"
NEWS_API: dict[tuple[str, str], Line] = {
    ("GET", "/v1/news"): Line(SEE, lists="news"),
    # Who is of no department is told so.
    ("POST", "/v1/news"): Line(WRITE, ok=(201, 403), body=lambda _: {"content": sent()}),
    ("GET", f"/v1{ONE}"): Line(SEE, about="news"),
    ("GET", f"/v1{ONE}/versions/<int:number>"): Line(SEE, about="news"),
    ("GET", f"/v1{ONE}/readings"): Line(SEE, about="news"),
    # It has no such file, which only who may see it is told.
    ("GET", f"/v1{ONE}/files/<uuid:file_id>"): Line(SEE, about="news", ok=(404,)),
    ("POST", f"/v1{ONE}/draft"): Line(WRITE, about="news_act", ok=(409,)),
    ("PUT", f"/v1{ONE}/draft"): of_article(WRITE, (200,), content=sent(region_codes=[])),
    ("POST", f"/v1{ONE}/draft/files"): Line(WRITE, about="news_act", ok=(201,), form=_upload),
    ("POST", f"/v1{ONE}/draft/files/<uuid:file_id>/removal"): of_article(WRITE, (404,)),
    ("POST", f"/v1{ONE}/proposal"): of_article(WRITE, (200,)),
    # Nothing is proposed, nor published: only who may is told.
    ("POST", f"/v1{ONE}/return"): of_article(APPROVERS, (409,), reason="标题太长"),
    ("POST", f"/v1{ONE}/publication"): of_article(APPROVERS, (409,)),
    ("POST", f"/v1{ONE}/discard"): of_article(WRITE, (200,)),
    ("POST", f"/v1{ONE}/withdrawal"): Line(
        APPROVERS, about="news_act", ok=(409,), body=lambda _: {"reason": "标准有误"}
    ),
}


def in_article(who: frozenset[str], ok: tuple[int, ...] = THEN, **given: Any) -> Line:
    return Line(who, about="news_act", ok=ok, form=with_version(**given))


def _filled(**more: Any) -> dict[str, Any]:
    content = {name: value or "" for name, value in sent().items()}
    return content | {"region_codes": [], "aid_categories": []} | more


NEWS_PAGES: dict[tuple[str, str], Line] = {
    ("GET", "/news"): Line(SEE, lists="news"),
    ("GET", "/news/new"): Line(WRITE),
    # Who is of no department is told so.
    ("POST", "/news"): Line(WRITE, ok=(303, 403), form=lambda _: _filled()),
    ("GET", ONE): Line(SEE, about="news"),
    ("GET", f"{ONE}/versions/<int:number>"): Line(SEE, about="news"),
    ("GET", f"{ONE}/files/<uuid:file_id>"): Line(SEE, about="news", ok=(404,)),
    ("GET", f"{ONE}/edit"): Line(WRITE, about="news_act"),
    ("POST", f"{ONE}/edit"): in_article(WRITE, **_filled()),
    ("POST", f"{ONE}/draft"): Line(WRITE, about="news_act", ok=(409,)),
    ("POST", f"{ONE}/files"): Line(WRITE, about="news_act", ok=THEN, form=_upload),
    ("POST", f"{ONE}/files/<uuid:file_id>/removal"): in_article(WRITE, (404,)),
    ("POST", f"{ONE}/proposal"): in_article(WRITE),
    # Nothing is proposed, nor published: only who may is told.
    ("POST", f"{ONE}/return"): in_article(APPROVERS, (409,), reason="标题太长"),
    ("POST", f"{ONE}/publication"): in_article(APPROVERS, (409,)),
    ("POST", f"{ONE}/discard"): in_article(WRITE),
    ("POST", f"{ONE}/withdrawal"): Line(
        APPROVERS, about="news_act", ok=(409,), form=lambda _: {"withdrawal": "标准有误"}
    ),
}
