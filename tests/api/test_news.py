"""Policy articles over HTTP: the way of one, its files, and what is refused in which words."""

import io
from urllib.parse import quote

import pytest
from sqlalchemy import update

from relief.schemes.models import Parameter
from tests.support.media import photo
from tests.support.news import sent
from tests.support.people import TIEDONG
from tests.support.review import Office
from tests.support.sounds import sound

URL = "/v1/news"


@pytest.fixture
def office(app, session, clock):
    return Office(app, session, clock)


@pytest.fixture
def writer(office):
    return office.client("D01", "clerk")


@pytest.fixture
def publisher(office):
    return office.client("D01", "approver")


@pytest.fixture
def article(writer):
    made = writer.post(URL, json={"content": sent()})
    assert made.status_code == 201, made.json
    return made.json


def at(told, act=""):
    return f"{URL}/{told['id']}{act}"


def version(told):
    return {"version": told["newest"]["row"]["version"]}


def done(answer, status=200):
    assert answer.status_code == status, answer.json
    return answer.json


def refused(answer, status, code):
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.json
    return answer.json


def upload(client, told, data, name, **form):
    form |= {"file": (io.BytesIO(data), name)} | version(told)
    return client.post(at(told, "/draft/files"), data=form)


def publish(writer, publisher, told):
    proposed = done(writer.post(at(told, "/proposal"), json=version(told)))
    return done(publisher.post(at(told, "/publication"), json=version(proposed)))


def test_the_way_of_an_article(writer, publisher, article):
    edited = done(
        writer.put(
            at(article, "/draft"), json=version(article) | {"content": sent(title="标准调整")}
        )
    )
    proposed = done(writer.post(at(article, "/proposal"), json=version(edited)))
    back = done(
        publisher.post(
            at(article, "/return"), json=version(proposed) | {"reason": "请写明执行日期"}
        )
    )
    assert back["newest"]["row"]["returned_reason"] == "请写明执行日期"

    published = publish(writer, publisher, back)

    newest = published["newest"]
    assert (newest["row"]["status"], newest["row"]["shown"]) == ("published", True)
    assert newest["content"]["region_codes"] == [int(TIEDONG)]
    assert '<a href="tel:12345" rel="noopener noreferrer">12345</a>' in newest["html"]
    again = done(writer.post(at(article, "/draft")), 201)
    changed = done(
        writer.put(at(article, "/draft"), json=version(again) | {"content": sent(title="更正")})
    )
    told = changed["newest"]["difference"]
    assert told["fields_changed"] == [{"field": "title", "before": "标准调整", "after": "更正"}]
    old = done(writer.get(at(article, "/versions/1")))
    assert (old["content"]["title"], old["row"]["shown"]) == ("标准调整", True)
    done(writer.post(at(article, "/discard"), json=version(changed)))
    gone = done(publisher.post(at(article, "/withdrawal"), json={"reason": "标准有误"}))
    assert [one["status"] for one in gone["versions"]] == ["discarded", "withdrawn"]
    [row] = done(writer.get(f"{URL}?status=withdrawn"))["items"]
    assert (row["id"], row["category_name"], row["published"]) == (article["id"], "政策", None)
    assert done(writer.get(at(article, "/readings"))) == {"items": []}


def test_files_are_put_there_given_and_taken_off(writer, article):
    drawn = done(upload(writer, article, photo(), "流程图.jpg"), 201)
    [file] = drawn["newest"]["files"]
    assert (file["kind"], file["title"], file["media_type"]) == (
        "picture",
        "流程图",
        "image/jpeg",
    )

    given = writer.get(at(article, f"/files/{file['id']}"))

    assert (given.status_code, given.mimetype) == (200, "image/jpeg")
    assert len(given.data) == file["size"]
    named = quote("流程图.jpg")
    assert given.headers["Content-Disposition"] == f"inline; filename*=UTF-8''{named}"
    taken = done(
        writer.post(at(article, f"/draft/files/{file['id']}/removal"), json=version(drawn))
    )
    assert taken["newest"]["files"] == []
    refused(writer.get(at(article, f"/files/{file['id']}")), 404, "attachment-not-found")


