"""Rises on the pages: a new standard, the differences, the signature and its report."""

import re
from html import unescape

import pytest

from relief.accounts import sign_in
from relief.console import paging
from tests.api.test_rises_api import CITY, VALUE, granted, published, work  # noqa: F401  # fixtures
from tests.console.conftest import Browser
from tests.console.test_cases import desk, send  # noqa: F401  # a fixture

FORM = {
    "scheme": "S09", "region": "210302000000", "effective_on": "2026-11-01",
    "paid_from": "2026-12-01", "reason": "按新标准调整",
}  # fmt: skip
HOME = "/standard-rises"


@pytest.fixture
def city(office):
    """`city(role)`: the browser of somebody who works in the whole city."""

    def open_(role):
        browser = Browser(office.app)
        token = office.enter("D01", role, CITY, sign_in.COOKIE)
        browser.client.set_cookie("relief_session", token)
        return browser

    return open_


def begin(browser, **form):
    page = browser.get(f"{HOME}/new")
    assert page.labelled >= set(page.fields)
    return browser.post(HOME, FORM | {"once": page.once} | form)


def test_a_new_standard_is_drafted_and_published_by_another(city):
    drafter, publisher = city("reviewer"), city("approver")
    page = drafter.get(HOME)
    assert page.labelled >= set(page.fields)
    assert "还没有起草过新值" in page.text
    assert "困难残疾人生活补贴标准（现为 90.0，自 2026-01-01 起）" in page.text

    assert send(drafter, HOME, f"{HOME}/values", **VALUE).status == 303
    drafted = drafter.get(HOME)
    assert "已起草，须由另一人发布后生效" in drafted.text
    assert "待发布" in drafted.text
    where = publisher.get(HOME).html.split('action="/standard-rises/values/')[1].split("/")[0]
    done = send(publisher, HOME, f"{HOME}/values/{where}/publish")
    assert done.status == 303
    assert "已发布，从起始日期起按新值计算" in publisher.get(HOME).text
    again = publisher.post(f"{HOME}/values/{where}/discard", {})
    assert again.status == 409
    assert "这份参数草案已经发布或者作废" in again.text


def test_a_draft_that_does_not_make_sense_is_told_beside_the_field(city):
    browser = city("reviewer")
    empty = send(browser, HOME, f"{HOME}/values", name="", valid_from="x", value="0", source="")
    assert empty.status == 422
    for words in ("请选择参数", "请写明起始日期", "请写明新值", "请写明文件名称和文号"):
        assert words in empty.text
    for value in ("NaN", "abc", "1.00001"):
        assert (
            "请写明新值" in send(browser, HOME, f"{HOME}/values", **VALUE | {"value": value}).text
        )
    early = send(browser, HOME, f"{HOME}/values", **VALUE | {"valid_from": "2026-01-01"})
    assert early.status == 422
    assert "现有标准自 2026-01-01 起执行" in early.text


def test_a_rise_is_worked_out_looked_at_signed_and_reported(
    office,
    desk,  # noqa: F811  # the fixture
    granted,  # noqa: F811  # the fixture
    published,  # noqa: F811  # the fixture
):
    drawer, signer = desk("D01", "reviewer"), desk("D01", "approver")
    assert "本人工作区划内还没有提标" in drawer.get(HOME).text
    done = begin(drawer)
    assert done.status == 303, done.text
    where = done.response.location
    drawing = drawer.get(where)
    assert "测算中" in drawing.text
    assert 'hx-trigger="every 3s"' in drawing.html
    twice = begin(drawer)
    assert (twice.status, "正在办理，不能重复开始" in twice.text) == (409, True)
    work(office)

    looked = signer.get(where)
    assert looked.labelled >= set(looked.fields)
    for words in ("待签署", "王小明", "90.00", "100.00", "1 个月 10.00", "我已查看，签署这 1 份"):
        assert words in looked.text
    digest = looked.html.split('name="digest" value="')[1].split('"')[0]
    assert "我已查看" not in drawer.get(where).text
    wrong = send(signer, where, f"{where}/sign", digest="0" * 64)
    assert (wrong.status, "清单摘要不一致" in wrong.text) == (409, True)
    assert send(signer, where, f"{where}/sign", digest=digest).status == 303
    assert send(signer, where, f"{where}/stop").status == 303
    assert "由审批人停止" in signer.get(where).text
    assert send(signer, where, f"{where}/resume").status == 303
    work(office)

    report = signer.get(f"{where}?status=decided")
    assert "已调整 1 份，未调整 0 份" in report.text
    assert "没有这样的待遇" in signer.get(f"{where}?status=left_out&reason=falls").text
    assert signer.get(f"{where}?status=none").status == 400
    assert "已办完" in signer.get(HOME).text
    case = signer.get(f"/cases/{granted}").text
    for words in ("提标调整待遇", "待遇调整决定书", "补发金额10 元"):
        assert words in case


def test_the_differences_are_saved_and_a_rise_is_cancelled(
    office,
    desk,  # noqa: F811  # the fixture
    granted,  # noqa: F811  # the fixture
    published,  # noqa: F811  # the fixture
):
    drawer = desk("D01", "reviewer")
    where = begin(drawer).response.location
    work(office)
    drawer.get(where)

    taken = drawer.post(f"{where}/export", {"status": "listed", "reason": ""})
    assert taken.status == 200
    assert "attachment" in taken.response.headers["Content-Disposition"]
    assert taken.html.startswith("\ufeff序号,受理编号")
    assert send(drawer, where, f"{where}/cancel").status == 303
    assert "已取消" in drawer.get(where).text


def test_a_form_that_is_not_filled_in_is_told(desk):  # noqa: F811  # the fixture
    browser = desk("D01", "reviewer")
    empty = begin(browser, scheme="", region="x", effective_on="", paid_from="", reason="")
    assert empty.status == 422
    for words in ("请选择", "请写明新标准的起始日期", "请写明从哪个月起", "请写明理由"):
        assert words in empty.text
    assert begin(browser, region="9" * 5000).status == 422
    late = begin(browser, paid_from="2027-03-01")
    assert (late.status, "开始按新标准发放的月份" in late.text) == (422, True)


def test_all_drafts_are_reached_page_by_page(city, monkeypatch):
    monkeypatch.setattr(paging, "PAGE_SIZE", 2)
    browser = city("reviewer")
    for day in ("2026-11-01", "2026-12-01", "2027-01-01"):
        assert send(browser, HOME, f"{HOME}/values", **VALUE | {"valid_from": day}).status == 303

    def link(page, way):
        return unescape(re.search(f'rel="{way}" href="([^"]*)"', page.html)[1])

    first = browser.get(HOME)
    assert "本页 2 条" in first.text
    second = browser.get(link(first, "next"))

    assert "本页 1 条" in second.text
    assert 'rel="next"' not in second.html
    assert "本页 2 条" in browser.get(link(second, "prev")).text
    # An act that fails shows the list too, and its links lead to the list.
    refused = send(browser, HOME, f"{HOME}/values", **VALUE | {"value": "0"})
    assert (refused.status, link(refused, "next").split("?")[0]) == (422, HOME)
