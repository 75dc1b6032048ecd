"""What two persons do with an article: begin, save, propose, send back, publish, withdraw."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response

from relief.accounts.permissions import Permission
from relief.console import forms
from relief.console.forms import field
from relief.console.news import form
from relief.console.news.routes import office_of, page
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.core.errors import Conflict, DomainError, Forbidden, Invalid, Unavailable
from relief.news import files, service
from relief.news.content import LENGTHS
from relief.news.errors import ArticleEditedMeanwhile, BadArticle, BadFile
from relief.organisation import queries as organisation
from relief.web import news_files
from relief.web.context import config, current_actor, now, requires
from relief.web.limits import takes_media

news_acts = Blueprint("news_acts", __name__, url_prefix="/news")
Answer = Response | tuple[str, int]
ONE = "/<uuid:article_id>"
SHORTEST = 2
_DIGITS = 10


@news_acts.get("/new")
@requires(Permission.WRITE_NEWS, scope="region")
def new() -> str:
    """Show the form of a new article; first, for which region, if one works in several."""
    office = _office(request.args.get("office", ""))
    if office is None:
        return _offices()
    return _form(form.empty(local_date(now())), office=office)


@news_acts.post("")
@requires(Permission.WRITE_NEWS, scope="region")
def create() -> Answer:
    """Write the first draft of a new article."""
    filled, actor, moment = form.sent(request.form), current_actor(), now()
    office = _office(field("office"))
    try:
        with unit_of_work() as session:
            made = forms.once(
                session,
                lambda: service.begin(
                    session,
                    content=form.to_content(filled),
                    region=office,
                    actor=actor,
                    now=moment,
                ),
            )
    except (Forbidden, Invalid) as fault:
        status = forms.status_of(fault)
        return (_form(filled, office=office, fault=fault) if office else _offices(fault)), status
    flash("草稿已保存。可以继续上传附件，看过手机预览后提交发布。", "good")
    return redirect(url_for("console.news.show", article_id=made), code=303)


@news_acts.get(f"{ONE}/edit")
@requires(Permission.WRITE_NEWS, scope="region")
def edit(article_id: uuid.UUID) -> str:
    """Show the form of the draft."""
    found = office_of(article_id)
    return _form(
        form.filled(found.newest.content), found=found, office=found.region_code,
        version=found.newest.row.version,
    )  # fmt: skip


@news_acts.post(f"{ONE}/edit")
@requires(Permission.WRITE_NEWS, scope="region")
def save(article_id: uuid.UUID) -> Answer:
    """Save the draft."""
    filled, seen = form.sent(request.form), _seen()

    def otherwise(fault: DomainError) -> str:
        if not isinstance(fault, Invalid | ArticleEditedMeanwhile):
            return page(article_id, fault)
        found = office_of(article_id)
        # The version that was seen stays: sent once more, it is not to go over what others saved.
        return _form(filled, found=found, office=found.region_code, version=seen, fault=fault)

    try:
        content = form.to_content(filled)
    except BadArticle as fault:
        return otherwise(fault), 422
    return _act(
        article_id, service.edit, version=seen, content=content, done="草稿已保存。",
        otherwise=otherwise,
    )  # fmt: skip


@news_acts.post(f"{ONE}/draft")
@requires(Permission.WRITE_NEWS, scope="region")
def begin_version(article_id: uuid.UUID) -> Answer:
    """Copy what was published last into a draft."""
    return _act(
        article_id,
        service.begin_version,
        done="已按最近发布的版本起草新版本，发布之前读者看到的不变。",
    )


@news_acts.post(f"{ONE}/files")
@takes_media
@requires(Permission.WRITE_NEWS, scope="region")
def attach(article_id: uuid.UUID) -> Answer:
    """Put a file to the draft."""
    given = request.files.get("file")
    if given is None or not given.filename:
        return page(article_id, BadFile("请选择要上传的文件")), 422
    try:
        news_files.take_in(
            given.stream,
            article_id=article_id,
            version=_seen(),
            name=given.filename,
            title=field("file_title"),
        )
    except (Conflict, Invalid, Unavailable) as fault:
        return page(article_id, fault), forms.status_of(fault)
    flash("附件已上传。", "good")
    return redirect(url_for("console.news.show", article_id=article_id), code=303)


@news_acts.post(f"{ONE}/files/<uuid:file_id>/removal")
@requires(Permission.WRITE_NEWS, scope="region")
def detach(article_id: uuid.UUID, file_id: uuid.UUID) -> Answer:
    """Take a file off the draft."""
    return _act(
        article_id, files.detach, version=_seen(), file_id=file_id,
        storage=config().storage_dir, done="附件已从草稿中删除。",
    )  # fmt: skip


@news_acts.post(f"{ONE}/proposal")
@requires(Permission.WRITE_NEWS, scope="region")
def propose(article_id: uuid.UUID) -> Answer:
    """Lay the draft before a second person."""
    return _act(
        article_id,
        service.propose,
        version=_seen(),
        done="已提交发布。须由没有写过、提交过的另一人看过后发布。",
    )


@news_acts.post(f"{ONE}/return")
@requires(Permission.PUBLISH_NEWS, scope="region")
def send_back(article_id: uuid.UUID) -> Answer:
    """Send it back to be edited."""
    if (reason := _reason("reason")) is None:
        return _without_reason(article_id, "退回")
    return _act(article_id, service.send_back, version=_seen(), reason=reason, done="已退回修改。")


@news_acts.post(f"{ONE}/publication")
@requires(Permission.PUBLISH_NEWS, scope="region", step_up=True)
def publish(article_id: uuid.UUID) -> Answer:
    """Publish what the page showed."""
    return _act(
        article_id,
        service.publish,
        version=_seen(),
        done="已发布，从开始展示之日起读者能看到。",
    )


@news_acts.post(f"{ONE}/discard")
@requires(Permission.WRITE_NEWS, scope="region")
def discard(article_id: uuid.UUID) -> Answer:
    """Throw the draft away."""
    return _act(article_id, service.discard, version=_seen(), done="草稿已作废。")


@news_acts.post(f"{ONE}/withdrawal")
@requires(Permission.PUBLISH_NEWS, scope="region")
def withdraw(article_id: uuid.UUID) -> Answer:
    """Take the article from readers."""
    if (reason := _reason("withdrawal")) is None:
        return _without_reason(article_id, "撤回")
    return _act(article_id, service.withdraw, reason=reason, done="已撤回，读者不再看到。")


def _act(
    article_id: uuid.UUID,
    what: Callable[..., object],
    *,
    done: str,
    otherwise: Callable[[DomainError], str] | None = None,
    **given: Any,
) -> Answer:
    return forms.act(
        what,
        done=done,
        then=url_for("console.news.show", article_id=article_id),
        otherwise=otherwise or (lambda fault: page(article_id, fault)),
        article_id=article_id,
        **given,
    )


def _form(
    filled: form.Filled,
    *,
    office: int,
    found: Any = None,
    version: int | None = None,
    fault: DomainError | None = None,
) -> str:
    """Show the form; `version`: of the row that who fills it in looked at. Raises NotFound."""
    said = found.newest.content.region_codes if found else ()
    with unit_of_work() as session:
        choices = form.choices(session, office=office, said=said)
    if choices is None:
        raise NotFound
    return render_template(
        "console/news/edit.html",
        found=found,
        version=version,
        late=isinstance(fault, ArticleEditedMeanwhile),
        filled=filled,
        choices=choices,
        office=office,
        fault=fault,
        lengths=LENGTHS,
        once_key=forms.given_key(),
    )


def _offices(fault: DomainError | None = None) -> str:
    """Show for which of one's regions one may write; or that there is none."""
    ranges = current_actor().scope.ranges
    with unit_of_work() as session:
        names = organisation.region_names(session, codes=[part.lo for part in ranges])
    return render_template("console/news/offices.html", offices=list(names.items()), fault=fault)


def _office(text: str) -> int | None:
    """Return for which region somebody writes; None if they have to say. Raises NotFound."""
    ranges = current_actor().scope.ranges
    if not text:
        return ranges[0].lo if len(ranges) == 1 else None
    code = form.region(text)
    if code is None or not any(code in part for part in ranges):
        raise NotFound
    return code


def _seen() -> int:
    """Return the version of the row that the form was made from."""
    text = field("version")
    if not (text.isascii() and text.isdecimal() and len(text) < _DIGITS):
        raise BadRequest
    return int(text)


def _reason(name: str) -> str | None:
    given = field(name)[: LENGTHS["reason"]]
    return given if len(given) >= SHORTEST else None


def _without_reason(article_id: uuid.UUID, what: str) -> Answer:
    return page(article_id, BadArticle(f"请写明{what}的理由，至少 {SHORTEST} 个字")), 422
