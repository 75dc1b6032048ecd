"""Who may read which article on which day, its files, and a count that knows no reader."""

import dataclasses
import json
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from relief.accounts.types import Role
from relief.attachments.errors import FileNotFound
from relief.attachments.models import StoredFile
from relief.core.ids import new_id
from relief.core.paging import BadCursor
from relief.jobs.catalog import JOBS
from relief.news import files, queries, reading, service
from relief.news.errors import ArticleNotFound, BadArticle, BadFile
from relief.news.models import NewsReadCount, NewsReadMark
from relief.news.reading import Audience, Home
from relief.registry.types import Category
from tests.support.media import pdf, photo
from tests.support.news import PDF, TODAY, Newsroom, staff
from tests.support.people import CITY, HOUSING
from tests.support.settings import CIPHER, START
from tests.support.sounds import sound

EAST, WEST = 210302000000, 210303000000
VILLAGE, ELSEWHERE = 210302002001, 210303001001
ANYBODY = Audience()
NEIGHBOUR = Audience((Home(VILLAGE, Category.MINIMUM_ALLOWANCE),))
DAY = timedelta(days=1)


@pytest.fixture
def room(session, storage):
    return Newsroom(session, region=CITY, storage=storage)


def listed(session, audience=NEIGHBOUR, *, now=START, **more):
    return [one.id for one in reading.published(session, audience=audience, now=now, **more).items]


@pytest.mark.parametrize(
    ("regions", "categories", "homes", "reads"),
    [
        ((), (), (), True),
        ((EAST,), (), (), False),
        ((), ("other",), (), False),
        ((EAST,), (), ((VILLAGE, "other"),), True),
        ((VILLAGE,), (), ((VILLAGE, "other"),), True),
        ((WEST,), (), ((VILLAGE, "other"),), False),
        ((), ("minimum_allowance",), ((VILLAGE, "minimum_allowance"),), True),
        ((), ("minimum_allowance",), ((VILLAGE, "other"),), False),
        ((EAST,), ("other",), ((VILLAGE, "other"),), True),
        ((WEST,), ("other",), ((VILLAGE, "other"),), False),
        ((EAST,), ("other",), ((VILLAGE, "monitored"),), False),
        # Region and category must be of one household, whose account may have several.
        ((EAST,), ("other",), ((VILLAGE, "monitored"), (ELSEWHERE, "other")), False),
        ((EAST,), ("other",), ((ELSEWHERE, "other"), (VILLAGE, "other")), True),
    ],
)
def test_whom_an_article_is_for(session, room, regions, categories, homes, reads):
    article = room.published(
        region_codes=regions, aid_categories=tuple(Category(one) for one in categories)
    )
    audience = Audience(tuple(Home(region, Category(one)) for region, one in homes))

    assert listed(session, audience) == ([article] if reads else [])
    if reads:
        shown = reading.article(session, audience=audience, article_id=article, now=START)
        assert shown.category_name == "政策"
    else:
        with pytest.raises(ArticleNotFound):
            reading.article(session, audience=audience, article_id=article, now=START)


def test_it_is_shown_from_its_first_day_to_its_last_in_china(session, room):
    article = room.published(shown_from=TODAY + DAY, shown_until=TODAY + 2 * DAY)
    midnight = START.replace(hour=16, minute=0)  # in Shanghai, of the next day

    assert listed(session, now=midnight - timedelta(seconds=1)) == []
    assert listed(session, now=midnight) == [article]
    assert listed(session, now=midnight + 2 * DAY - timedelta(seconds=1)) == [article]
    assert listed(session, now=midnight + 2 * DAY) == []


def test_a_version_for_later_leaves_the_one_before_it_until_its_day(session, room):
    article = room.published(title="旧标准")
    room.again(article, title="新标准", shown_from=TODAY + DAY)

    def title(now):
        return reading.article(session, audience=ANYBODY, article_id=article, now=now).title

    assert (title(START), title(START + DAY)) == ("旧标准", "新标准")
    assert listed(session, now=START + DAY) == [article]


def test_drafts_proposals_and_what_was_withdrawn_are_read_by_nobody(session, room):
    room.write()
    room.propose(room.write())
    withdrawn = room.published()
    room.withdraw(withdrawn)

    assert listed(session) == []