def test_what_is_no_pdf_or_picture_is_refused_in_words(writer, article):
    told = refused(upload(writer, article, b"<html>", "通知.pdf"), 422, "upload-type")

    assert told["detail"].startswith("不接收这种文件。可以上传照片（JPG、PNG、WebP）、录音")


def test_a_body_that_is_too_large_is_not_read(writer, article):
    body = {"data": bytes(12 << 20), "content_type": "multipart/form-data; boundary=x"}

    assert writer.post(at(article, "/draft/files"), **body).status_code == 413


def test_the_writer_does_not_publish(writer, office, article):
    proposed = done(writer.post(at(article, "/proposal"), json=version(article)))

    assert writer.post(at(article, "/publication"), json=version(proposed)).status_code == 403


def test_whoever_publishes_proves_who_they_are(office, clock, writer, article):
    proposed = done(writer.post(at(article, "/proposal"), json=version(article)))
    publisher = office.client("D01", "approver")
    clock.advance(minutes=6)

    refused(
        publisher.post(at(article, "/publication"), json=version(proposed)),
        403,
        "step-up-required",
    )


def test_who_saves_late_is_told(writer, article):
    sent_first = version(article) | {"content": sent(title="先")}
    done(writer.put(at(article, "/draft"), json=sent_first))

    refused(writer.put(at(article, "/draft"), json=sent_first), 409, "news-edited-meanwhile")


def test_a_repeated_request_with_its_key_is_answered_as_before(writer):
    headers = {"Idempotency-Key": "the-same"}
    first, again = (writer.post(URL, json={"content": sent()}, headers=headers) for _ in range(2))

    assert first.json == again.json
    assert len(done(writer.get(URL))["items"]) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"category": "gossip"}, "没有这个栏目"),
        ({"body": "[x](http://example.com)"}, "只能链接到 https:// 网址或 tel: 电话号码"),
        ({"shown_until": "2026-01-01"}, "最后展示日不能早于开始展示日"),
    ],
)
def test_what_breaks_a_rule_is_refused_in_words(writer, changes, words):
    told = refused(writer.post(URL, json={"content": sent(**changes)}), 422, "bad-news-article")

    assert words in told["detail"]


@pytest.mark.parametrize(
    "changes", [{"title": ""}, {"body": "x" * 20_001}, {"region_codes": [1]}, {"html": "<p>"}]
)
def test_what_has_another_form_is_refused_by_its_member(writer, changes):
    [name] = changes

    told = refused(writer.post(URL, json={"content": sent(**changes)}), 422, "unprocessable-entity")

    assert told["errors"][0]["pointer"].startswith(f"#/content/{name}")


def test_an_article_is_read_aloud_by_one_recording(session, writer, article):
    spoken = done(upload(writer, article, sound("mp3", 2.0), "朗读.mp3"), 201)
    [file] = spoken["newest"]["files"]
    assert (file["kind"], file["title"], file["media_type"]) == ("audio", "朗读", "audio/mpeg")

    part = writer.get(at(article, f"/files/{file['id']}"), headers={"Range": "bytes=4-9"})
    whole = writer.get(at(article, f"/files/{file['id']}"))

    assert (part.status_code, part.data) == (206, whole.data[4:10])
    assert whole.headers["Content-Disposition"].startswith("inline;")
    told = refused(upload(writer, spoken, sound("wav", 1.0), "b.wav"), 422, "bad-news-file")
    assert told["detail"] == "已有朗读音频，请先删除原来的再上传"


def test_a_recording_is_no_longer_than_the_city_says(session, writer, article):
    session.execute(
        update(Parameter).where(Parameter.name == "sound_news_seconds_max").values(value=1)
    )
    session.commit()

    told = refused(upload(writer, article, sound("mp3", 3.0), "a.mp3"), 422, "sound-too-long")

    assert told["detail"] == "录音不得超过 1 秒，请分段录制。"
