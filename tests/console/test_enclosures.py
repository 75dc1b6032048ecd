"""Papers handed in with a case, in the browser."""

import io
import re
import uuid

import pytest

from tests.console.test_cases import apply, desk, send
from tests.support.applicants import BORN
from tests.support.media import pdf, photo
from tests.support.sounds import sound

__all__ = ["desk"]  # the fixture
ID = re.compile(r'name="enclosure_id" value="([0-9a-f-]+)"')
LINK = re.compile(r'/enclosures/[0-9a-f-]{36}(?=")')


@pytest.fixture
def case(office, desk):
    return apply(desk, office.household(born_on=BORN["S07"]), "S07")


def add(browser, case, content, one=None, **form):
    page = browser.get(case)
    sent = {"enclosure_title": "残疾人证首页", "enclosure_id": one or ID.search(page.html)[1]}
    if content is not None:
        sent["file"] = (io.BytesIO(content), "IMG.jpg")
    return browser.post(f"{case}/enclosures", sent | form)


def test_the_way_of_a_photo_in_the_browser(office, desk, case):
    page = desk().get(case)
    assert set(page.fields) <= page.labelled | {"<input> without an id"}
    assert add(desk(), case, photo(turned=6)).status == 303
    page = desk().get(case)
    assert set(page.fields) <= page.labelled | {"<input> without an id"}
    assert "残疾人证首页" in page.text
    assert "照片" in page.text

    path = case + LINK.search(page.html)[0]
    browser = desk()
    answer = browser.client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")

    removal = f"{path}/removal"
    assert send(desk(), case, removal, enclosure_removed_why="").status == 422
    assert send(desk(), case, removal, enclosure_removed_why="放错了").status == 303
    page = desk().get(case)
    assert "已撤下" in page.text
    assert "放错了" in page.text
    assert not LINK.search(page.html)


def test_a_recording_can_be_heard_on_the_page(desk, case):
    assert add(desk(), case, sound("wav", 2)).status == 303

    browser = desk()
    page = browser.get(case)
    assert "录音 2 秒" in page.text
    [path] = re.findall(r'<audio controls preload="none" [^>]*src="([^"]+)"', page.html)
    answer = browser.client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "audio/mpeg")
    assert "media-src 'self'" in page.response.headers["Content-Security-Policy"]


def test_the_same_form_twice_keeps_one(office, desk, case):
    one = str(uuid.UUID(int=9))

    assert add(desk(), case, pdf(), one).status == add(desk(), case, pdf(), one).status == 303
    assert len(office.show(case.rpartition("/")[2])["enclosures"]) == 1
    # Another file in a form that was sent before is not taken for the first.
    assert add(desk(), case, pdf(b"2"), one).status == 409


@pytest.mark.parametrize(
    ("content", "form", "said"),
    [
        (None, {}, "没有收到任何内容"),
        (b"GIF89a", {}, "不接收 GIF 图片"),
        (pdf(), {"enclosure_title": ""}, "请写明材料名称"),
    ],
)
def test_what_is_wrong_is_said(desk, case, content, form, said):
    done = add(desk(), case, content, **form)

    assert (done.status, said in done.text) == (422, True)


def test_a_form_with_a_made_up_id_is_no_form(desk, case):
    assert add(desk(), case, pdf(), "x").status == 400
