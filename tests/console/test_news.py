"""Policy articles in the browser: written in a form, seen as on a phone, published by another."""

import io
import re

import pytest

from relief.accounts.models import AccountRegion
from relief.news import reading
from relief.news.reading import Audience, Home
from relief.registry.types import Category
from tests.console.test_cases import desk, press, send
from tests.support.html_forms import form_of
from tests.support.media import photo
from tests.support.news import PDF, TODAY
from tests.support.settings import CIPHER, START
from tests.support.sounds import sound

__all__ = ["desk"]  # the fixture
WRITTEN = {
    "category": "guide",
    "title": "怎样申请低保",
    "summary": "到户籍地街道办事处申请，带身份证和户口簿。",
    "body": "# 需要的材料\n- 身份证\n请**本人**办理，拨打 [12345](tel:12345) 咨询。",
    "source": "示例市民政局",
    "shown_from": TODAY.isoformat(),
}
WITHOUT_ID = {"<input> without an id"}


@pytest.fixture
def writer(desk):
    return desk()


@pytest.fixture
def publisher(desk):
    return desk("D01", "approver")


@pytest.fixture
def article(writer):
    """The address of a draft."""
    done = press(writer, "/news/new", "/news", **WRITTEN)
    assert done.status == 303, done.text
    return done.response.location


def upload(browser, article, data, name, title=""):
    hidden = form_of(browser.get(article).html, f"{article}/files").controls["version"].held[0]
    sent = {"version": hidden, "file_title": title, "file": (io.BytesIO(data), name)}
    return browser.post(f"{article}/files", sent)


def published(writer, publisher, article):
    assert press(writer, article, f"{article}/proposal").status == 303
    assert press(publisher, article, f"{article}/publication").status == 303


def test_the_way_of_an_article_in_the_browser(writer, publisher, article):
    page = writer.get(article)
    for words in ("草稿", "手机上的样子", "需要的材料", "办事指南", "铁东区", "还没有人阅读"):
        assert words in page.text
    assert "<h2>需要的材料</h2><ul><li>身份证</li></ul>" in page.html
    assert set(page.fields) <= page.labelled | WITHOUT_ID

    assert press(writer, article, f"{article}/proposal").status == 303
    assert "等待有发布权限的另一人发布" in writer.get(article).text
    back = press(publisher, article, f"{article}/return", reason="请写明办公时间")
    assert back.status == 303
    assert "退回修改：请写明办公时间" in writer.get(article).text
    edited = press(writer, f"{article}/edit", f"{article}/edit", body="工作日九点到五点。")
    assert edited.status == 303
    published(writer, publisher, article)

    page = writer.get(article)
    for words in ("已发布", "读者现在看到", "工作日九点到五点"):
        assert words in page.text
    assert "起草新版本" in page.text
    assert "我已看过" not in publisher.get(article).text


def test_a_new_version_shows_what_changed_and_leaves_the_old(writer, publisher, article):
    published(writer, publisher, article)
    assert press(writer, article, f"{article}/draft").status == 303
    changed = {"title": "怎样申请最低生活保障", "body": "# 需要的材料\n- 户口簿"}

    done = press(writer, f"{article}/edit", f"{article}/edit", **changed)

    page = writer.follow(done)
    for words in (
        "与已发布的第 1 版的差别", "标题 怎样申请低保 怎样申请最低生活保障", "删去： - 身份证",
        "新增： - 户口簿", "第 1 版",
    ):  # fmt: skip
        assert words in page.text
    listed = writer.get("/news?status=draft").text
    assert "怎样申请最低生活保障" in listed
    assert "第 1 版发布中" in listed
    old = writer.get(f"{article}/versions/1")
    assert "身份证" in old.text
    assert "读者现在看到" in old.text
    published(writer, publisher, article)
    assert "读者现在看到" not in writer.get(f"{article}/versions/1").text
    assert "与已发布的第 1 版的差别" in writer.get(f"{article}/versions/2").text


def test_it_is_withdrawn_with_a_reason(writer, publisher, article):
    published(writer, publisher, article)

    refused = send(publisher, article, f"{article}/withdrawal", withdrawal="错")
    assert (refused.status, "请写明撤回的理由，至少 2 个字" in refused.text) == (422, True)
    done = press(publisher, article, f"{article}/withdrawal", withdrawal="标准有误")

    assert done.status == 303
    assert "撤回：标准有误" in writer.get(article).text
    assert "撤回：标准有误" in writer.get(f"{article}/versions/1").text
    assert "怎样申请低保" in writer.get("/news?status=withdrawn").text
    assert "没有符合条件的文章" in writer.get("/news?status=published").text


def test_the_list_is_narrowed(writer, article):
    assert "怎样申请低保" in writer.get("/news?category=guide").text
    assert "怎样申请低保" in writer.get("/news?category=unknown&status=discarded").text
    assert "没有符合条件的文章" in writer.get("/news?category=policy").text
    page = writer.get("/news")
    assert set(page.fields) <= page.labelled
    assert page.html.count('aria-current="page"') == 1


def test_a_picture_stands_in_the_text_and_a_paper_below_it(writer, article):
    press(writer, f"{article}/edit", f"{article}/edit", body="看图：[图片：流程]")
    page = writer.get(article)
    assert "正文引用了没有上传的图片：流程" in page.text
    refused = press(writer, article, f"{article}/proposal")
    assert (refused.status, "正文引用了没有上传的图片：流程。" in refused.text) == (422, True)

    assert upload(writer, article, photo(), "a.jpg", "流程").status == 303
    assert upload(writer, article, PDF, "申请表.pdf").status == 303

    page = writer.get(article)
    [address] = re.findall(r'<img src="(/news/[^"]+)" alt="流程">', page.html)
    assert writer.client.get(address).mimetype == "image/jpeg"
    assert "附件： 申请表" in page.text
    assert "[图片：流程]" in page.text
    removal = f"{address}/removal"
    assert press(writer, article, removal).status == 303
    assert '<img src="/news' not in writer.get(article).html


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [(b"<html>", "a.pdf", "不接收这种文件"), (b"", "", "请选择要上传的文件")],
)
def test_another_kind_of_file_is_refused_in_words(writer, article, data, name, words):
    page = upload(writer, article, data, name)

    assert (page.status, words in page.text) == (422, True)


