"""One's own password, second factor and sessions, and the page that asks who is there."""

import re
from collections.abc import Callable

import pyotp
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from relief.accounts import service
from relief.accounts.types import Role
from relief.web import guard
from tests.console.conftest import Browser
from tests.factories import make_account
from tests.support.people import PASSWORD, Person, code_of, forget_used_codes
from tests.support.settings import START, FakeClock

Opened = Callable[[Person | str], Browser]
NEW = "Another long one 3"


def enter(app: Flask, username: str) -> Browser:
    """Give the password and no more."""
    browser = Browser(app)
    browser.get("/sign-in")
    browser.post("/sign-in", {"username": username, "password": PASSWORD})
    return browser


@pytest.mark.parametrize("path", ["/", "/accounts", "/me/password", "/me/second-factor"])
def test_without_the_code_a_session_opens_nothing_else(
    app: Flask, client, auditor: Person, path: str
):
    browser = enter(app, "auditor")

    assert browser.get(path).response.headers["Location"] == "/me/code"
    assert browser.get(path, headers={"HX-Request": "1"}).response.headers["HX-Redirect"]
    page = browser.get("/me/code")
    assert "请输入动态验证码" in page.text
    assert "困难户" not in page.links
    assert "/accounts" not in page.links
    assert browser.post("/sessions/end-others").response.headers["Location"] == "/me/code"
    assert browser.follow(browser.post("/sessions/leave")).status == 200


def test_the_code_opens_the_rest_under_another_cookie(
    app: Flask, client, auditor: Person, clock: FakeClock, session: Session
):
    forget_used_codes(session)
    browser = enter(app, "auditor")
    before = browser.client.get_cookie(guard.COOKIE_NAME).value
    browser.get("/me/code")

    wrong = browser.post("/me/code", {"code": "000000"})
    right = browser.follow(browser.post("/me/code", {"code": code_of("auditor", clock())}))

    assert (wrong.status, "验证码不正确" in wrong.text) == (422, True)
    assert right.status == 200
    assert browser.client.get_cookie(guard.COOKIE_NAME).value != before
    stolen = app.test_client()
    stolen.set_cookie(guard.COOKIE_NAME, before)
    assert stolen.get("/me/code").location == "/sign-in"


def test_too_many_wrong_codes_say_until_when(app: Flask, client, auditor: Person):
    browser = enter(app, "auditor")
    browser.get("/me/code")
    for _ in range(10):
        browser.post("/me/code", {"code": "000000"})

    page = browser.post("/me/code", {"code": "000000"})

    assert "请在 2026-11-23 09:30 以后再试" in page.text


def test_a_role_that_asks_for_a_second_factor_leads_to_set_one_up(
    app: Flask, client, session: Session, clock: FakeClock
):
    account = make_account(session, Role.CLERK, department="D01")
    service.add_role(session, account, Role.APPROVER, actor_id=None, now=START)
    session.commit()
    browser = enter(app, account.username)

    assert browser.get("/").response.headers["Location"] == "/me/second-factor"
    assert "您的角色要求使用动态验证码" in browser.get("/me/second-factor").text
    page = browser.follow(browser.post("/me/second-factor"))
    key = re.search(r'<dd class="number key">([A-Z2-7 ]+)</dd>', page.html)
    assert key
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in page.html
    wrong = browser.post("/me/second-factor/confirmation", {"code": "12345"})
    assert (wrong.status, "验证码不正确" in wrong.text) == (422, True)

    code = pyotp.TOTP(key[1].replace(" ", "")).at(clock())
    done = browser.post("/me/second-factor/confirmation", {"code": code})

    assert "只显示这一次" in done.text
    assert len(re.findall(r"<li>[A-Z2-9]{4}(?:-[A-Z2-9]{4}){3}</li>", done.html)) == 10
    assert browser.get("/").status == 200
    assert "已绑定" in browser.get("/me/second-factor").text


def test_an_expired_password_lets_one_do_nothing_but_change_it(
    app: Flask, client, alice: Person, clock: FakeClock
):
    clock.advance(days=90)
    browser = enter(app, "alice")
    assert browser.get("/households").response.headers["Location"] == "/me/password"
    page = browser.get("/me/password")
    assert "修改后才能继续使用" in page.text
    assert set(page.fields) <= page.labelled

    form = {"present": PASSWORD, "password": NEW, "again": NEW}
    for wrong, words in (
        ({"again": "other"}, "两次输入的新密码不一致"),
        ({"present": "wrong"}, "现在的密码不正确"),
        ({"password": "short", "again": "short"}, "长度应为 12 至 128"),
        ({"password": PASSWORD, "again": PASSWORD}, "最近 5 个密码相同"),
    ):
        page = browser.post("/me/password", form | wrong)
        assert (page.status, words in page.text) == (422, True)
    page = browser.follow(browser.post("/me/password", form))

    assert "密码已修改" in page.text
    assert browser.get("/households").status == 200


