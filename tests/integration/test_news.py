"""Policy articles: written by one, published by another, kept, and read by whom they are for."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from relief.accounts.types import Role
from relief.audit.models import AuditEvent
from relief.news import queries, service
from relief.news.errors import (
    ArticleEditedMeanwhile,
    ArticleNotFound,
    BadArticle,
    NoDraft,
    NoOffice,
    NotProposed,
    NotPublished,
    SecondPersonNeeded,
    VersionExists,
)
from relief.news.types import VersionStatus
from relief.registry.types import Category
from tests.support.news import CONTENT, TODAY, Newsroom, staff
from tests.support.people import CITY, HOUSING, TIEXI
from tests.support.settings import START

EAST, WEST = 210302000000, 210303000000
STREET = 210302002000


@pytest.fixture
def room(session):
    return Newsroom(session)


def trail(session, article_id):
    rows = session.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == article_id).order_by(AuditEvent.id)
    )
    return sorted((row.action.partition(":")[2], row.region_code) for row in rows)


def test_one_writes_another_publishes_and_each_act_is_recorded(session, room):
    article = room.write()
    room.edit(article, title="城乡低保标准调整")
    room.propose(article)

    with pytest.raises(SecondPersonNeeded):
        room.act(service.publish, article, room.writer)
    room.act(service.publish, article, room.publisher)

    shown = room.show(article)
    assert (shown.newest.row.status, shown.newest.row.shown) == (VersionStatus.PUBLISHED, True)
    assert shown.newest.content.title == "城乡低保标准调整"
    assert "<h2>调整后的标准</h2>" in shown.newest.html
    acts = ("begun", "edited", "proposed", "published")
    assert trail(session, article) == [(act, EAST) for act in acts]


def test_who_wrote_any_of_it_never_publishes_it_even_when_another_proposed(session, room):
    helper = staff(session, Role.REVIEWER)
    article = room.write()
    room.act(service.propose, article, helper)
    room.act(service.send_back, article, room.publisher, reason="标题太长")
    assert room.show(article).newest.row.returned_reason == "标题太长"
    room.propose(article)

    for actor in (helper, room.writer):
        with pytest.raises(SecondPersonNeeded):
            room.act(service.publish, article, actor)


def test_the_database_keeps_four_eyes_itself(session, room):
    article = room.write()
    room.propose(article)

    with pytest.raises(IntegrityError, match="four_eyes"), session.begin_nested():
        session.execute(
            text("UPDATE news_version SET status = 'published', published_by = :who,"
                 " published_at = now()"),
            {"who": room.writer.id},
        )  # fmt: skip


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE news_version SET title = 'x'",
        (
            "UPDATE news_version SET html = 'x', status = 'withdrawn', closed_by = published_by,"
            " closed_at = now(), withdrawn_reason = 'x'"
        ),
        (
            "UPDATE news_version SET status = 'draft', proposed_by = NULL, proposed_at = NULL,"
            " published_by = NULL, published_at = NULL"
        ),
        "DELETE FROM news_version",
    ],
)
def test_the_database_keeps_what_was_published(session, room, statement):
    room.published()

    with pytest.raises(IntegrityError, match="is kept"), session.begin_nested():
        session.execute(text(statement))


def test_a_published_article_changes_by_a_new_version_and_the_old_one_stays(session, room):
    article = room.published()

    number = room.again(article, body="改为 900 元。")

    shown = room.show(article)
    assert [(one.number, one.status, one.shown) for one in shown.versions] == [
        (2, VersionStatus.PUBLISHED, True),
        (1, VersionStatus.PUBLISHED, False),
    ]
    assert number == 2
    told = shown.newest.difference
    assert told.fields == []
    assert [one.words for one in told.lines if one.mark == "+"] == ["改为 900 元。"]
    old = queries.version(
        session, article_id=article, number=1, reader=staff(session, Role.AUDITOR), now=START
    )
    assert old.content.body == CONTENT.body


def test_only_one_version_at_a_time_is_not_finished(session, room):
    article = room.published()
    service.begin_version(session, article_id=article, actor=room.writer, now=START)

    with pytest.raises(VersionExists):
        service.begin_version(session, article_id=article, actor=room.writer, now=START)


def test_a_draft_that_was_never_published_is_no_base_of_another(session, room):
    article = room.write()
    room.act(service.discard, article, room.writer)

    with pytest.raises(NotPublished):
        service.begin_version(session, article_id=article, actor=room.writer, now=START)
    assert room.show(article).newest.row.status is VersionStatus.DISCARDED


def test_it_is_withdrawn_with_a_reason_and_may_come_again(session, room):
    article = room.published()
    room.again(article, title="又一版")
    room.withdraw(article)

    shown = room.show(article)
    assert {one.status for one in shown.versions} == {VersionStatus.WITHDRAWN}
    assert shown.newest.row.withdrawn_reason == "标准有误"
    with pytest.raises(NotPublished):
        room.withdraw(article)
    room.again(article, title="更正后的一版")
    assert [one.shown for one in room.show(article).versions] == [True, False, False]


def test_who_saves_late_is_told_and_nothing_is_lost(session, room):
    article = room.write()
    seen = room.version(article)
    room.edit(article, title="先保存的")

    with pytest.raises(ArticleEditedMeanwhile):
        service.edit(
            session, article_id=article, version=seen, content=CONTENT, actor=room.writer,
            now=START,
        )  # fmt: skip
    assert room.show(article).newest.content.title == "先保存的"


def test_what_says_the_same_is_not_saved(session, room):
    article = room.write()
    before = room.version(article)

    room.edit(article)

    assert room.version(article) == before
    assert [act for act, _ in trail(session, article)] == ["begun"]


def test_each_act_asks_for_its_state(room):
    article = room.write()
    for act in (service.publish, service.send_back):
        more = {"reason": "理由"} if act is service.send_back else {}
        with pytest.raises(NotProposed):
            room.act(act, article, room.publisher, **more)
    room.publish(article)
    for act in (service.propose, service.discard):
        with pytest.raises(NoDraft):
            room.act(act, article, room.writer)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": " "}, "请填写标题"),
        ({"title": "长" * 61}, "标题最多 60 个字"),
        ({"body": ""}, "请填写正文"),
        ({"body": "[看](http://example.com)"}, "只能链接到 https"),
        ({"document_number": "号" * 61}, "文号最多 60 个字"),
        ({"category": "gossip"}, "没有这个栏目"),
        ({"shown_until": TODAY - timedelta(days=1)}, "最后展示日不能早于开始展示日"),
        ({"region_codes": (WEST,)}, "须在起草单位的区划之内"),
        ({"region_codes": (EAST + 1,)}, "不存在的区划"),
        ({"region_codes": tuple(range(EAST, EAST + 61))}, "最多选 60 个"),
    ],
)
def test_what_breaks_a_rule_is_refused_in_words(room, changes, words):
    with pytest.raises(BadArticle, match=words):
        room.write(**changes)


def test_what_nobody_could_see_or_would_see_broken_is_not_proposed(room):
    past = room.write(shown_from=TODAY - timedelta(days=3), shown_until=TODAY - timedelta(days=1))
    with pytest.raises(BadArticle, match="最后展示日已过"):
        room.propose(past)
    broken = room.write(body="[图片：流程图]")
    with pytest.raises(BadArticle, match="没有上传的图片：流程图"):
        room.propose(broken)
    assert room.show(broken).newest.missing_pictures == ("流程图",)


def test_an_office_that_is_not_the_citys_writes_for_its_own(session, room):
    county = room.write()
    city = Newsroom(session, region=CITY)
    whole = city.write()

    assert room.show(county).newest.content.region_codes == (EAST,)
    assert city.show(whole).newest.content.region_codes == ()
    in_order = room.write(
        region_codes=(STREET, STREET),
        aid_categories=(Category.OTHER, Category.MINIMUM_ALLOWANCE),
    )
    said = room.show(in_order).newest.content
    assert said.region_codes == (STREET,)
    assert said.aid_categories == (Category.MINIMUM_ALLOWANCE, Category.OTHER)


def test_whoever_works_in_several_regions_says_for_which(session, room):
    both = replace(
        room.writer, scope=replace(room.writer.scope, ranges=(
            *room.writer.scope.ranges, *staff(session, Role.CLERK, region=TIEXI).scope.ranges,
        )),
    )  # fmt: skip

    with pytest.raises(BadArticle, match="请选择为哪个区划起草"):
        service.begin(session, content=CONTENT, actor=both, now=START)
    made = service.begin(session, content=CONTENT, actor=both, region=WEST, now=START)
    assert queries.article(session, article_id=made, reader=both, now=START).region_code == WEST
    for elsewhere in (210381000000, EAST + 1, 210300000000):
        with pytest.raises(BadArticle, match="自己工作区划之内"):
            service.begin(session, content=CONTENT, actor=both, region=elsewhere, now=START)


def test_whoever_has_no_department_writes_nothing(session):
    with pytest.raises(NoOffice):
        service.begin(
            session, content=CONTENT, actor=staff(session, Role.CLERK, department=None), now=START
        )


@pytest.mark.parametrize(
    ("stranger", "sees"),
    [
        ({"role": Role.CLERK, "region": TIEXI}, False),  # another county
        ({"role": Role.CLERK, "department": HOUSING}, False),  # another department
        ({"role": Role.AUDITOR, "department": HOUSING}, True),  # sees, and changes nothing
    ],
)
def test_what_others_write_does_not_exist_or_is_only_read(session, room, stranger, sees):
    article = room.published()
    other = staff(session, **stranger)

    listed = queries.articles(session, reader=other, limit=50).items
    assert [one.id for one in listed] == ([article] if sees else [])
    if sees:
        found = queries.article(session, article_id=article, reader=other, now=START)
        assert found.own is False
    else:
        for read in (queries.article, queries.readings):
            more = {"now": START} if read is queries.article else {"until": TODAY}
            with pytest.raises(ArticleNotFound):
                read(session, article_id=article, reader=other, **more)
    with pytest.raises(ArticleNotFound):
        service.withdraw(session, article_id=article, reason="理由", actor=other, now=START)


def test_the_list_is_narrowed_by_state_and_kind_and_goes_by_pages(session, room, assert_queries):
    draft = room.write(category="notice")
    proposed = room.write()
    room.propose(proposed)
    published = room.published()
    service.begin_version(session, article_id=published, actor=room.writer, now=START)
    withdrawn = room.published(category="notice")
    room.withdraw(withdrawn)
    discarded = room.write()
    room.act(service.discard, discarded, room.writer)

    def listed(**given):
        page = queries.articles(session, reader=room.writer, **{"limit": 50} | given)
        return [one.id for one in page.items]

    assert set(listed()) == {draft, proposed, published, withdrawn, discarded}
    assert set(listed(status=VersionStatus.DRAFT)) == {draft, published}
    assert listed(status=VersionStatus.PROPOSED) == [proposed]
    assert listed(status=VersionStatus.PUBLISHED) == [published]
    assert listed(status=VersionStatus.WITHDRAWN) == [withdrawn]
    assert set(listed(category="notice")) == {draft, withdrawn}
    with assert_queries(4):
        first = queries.articles(session, reader=room.writer, limit=3)
    second = queries.articles(session, reader=room.writer, limit=3, cursor=first.next_cursor)
    assert [*(one.id for one in first.items), *(one.id for one in second.items)] == listed()
    [row] = [one for one in first.items + second.items if one.id == published]
    assert (row.status, row.number, row.published) == (VersionStatus.DRAFT, 2, 1)


def test_a_version_that_there_is_not_is_not_found(session, room):
    article = room.write()

    with pytest.raises(ArticleNotFound):
        queries.version(session, article_id=article, number=2, reader=room.writer, now=START)