def test_the_list_goes_by_pages_the_newest_first_in_one_query(session, room, assert_queries):
    old, *same = (room.published(shown_from=TODAY - 9 * DAY), room.published(), room.published())
    notice = room.published(category="notice", shown_from=TODAY - DAY)

    with assert_queries(1):
        first = reading.published(session, audience=ANYBODY, now=START, limit=2)
    second = reading.published(
        session, audience=ANYBODY, now=START, limit=2, cursor=first.next_cursor
    )

    assert [one.id for one in first.items] == sorted(same, reverse=True)
    assert [one.id for one in second.items] == [notice, old]
    assert second.next_cursor is None
    assert listed(session, category="notice") == [notice]
    for cursor in ("x", f"-1.{old}", "1"):
        with pytest.raises(BadCursor):
            listed(session, cursor=cursor)
    assert listed(session, cursor=f"999999999999.{old}") == listed(session)


def test_a_page_of_the_longest_titles_is_below_twenty_kilobytes(session, room):
    for _ in range(reading.LARGEST_PAGE + 1):
        room.published(title="题" * 60, summary="摘" * 120)

    page = reading.published(session, audience=ANYBODY, now=START, limit=200)

    assert len(page.items) == reading.LARGEST_PAGE
    told = [dataclasses.asdict(one) for one in page.items]
    sent = json.dumps([told, page.next_cursor], ensure_ascii=False, default=str).encode()
    assert len(sent) <= 20_000


def read_file(session, storage, article, file_id, audience=ANYBODY):
    found = reading.file(
        session, audience=audience, article_id=article, file_id=file_id, cipher=CIPHER,
        storage=storage, now=START,
    )  # fmt: skip
    return b"".join(found.pieces)


def test_the_files_of_what_is_shown_are_given_and_no_others(session, room, storage):
    article = room.write(body="[图片：流程图]", aid_categories=(Category.MINIMUM_ALLOWANCE,))
    drawn = room.attach(article, photo(), "a.jpg", "流程图")
    paper = room.attach(article, PDF, "C:\\文件\\通知.pdf")
    room.publish(article)
    shown = reading.article(session, audience=NEIGHBOUR, article_id=article, now=START)

    # Both came in one millisecond of the clock, which stands still: their order is chance.
    assert {(one.title, one.media_type) for one in shown.files} == {
        ("流程图", "image/jpeg"),
        ("通知", "application/pdf"),
    }
    assert f'src="attachment:{drawn}"' in shown.html
    assert read_file(session, storage, article, paper, NEIGHBOUR) == PDF
    with pytest.raises(ArticleNotFound):
        read_file(session, storage, article, paper)
    service.begin_version(session, article_id=article, actor=room.writer, now=START)
    files.detach(
        session, article_id=article, version=room.version(article), file_id=paper,
        actor=room.writer, storage=storage, now=START,
    )  # fmt: skip
    room.publish(article)
    with pytest.raises(FileNotFound):
        read_file(session, storage, article, paper, NEIGHBOUR)
    # The version before has it still, for staff.
    given = files.staff_file(
        session, article_id=article, file_id=paper, reader=room.writer, cipher=CIPHER,
        storage=storage,
    )  # fmt: skip
    assert b"".join(given.pieces) == PDF
    assert room.show(article).newest.difference.files_gone == ["通知"]


def test_a_file_that_took_the_place_of_another_is_a_difference(session, room, storage):
    article = room.write()
    first = room.attach(article, PDF, "通知.pdf")
    room.publish(article)
    service.begin_version(session, article_id=article, actor=room.writer, now=START)
    assert room.show(article).newest.difference.empty
    files.detach(
        session, article_id=article, version=room.version(article), file_id=first,
        actor=room.writer, storage=storage, now=START,
    )  # fmt: skip
    room.attach(article, pdf(b"2"), "通知.pdf")

    told = room.show(article).newest.difference

    assert (told.files_gone, told.files_new) == (["通知"], ["通知"])


def test_a_file_of_another_article_is_not_given(session, room, storage):
    one, other = room.write(), room.write()
    file_id = room.attach(one, PDF, "a.pdf")
    room.publish(one)
    room.publish(other)

    with pytest.raises(FileNotFound):
        read_file(session, storage, other, file_id)


def test_the_same_content_again_is_the_file_that_there_is(session, room, storage):
    article = room.write()

    first = room.attach(article, PDF, "a.pdf")
    assert room.attach(article, PDF, "b.pdf") == room.attach(article, PDF, "b.pdf", "a") == first
    with pytest.raises(BadFile, match="已以“a”为名上传"):
        room.attach(article, PDF, "b.pdf", "流程")

    assert len(room.show(article).newest.files) == 1


@pytest.mark.parametrize(
    "stranger", [{"region": "210303000000"}, {"region": CITY, "department": HOUSING}]
)
def test_staff_of_another_county_or_department_get_no_file(session, storage, stranger):
    room = Newsroom(session, region="210302000000", storage=storage)
    article = room.write()
    file_id = room.attach(article, PDF, "a.pdf")

    with pytest.raises(FileNotFound):
        files.staff_file(
            session, article_id=article, file_id=file_id,
            reader=staff(session, Role.CLERK, **stranger), cipher=CIPHER, storage=storage,
        )  # fmt: skip


