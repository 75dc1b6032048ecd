"""Taking a list away, in the browser."""

import pytest
from sqlalchemy import select, update

from relief.audit.models import AuditEvent
from relief.registry.models import Export, Household
from relief.tasks.models import Task
from tests.console.conftest import Browser
from tests.factories import make_household
from tests.support.exporting import lines
from tests.support.people import PASSWORD

FORM = {"form": "csv", "purpose": "recheck"}


@pytest.fixture
def browser(desk, alice):
    """Alice's browser on the application with a worker."""
    with desk.app.app_context():
        browser = Browser(desk.app)
        browser.get("/sign-in")
        browser.post("/sign-in", {"username": alice.username, "password": PASSWORD})
        yield browser


@pytest.fixture
def home(desk):
    with desk.opened() as session:
        make_household(session, desk.cipher, name="李秀英")
        return make_household(session, desk.cipher, name="王小明")


def search(browser, text):
    browser.get("/households")
    return browser.follow(browser.post("/households/search", {"text": text}))


def hidden(page, name):
    at = page.html.index(f'type="hidden" name="{name}" value="') + len(
        f'type="hidden" name="{name}" value="'
    )
    return page.html[at : page.html.index('"', at)]


def test_what_was_searched_is_taken_away_by_a_form(desk, browser, home):
    found = search(browser, "wxm")
    form = browser.get(next(link for link in found.links if link.startswith("/exports/new")))
    assert "按姓名拼音查找" in form.text
    assert form.labelled >= set(form.fields)
    sent = FORM | {"search": hidden(form, "search"), "once": form.once}
    made = browser.follow(browser.post("/exports", sent))
    assert "排队中" in made.text
    assert 'hx-trigger="every 3s"' in made.html
    browser.post("/exports", sent)  # pressed twice
    assert desk.work()
    assert not desk.work()

    page = browser.get("/exports")
    with desk.opened() as session:
        (export_id,) = session.scalars(select(Export.id))
    got = browser.client.post(f"/exports/{export_id}/file", data={"_csrf": browser.token})

    for word in ("可下载", "按姓名拼音查找", "定期复核", "2026-11-30 09:00", "下载 CSV"):
        assert word in page.text
    assert 'hx-trigger="every 3s"' not in page.html
    assert [row[1] for row in lines(got.data)[2:]] == ["王小明"]
    assert "上次下载 2026-11-23 09:00" in browser.get("/exports").text


def test_a_list_narrowed_by_place_and_scheme_says_so(browser, home, desk):
    browser.get("/households")
    page = browser.get("/exports/new?county=210302000000&scheme=S01&category=minimum_allowance")

    assert "铁东区；低保；低保家庭" in page.text.replace("鞍山市", "")
    browser.post("/exports", FORM | {"county": "210302000000", "scheme": "S01"})
    with desk.opened() as session:
        told = session.scalars(select(Export.told)).one()
    assert told == {"region": "210302000000", "scheme": "S01", "by": []}


@pytest.mark.parametrize(
    ("form", "fault"),
    [
        ({"form": "pdf", "purpose": "recheck"}, "请选择文件格式。"),
        ({"form": "csv", "purpose": ""}, "请选择查询目的。"),
        ({"form": "csv", "purpose": "other"}, "请在备注中写明"),
        ({"form": "csv", "purpose": "recheck", "remark": "13800000000"}, "不能填写"),
    ],
)
def test_a_form_with_a_fault_is_shown_again(desk, browser, home, form, fault):
    browser.get("/exports/new")

    page = browser.post("/exports", form | {"scheme": "S01"})

    assert page.status == 422
    assert fault in page.text
    assert hidden(page, "scheme") == "S01"
    with desk.opened() as session:
        assert session.scalars(select(Export)).all() == []


def test_a_search_that_cannot_be_read_takes_nobody_away(browser, home):
    browser.get("/exports/new")

    assert browser.get("/exports/new?search=nonsense").status == 400
    assert browser.post("/exports", FORM | {"search": "nonsense"}).status == 400


def test_an_empty_page_says_how_to_begin(browser):
    assert "您还没有导出过名单" in browser.get("/exports").text


def test_the_form_and_the_file_ask_who_is_there_first(desk, browser, home):
    browser.get("/exports/new")
    browser.post("/exports", FORM)
    desk.work()
    desk.clock.advance(minutes=6)

    page = browser.get("/exports")

    assert "验证身份后下载" in page.text
    assert browser.get("/exports/new").response.location.startswith("/me/confirm?next=")
    with desk.opened() as session:
        (export_id,) = session.scalars(select(Export.id))
    assert browser.post(f"/exports/{export_id}/file").status == 403


def test_a_file_that_is_over_or_reaches_too_far_is_not_given(desk, browser, home):
    browser.get("/exports/new")
    browser.post("/exports", FORM)
    with desk.opened() as session:
        (export_id,) = session.scalars(select(Export.id))

    def told():
        browser.get("/exports")
        return browser.follow(browser.post(f"/exports/{export_id}/file")).text

    assert "文件还没有生成。" in told()
    desk.work()
    with desk.opened() as session:
        session.execute(
            update(Household).where(Household.id == home.id).values(region_code=210303001001)
        )
    assert "已不在您的查看范围内" in told()
    with desk.opened() as session:
        session.execute(update(Export).values(expires_at=desk.clock()))
    assert "文件已过期并删除" in told()
    with desk.opened() as session:
        assert not session.scalars(
            select(AuditEvent).where(AuditEvent.action == "export:fetched")
        ).all()


def test_a_failed_export_says_why(desk, browser, home):
    browser.get("/exports/new")
    browser.post("/exports", FORM | {"name": "x"})
    with desk.opened() as session:
        session.execute(update(Task).values(status="failed", message="符合条件的太多"))

    page = browser.get("/exports")

    assert "未生成" in page.text
    assert "符合条件的太多" in page.text


@pytest.mark.parametrize(
    ("text", "way", "found"),
    [
        ("wxm", "按姓名拼音或首字母查找", True),
        ("Wang Xiaoming", "按姓名拼音或首字母查找", True),
        ("wáng xiǎo míng", "按姓名拼音或首字母查找", True),
        ("wang2 xiao3ming2", "按姓名拼音或首字母查找", True),
        ("xiuying", "按姓名拼音或首字母查找", False),
        ("王小", "按姓名查找", True),
        ("210302-999999", "按户编号查找", False),
    ],
)
def test_one_box_knows_what_was_typed(browser, home, text, way, found):
    page = search(browser, text)

    assert way in page.text
    assert ("王小明" in page.text) is found


def test_a_household_is_found_by_its_number(desk, browser, home):
    with desk.opened() as session:
        number = session.get_one(Household, home.id).number

    assert "王小明" in search(browser, number).text
    assert "王小明" in search(browser, number.replace("-", "")).text


@pytest.mark.parametrize(
    ("way", "text", "fault"),
    [
        ("pinyin", "王", "至少输入两个字母"),
        ("number", "12", "户编号形如 210302-000123"),
    ],
)
def test_what_cannot_be_looked_for_is_said(browser, home, way, text, fault):
    browser.get("/households")

    page = browser.follow(browser.post("/households/search", {"way": way, "text": text}))

    assert fault in page.text