def test_a_body_that_is_too_large_is_not_read(writer, article):
    body = {"data": bytes(12 << 20), "content_type": "multipart/form-data; boundary=x"}

    assert writer.client.post(f"{article}/files", **body).status_code == 413


def test_what_is_filled_in_wrongly_comes_back_as_it_was(writer, article):
    for path, action in (("/news/new", "/news"), (f"{article}/edit", f"{article}/edit")):
        form = form_of(writer.get(path).html, action).filled(
            **WRITTEN | {"body": "[看](http://example.com)"}
        )
        for changes, words in (
            ({}, "只能链接到 https:// 网址或 tel: 电话号码"),
            ({"shown_from": "明天"}, "开始展示日不正确"),
            ({"shown_from": ""}, "请填写开始展示日"),
            ({"aid_categories": "gold"}, "请重新勾选"),
            ({"region_codes": "9" * 22}, "请重新勾选"),
            ({"region_codes": "东"}, "请重新勾选"),
        ):
            page = writer.post(action, form | changes)
            assert page.status == 422
            assert words in page.text
            assert "[看](http://example.com)" in page.html


def test_who_saves_late_sees_what_was_filled_in(writer, desk, article):
    late = form_of(writer.get(f"{article}/edit").html, f"{article}/edit").filled(title="后保存的")
    press(desk(), f"{article}/edit", f"{article}/edit", title="先保存的")

    page = writer.post(f"{article}/edit", late)

    assert page.status == 409
    assert "您的修改没有保存" in page.text
    assert 'value="后保存的"' in page.html
    assert f'<a href="{article}/edit">打开现在的草稿</a>' in page.html
    # Pressed once more, it is told so once more: only the present draft can be saved.
    again = form_of(page.html, f"{article}/edit").filled()
    assert writer.post(f"{article}/edit", again).status == 409
    assert "先保存的" in writer.get(article).text


def test_what_is_no_draft_has_no_form(writer, publisher, article):
    form = form_of(writer.get(f"{article}/edit").html, f"{article}/edit").filled()
    published(writer, publisher, article)

    assert writer.get(f"{article}/edit").status == 404
    refused = writer.post(f"{article}/edit", form)
    assert (refused.status, "没有可以修改的草稿" in refused.text) == (409, True)
    sent = {"version": "1", "file": (io.BytesIO(PDF), "a.pdf")}
    assert writer.post(f"{article}/files", sent).status == 409
    sent = {"version": "x", "file": (io.BytesIO(PDF), "a.pdf")}
    assert writer.post(f"{article}/files", sent).status == 400


def test_a_draft_is_thrown_away_and_stays_readable(writer, article):
    assert press(writer, article, f"{article}/discard").status == 303

    page = writer.get(article)
    assert "已作废" in page.text
    assert "起草新版本" not in page.text


def test_the_audience_is_ticked_and_shown(writer, article):
    form = form_of(writer.get(f"{article}/edit").html, f"{article}/edit").filled()
    [street, *_more] = (
        form_of(writer.get(f"{article}/edit").html, f"{article}/edit")
        .controls["region_codes"]
        .values
    )
    form |= {"region_codes": [street], "aid_categories": ["minimum_allowance", "other"]}

    page = writer.follow(writer.post(f"{article}/edit", form))

    assert "低保家庭、其他困难" in page.text
    again = form_of(writer.get(f"{article}/edit").html, f"{article}/edit").filled()
    assert again["region_codes"] == [street]
    assert again["aid_categories"] == ["minimum_allowance", "other"]


def test_readings_are_shown_by_day_and_name_nobody(writer, publisher, article, session):
    published(writer, publisher, article)
    article_id = article.rpartition("/")[2]
    home = Home(210302002001, Category.OTHER)
    reading.note_reading(
        session, audience=Audience((home,)), article_id=article_id, reader_id=article_id,
        cipher=CIPHER, now=START,
    )  # fmt: skip
    session.commit()

    assert f"{TODAY.isoformat()} 1" in publisher.get(article).text


def test_whoever_works_in_several_regions_is_asked_for_which(office, session, writer):
    account = office.accounts["D01", "clerk", "210302000000"]
    session.add(AccountRegion(account_id=account, code="210303000000"))
    session.commit()

    page = writer.get("/news/new")
    assert "为哪个区划起草" in page.text
    assert writer.get("/news/new?office=210303000000").status == 200
    # The last one is within, and no region.
    for elsewhere in ("210381000000", "x", "210302999000"):
        assert writer.get(f"/news/new?office={elsewhere}").status == 404
    done = press(writer, "/news/new?office=210303000000", "/news", **WRITTEN)
    assert "铁西区" in writer.follow(done).text


def test_the_recording_is_heard_on_the_page(writer, article):
    assert upload(writer, article, sound("mp3"), "朗读.mp3").status == 303

    page = writer.get(article)
    [address] = re.findall(r'<audio [^>]*src="(/news/[^"]+)"', page.html)
    assert writer.client.get(address).mimetype == "audio/mpeg"
    assert "朗读音频" in page.text