def test_a_file_that_no_version_has_any_more_is_forgotten(session, room, storage):
    article = room.write()
    file_id = room.attach(article, PDF, "a.pdf")
    given = {"article_id": article, "actor": room.writer, "storage": storage, "now": START}

    files.detach(session, version=room.version(article), file_id=file_id, **given)

    assert session.get(StoredFile, file_id) is None
    with pytest.raises(FileNotFound):
        files.detach(session, version=room.version(article), file_id=file_id, **given)
    with pytest.raises(FileNotFound):
        files.staff_file(
            session, article_id=article, file_id=file_id, reader=room.writer, cipher=CIPHER,
            storage=storage,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("data", "title", "error"),
    [
        (PDF, "题" * 61, BadArticle),
        (PDF, "带[括号]", BadArticle),
        (pdf(b"2"), "通知", BadArticle),  # there is one of that name
    ],
)
def test_a_file_that_breaks_a_rule_is_refused(room, data, title, error):
    article = room.write()
    room.attach(article, photo(), "a.jpg", "通知")

    with pytest.raises(error):
        room.attach(article, data, "b.pdf", title)


def test_an_article_has_so_many_files_at_most(room, monkeypatch):
    monkeypatch.setattr(files, "MOST_FILES", 1)
    article = room.write()
    room.attach(article, photo(), "a.jpg")

    with pytest.raises(files.BadFile, match="最多 1 个附件"):
        room.attach(article, PDF, "b.pdf")


def test_the_database_keeps_the_files_of_what_was_published(session, room):
    article = room.write()
    room.attach(article, PDF, "a.pdf")
    room.publish(article)

    for statement in ("DELETE FROM news_file", "UPDATE news_file SET title = 'x'"):
        with pytest.raises(Exception, match="are kept"), session.begin_nested():
            session.execute(text(statement))


def note(session, article, reader, *, now=START, audience=ANYBODY):
    return reading.note_reading(
        session, audience=audience, article_id=article, reader_id=reader, cipher=CIPHER, now=now
    )


def test_a_reading_counts_once_a_reader_article_and_day(session, room):
    article, other = room.published(), room.published()
    one, two = (new_id(START) for _ in range(2))

    counted = [
        note(session, article, one),
        note(session, article, one),
        note(session, article, two),
        note(session, other, one),
        note(session, article, one, now=START + DAY),
    ]

    assert counted == [True, False, True, True, True]
    figures = queries.readings(session, article_id=article, reader=room.writer, until=TODAY + DAY)
    assert [(one.day, one.readers) for one in figures] == [(TODAY + DAY, 1), (TODAY, 2)]


def test_nothing_kept_of_a_reading_names_the_reader_or_joins_two(session, room):
    articles = [room.published() for _ in range(2)]
    reader = new_id(START)
    for article in articles:
        note(session, article, reader)
        note(session, article, reader, now=START + DAY)

    rows = session.execute(
        select(NewsReadMark.digest, NewsReadMark.article_id, NewsReadMark.day)
    ).all()

    assert len({row.digest for row in rows}) == len(rows) == 4
    assert all(reader.bytes not in row.digest for row in rows)
    assert {column.name for column in NewsReadMark.__table__.columns} == {
        "article_id", "day", "digest",
    }  # fmt: skip


def test_the_marks_go_after_their_day_and_the_counts_stay(session, room):
    article = room.published()
    note(session, article, new_id(START))
    [forget] = [job.work for job in JOBS if job.name == "news-reader-clean-up"]

    assert forget(session, now=START) == 0
    assert forget(session, now=START + DAY) == 1

    assert session.scalars(select(NewsReadMark)).all() == []
    assert session.scalars(select(NewsReadCount.readers)).all() == [1]


def test_what_one_may_not_read_does_not_count(session, room):
    hidden = room.published(aid_categories=(Category.MONITORED,))

    for article in (hidden, room.write(), uuid.UUID(int=1)):
        with pytest.raises(ArticleNotFound):
            note(session, article, new_id(START), audience=NEIGHBOUR)
    assert session.scalars(select(NewsReadCount)).all() == []


def test_what_can_be_heard_is_told_in_the_list(session, room):
    silent, heard = room.published(), room.write()
    room.attach(heard, sound("mp3"), "朗读.mp3")
    room.publish(heard)

    rows = reading.published(session, audience=ANYBODY, now=START).items

    assert {one.id: one.has_audio for one in rows} == {silent: False, heard: True}
