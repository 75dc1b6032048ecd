"""What people see when something goes wrong, and what programs get instead."""

from collections.abc import Callable
from functools import update_wrapper

import pytest

from tests.console.conftest import Browser
from tests.support.people import Person

Opened = Callable[[Person | str], Browser]


def test_an_unknown_address_is_a_page_for_people(alice: Person, opened: Opened, browser: Browser):
    page = opened(alice).get("/nowhere")

    assert page.status == 404
    assert "没有找到" in page.text
    assert page.response.headers["X-Request-ID"] in page.text
    assert "困难户" in page.text
    assert "没有找到" in browser.get("/nowhere").text


def test_an_unknown_address_of_the_api_is_a_problem_document(browser: Browser):
    response = browser.client.get("/v1/nowhere")

    assert response.status_code == 404
    assert response.mimetype == "application/problem+json"


def test_the_wrong_method_is_told_with_what_is_allowed(alice: Person, opened: Opened):
    browser = opened(alice)
    browser.get("/")

    page = browser.post("/households")

    assert page.status == 405
    assert "GET" in page.response.headers["Allow"]
    assert "不能这样打开" in page.text


def test_a_page_that_one_may_not_open_says_so(alice: Person, opened: Opened):
    page = opened(alice).get("/accounts")

    assert page.status == 403
    assert "没有权限" in page.text


def test_a_bad_cursor_is_explained(alice: Person, opened: Opened):
    page = opened(alice).get("/households?cursor=nonsense")

    assert page.status == 422
    assert "请从第一页重新开始" in page.text


def test_a_bug_shows_nothing_of_itself(
    alice: Person, opened: Opened, monkeypatch: pytest.MonkeyPatch
):
    browser = opened(alice)

    def broken(*_args, **_given):
        message = "secret detail"
        raise RuntimeError(message)

    app, endpoint = browser.client.application, "console.households.index"
    update_wrapper(broken, app.view_functions[endpoint])
    monkeypatch.setitem(app.view_functions, endpoint, broken)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)  # noqa: FBT003

    page = browser.get("/households")

    assert page.status == 500
    assert "系统出错了" in page.text
    assert "secret" not in page.html


def test_files_asked_for_by_version_are_kept(browser: Browser):
    page = browser.get("/sign-in")
    at = page.html.index('href="/assets/console.css') + len('href="')
    address = page.html[at : page.html.index('"', at)]

    with browser.client.get(address) as kept, browser.client.get("/assets/console.css") as plain:
        assert "max-age=31536000" in kept.headers["Cache-Control"]
        assert "max-age" not in plain.headers.get("Cache-Control", "")
    assert "script-src 'self'" in page.response.headers["Content-Security-Policy"]
