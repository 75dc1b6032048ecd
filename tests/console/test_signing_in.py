"""The door of the console."""

from collections.abc import Callable

from tests.console.conftest import Browser
from tests.support.people import PASSWORD, Person
from tests.support.settings import FakeClock

Opened = Callable[[Person | str], Browser]


def test_a_stranger_is_led_to_the_sign_in_page(browser: Browser):
    page = browser.follow(browser.get("/households"))

    assert "工作人员登录" in page.text
    assert set(page.fields) <= page.labelled


def test_the_sign_in_page_says_that_the_data_is_made_up(browser: Browser):
    page = browser.get("/sign-in")

    assert "示例数据" in page.text
    assert "均为虚构" in page.text


def test_who_signs_in_sees_the_first_page(alice: Person, opened: Opened):
    page = opened(alice).get("/")

    assert "Alice，上午好" in page.text
    assert "2026年11月23日 星期一" in page.text
    assert "铁东区" in page.text
    assert "审核人" in page.text


def test_a_wrong_password_is_told_without_saying_what_was_wrong(alice: Person, browser: Browser):
    browser.get("/sign-in")

    page = browser.post("/sign-in", {"username": "alice", "password": "wrong"})

    assert page.status == 401
    assert "登录名或密码不正确" in page.text
    assert 'value="alice"' in page.html


def test_after_too_many_wrong_passwords_the_page_says_until_when(alice: Person, browser: Browser):
    browser.get("/sign-in")
    for _ in range(5):
        browser.post("/sign-in", {"username": "alice", "password": "wrong"})

    page = browser.post("/sign-in", {"username": "alice", "password": PASSWORD})

    assert page.status == 401
    assert "请在 2026-11-23 09:10 以后再试" in page.text


def test_who_is_signed_in_needs_no_sign_in_page(alice: Person, opened: Opened):
    page = opened(alice).get("/sign-in")

    assert page.response.headers["Location"] == "/"


def test_signing_out_ends_the_session(alice: Person, opened: Opened):
    browser = opened(alice)
    browser.get("/")

    page = browser.follow(browser.post("/sessions/leave"))

    assert "您已安全退出" in page.text
    assert browser.get("/").status == 303


def test_one_can_end_all_of_ones_sessions(alice: Person, opened: Opened):
    here, there = opened(alice), opened(alice)
    page = here.get("/sessions")
    assert page.text.count("浏览器") == 2
    assert page.text.count("本次登录") == 1

    here.follow(here.post("/sessions/leave-everywhere"))

    assert there.get("/").status == 303


def test_a_part_of_a_page_asked_for_too_late_renews_the_whole_page(
    alice: Person, opened: Opened, clock: FakeClock
):
    browser = opened(alice)
    clock.advance(hours=13)

    part = browser.client.get("/tasks/mine", headers={"HX-Request": "true"}, follow_redirects=True)

    assert part.status_code == 204
    assert part.headers["HX-Redirect"] == "/sign-in"


def test_a_form_without_its_token_is_refused(alice: Person, opened: Opened):
    browser = opened(alice)

    page = browser.post("/sessions/leave", {"_csrf": "0" * 64})

    assert page.status == 403
    assert "没有权限" in page.text
    assert browser.get("/").status == 200
