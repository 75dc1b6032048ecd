"""The sample's articles go through the real service, once."""

from sqlalchemy import select

from relief.accounts.samples import create_sample_accounts
from relief.audit.models import AuditEvent
from relief.core.sign_in_rules import DEFAULT_RULES
from relief.news import reading
from relief.news.models import NewsVersion
from relief.news.reading import Audience, Home
from relief.news.samples import load_sample_articles
from relief.registry.types import Category
from tests.support.people import PASSWORD
from tests.support.settings import CIPHER, START

VILLAGE = 210302002001


def titles(session, category):
    audience = Audience((Home(VILLAGE, category),))
    return [one.title for one in reading.published(session, audience=audience, now=START).items]


def test_the_sample_shows_every_state_and_is_loaded_once(session):
    create_sample_accounts(
        session, now=START, password_for=lambda _name: PASSWORD, cipher=CIPHER,
        rules=DEFAULT_RULES,
    )  # fmt: skip

    assert [load_sample_articles(session, now=START) for _ in range(2)] == [4, 0]

    states = session.scalars(select(NewsVersion.status)).all()
    assert sorted(states) == ["draft", "proposed", "published", "published"]
    assert titles(session, Category.OTHER) == ["怎样申请最低生活保障"]
    assert len(titles(session, Category.MINIMUM_ALLOWANCE)) == 2
    acts = session.scalars(
        select(AuditEvent.action).where(AuditEvent.subject_type == "news_article")
    ).all()
    assert sorted(acts) == sorted(
        ["news_article:begun"] * 4 + ["news_article:proposed"] * 3 + ["news_article:published"] * 2
    )
