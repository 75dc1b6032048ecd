"""Accounts, and the first page's messages."""

import re
import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.accounts.models import Account
from relief.notifications.models import InboxMessage
from tests.console import town
from tests.console.conftest import Browser
from tests.support.people import Person
from tests.support.settings import START

Opened = Callable[[Person | str], Browser]
FORM = {
    "display_name": "王芳",
    "username": "Wang.Fang",
    "post": "operations",
    "department": "D01",
    "password": "A long enough secret 1",
}


def test_the_list_shows_roles_and_state(system_admin: Person, opened: Opened):
    page = opened(system_admin).get("/accounts")

    for word in ("Alice", "alice", "业务岗", "民政局", "审核人", "正常", "新建账号"):
        assert word in page.text


def test_creating_an_account_twice_makes_one(
    system_admin: Person, opened: Opened, session: Session
):
    browser = opened(system_admin)
    form = FORM | {"once": browser.get("/accounts/new").once}

    page = browser.follow(browser.post("/accounts", form))
    again = browser.post("/accounts", form)

    assert "账号已建立" in page.text
    assert "wang.fang" in page.text
    assert again.response.headers["Location"].startswith("/accounts/")
    assert len(session.scalars(select(Account).where(Account.username == "wang.fang")).all()) == 1


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"display_name": ""}, "请填写姓名"),
        ({"username": "王"}, "登录名应为"),
        ({"username": "alice"}, "登录名已被使用"),
        ({"password": "short"}, "密码长度"),
        ({"post": "boss"}, "请选择岗位"),
    ],
)
def test_a_form_with_a_fault_comes_back_filled_in(
    system_admin: Person, opened: Opened, change: dict[str, str], fault: str
):
    browser = opened(system_admin)
    page = browser.get("/accounts/new")
    assert set(page.fields) <= page.labelled

    page = browser.post("/accounts", FORM | change)

    assert page.status == 422
    assert fault in page.text
    assert 'aria-invalid="true"' in page.html
    assert FORM["password"] not in page.html


def test_the_security_administrator_sets_roles_regions_and_state(
    alice: Person, security_admin: Person, second_admin: Person, opened: Opened
):
    browser = opened(security_admin)
    path = f"/accounts/{alice.id}"
    page = browser.get(path)
    assert "铁东区" in page.text
    assert "系统管理员" not in page.text

    page = browser.follow(browser.post(f"{path}/roles", {"role": ["clerk", "approver"]}))
    assert "须另一位安全管理员批准" in page.text
    assert page.html.count(" checked") == 0  # the role that was not ticked is gone at once
    page = browser.follow(browser.post(f"{path}/regions", {"code": "210303000000"}))
    assert "授予角色“经办人”" in page.text
    assert "增加工作区划“铁西区”" in page.text
    assert "移除 铁西区" not in page.text
    assert "这是您自己提出的" in browser.get("/grants").text

    second = opened(second_admin)
    decision = {"decision": "approve", "reason": "情况属实"}
    listed = second.get("/grants")
    for proposal in re.findall(r"/grants/([0-9a-f-]{36})/decision", listed.html):
        page = second.follow(second.post(f"/grants/{proposal}/decision", decision))
        assert "已批准" in page.text
    assert "没有待审批的授权" in second.get("/grants").text

    page = browser.get(path)
    assert page.html.count(" checked") == 2
    assert "移除 铁西区" in page.text
    page = browser.follow(browser.post(f"{path}/regions/remove", {"code": "210303000000"}))
    assert "工作区划已移除" in page.text
    assert "移除 铁西区" not in page.text

    assert "确定停用" in browser.get(f"{path}/disable").text
    page = browser.follow(browser.post(f"{path}/disable"))
    assert "账号已停用" in page.text
    assert "已停用 2026-11-23 09:00" in page.text


def test_what_no_form_sends_is_refused(alice: Person, security_admin: Person, opened: Opened):
    browser = opened(security_admin)
    browser.get(f"/accounts/{alice.id}")

    assert browser.post(f"/accounts/{alice.id}/roles", {"role": "boss"}).status == 400
    assert browser.post(f"/accounts/{alice.id}/regions", {}).status == 400
    assert browser.post(f"/accounts/{alice.id}/regions", {"code": "999"}).status == 404
    wrong_post = browser.post(f"/accounts/{alice.id}/roles", {"role": "auditor"})
    assert wrong_post.status == 409
    assert "岗位互斥" in wrong_post.text


def test_nobody_changes_their_own_account(security_admin: Person, opened: Opened):
    browser = opened(security_admin)

    page = browser.get(f"/accounts/{security_admin.id}")

    assert "这是您自己的账号" in page.text
    assert "保存角色" not in page.text
    assert browser.post(f"/accounts/{security_admin.id}/disable").status == 403


def test_an_unknown_account_is_not_found(security_admin: Person, opened: Opened):
    assert opened(security_admin).get(f"/accounts/{uuid.UUID(int=1)}").status == 404


def test_the_menu_holds_only_what_one_may_open(alice: Person, system_admin: Person, opened: Opened):
    assert "/accounts" not in opened(alice).get("/").links
    admin = opened(system_admin).get("/")
    assert "/accounts" in admin.links
    assert "/households" not in admin.links


def test_a_message_is_marked_as_read(alice: Person, bob: Person, opened: Opened, session: Session):
    message = town.add_message(session, alice.id, now=START)
    session.commit()
    browser, other = opened(alice), opened(bob)
    assert "1 条未读" in browser.get("/").text
    other.get("/")

    assert other.post(f"/messages/{message}/read").status == 404
    page = browser.follow(browser.post(f"/messages/{message}/read"))

    assert "条未读" not in page.text
    assert "数据归并已完成" in page.text
    session.expire_all()
    assert session.get_one(InboxMessage, message).read_at == START