def test_one_ends_one_or_all_of_the_other_sessions(alice: Person, bob: Person, opened: Opened):
    here, there, elsewhere, his = opened(alice), opened(alice), opened(alice), opened(bob)
    page = here.get("/sessions")
    found = re.findall(r"/sessions/([0-9a-f-]{36})/end", page.html)
    assert len(found) == 2
    assert his.get("/sessions").status == 200
    assert his.post(f"/sessions/{found[0]}/end").status == 404  # not one of his

    assert "已结束这次登录" in here.follow(here.post(f"/sessions/{found[0]}/end")).text
    assert sorted([there.get("/").status, elsewhere.get("/").status]) == [200, 303]
    assert here.post(f"/sessions/{found[0]}/end").status == 404
    assert "其他登录已全部结束" in here.follow(here.post("/sessions/end-others")).text
    assert [there.get("/").status, elsewhere.get("/").status] == [303, 303]
    assert here.get("/").status == 200


def test_the_form_asks_first_and_what_is_sent_too_late_says_that_it_is_lost(
    security_admin: Person, alice: Person, opened: Opened, clock: FakeClock, session: Session
):
    browser = opened(security_admin)
    path = f"/accounts/{alice.id}/disable"
    assert "确定停用" in browser.get(path).text
    clock.advance(minutes=3, seconds=1)

    asked = browser.get(path)
    assert asked.response.headers["Location"] == f"/me/confirm?next={path}"
    assert browser.get(f"/accounts/{alice.id}").html.count("/me/confirm?next=") == 1
    clock.advance(minutes=2)
    late = browser.post(path)
    assert (late.status, "没有保存" in late.text) == (403, True)
    assert "/me/confirm" in late.links

    page = browser.follow(asked)
    wrong = browser.post("/me/confirm", {"proof": PASSWORD, "next": path})
    right = browser.post("/me/confirm", {"proof": code_of("security_admin", clock()), "next": path})
    assert f'name="next" value="{path}"' in page.html
    assert (wrong.status, "验证码不正确" in wrong.text) == (422, True)
    assert right.response.headers["Location"] == path
    assert "确定停用" in browser.follow(right).text


@pytest.mark.parametrize("elsewhere", ["//evil.example", "/\\evil.example", "https://evil.example"])
def test_a_proof_leads_to_no_other_host(alice: Person, opened: Opened, elsewhere: str):
    browser = opened(alice)
    browser.get("/me/confirm")

    page = browser.post("/me/confirm", {"proof": PASSWORD, "next": elsewhere})

    assert page.response.headers["Location"] == "/"


def test_a_wrong_password_is_no_proof(alice: Person, opened: Opened):
    browser = opened(alice)
    browser.get("/me/confirm")

    assert "密码不正确" in browser.post("/me/confirm", {"proof": "no"}).text


def test_the_security_administrator_ends_others_sessions_and_proposes_a_reset(
    alice: Person, auditor: Person, security_admin: Person, opened: Opened
):
    hers, admin = opened(alice), opened(security_admin)
    page = admin.get(f"/accounts/{alice.id}")
    found = re.search(r'name="session" value="([0-9a-f-]{36})"', page.html)
    assert found
    end = f"/accounts/{alice.id}/sessions/end"
    assert admin.post(end, {"session": "nonsense"}).status == 400
    assert "登录已结束" in admin.follow(admin.post(end, {"session": found[1]})).text
    assert hers.get("/").status == 303
    assert admin.post(end).status == 303

    page = admin.follow(admin.post(f"/accounts/{auditor.id}/second-factor/reset"))
    assert "等待另一位安全管理员审批：重置动态验证码" in page.text
    waiting = re.search(r"/grants/([0-9a-f-]{36})", admin.get("/grants").html)
    assert waiting is None  # one's own cannot be decided


def test_a_grant_is_decided_with_a_reason(
    alice: Person, security_admin: Person, second_admin: Person, opened: Opened
):
    first, second = opened(security_admin), opened(second_admin)
    first.get(f"/accounts/{alice.id}")
    first.post(f"/accounts/{alice.id}/roles", {"role": ["reviewer", "clerk"]})
    proposal = re.search(r"/grants/([0-9a-f-]{36})/decision", second.get("/grants").html)
    assert proposal
    path = f"/grants/{proposal[1]}/decision"

    assert second.post(path, {"decision": "perhaps"}).status == 400
    assert "请填写审批意见" in second.follow(second.post(path, {"decision": "refuse"})).text
    refused = second.post(path, {"decision": "refuse", "reason": "不需要"})
    assert "已答复不批准" in second.follow(refused).text
    assert second.post(path, {"decision": "approve", "reason": "又需要了"}).status == 409
