"""The articles of the sample city: invented, brought through the acts of the real service."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

import seeds
from relief.accounts.identity import Actor
from relief.accounts.samples import acting_as
from relief.core.clock import local_date
from relief.news import held, service
from relief.news.content import Content
from relief.news.models import NewsArticle
from relief.news.types import VersionStatus
from relief.registry.types import Category

WRITER, PUBLISHER = "clerk", "approver"
_WORDS = ("category", "title", "summary", "body", "source", "document_number")


def load_sample_articles(session: Session, *, now: datetime) -> int:
    """Write, propose and publish the sample's articles as two of its accounts; return how many.

    Where there is any article already, nothing is done.
    """
    if session.scalar(select(NewsArticle.id).limit(1)) is not None:
        return 0
    document = yaml.safe_load(seeds.path("sample/news.yml").read_text("utf-8"))
    writer, publisher = acting_as(session, WRITER), acting_as(session, PUBLISHER)
    for entry in document["articles"]:
        _bring(session, entry, writer=writer, publisher=publisher, now=now)
    return len(document["articles"])


def _bring(
    session: Session,
    entry: Mapping[str, Any],
    *,
    writer: Actor,
    publisher: Actor,
    now: datetime,
) -> None:
    """Bring one article as far as its state says."""
    wanted = VersionStatus(entry["state"])
    content = Content(
        **{name: entry[name] for name in _WORDS},
        shown_from=local_date(now) + timedelta(days=entry["days"]),
        shown_until=None,
        region_codes=(),
        aid_categories=tuple(Category(one) for one in entry["aid_categories"]),
    )
    article_id = service.begin(session, content=content, actor=writer, now=now)
    acts = {
        VersionStatus.DRAFT: (),
        VersionStatus.PROPOSED: ((service.propose, writer),),
        VersionStatus.PUBLISHED: ((service.propose, writer), (service.publish, publisher)),
    }
    for act, actor in acts[wanted]:
        row = held.live(session, article_id)
        assert row is not None  # noqa: S101  # it was begun above
        act(session, article_id=article_id, version=row.version, actor=actor, now=now)
