"""Entering a roster on the pages: beginning, progress, the report of each person."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relief.console import paging
from relief.core.privacy.cipher import Cipher
from relief.review.rostering.models import RosterAct, RosterPlace
from relief.review.rostering.types import ActStatus
from relief.tasks import worker
from relief.tasks.models import Task, TaskStatus
from relief.wiring import worker_of
from tests import factories
from tests.console.conftest import Browser
from tests.support.confirming import listed
from tests.support.people import Person
from tests.support.settings import START

Opened = Callable[[Person | str], Browser]
FORM = {"scheme": "S13", "need": "冬季取暖"}


@pytest.fixture
def home(session: Session, cipher: Cipher) -> factories.Home:
    return listed(
        session, factories.make_household(session, cipher, schemes=("S01",), marital="10")
    )


def begun(browser: Browser) -> str:
    """Begin by the form; the page of the act."""
    form = browser.get("/cases/roster-acts/new?scheme=S13")
    assert set(form.fields) <= form.labelled
    sent = browser.post("/cases/roster-acts", FORM | {"once": form.once})
    again = browser.post("/cases/roster-acts", FORM | {"once": form.once})
    assert sent.status == again.status == 303, sent.text
    assert sent.response.headers["Location"] == again.response.headers["Location"]
    return str(sent.response.headers["Location"])


def test_from_the_roster_to_the_case(
    home: factories.Home, app: Flask, session: Session, alice: Person, opened: Opened
):
    browser = opened(alice)
    roster = browser.get("/cases/rosters?scheme=S13")
    assert "/cases/roster-acts/new?scheme=S13" in roster.links
    assert "还没有发起过" in browser.get("/cases/roster-acts").text
    where = begun(browser)
    page = browser.get(where)
    assert "正在录入" in page.text
    assert 'hx-trigger="every 3s"' in page.html

    assert worker.run_one(worker_of(app))
    session.commit()

    page = browser.get(f"{where}?status=entered")
    case = session.scalars(select(RosterPlace.case_id)).one()
    assert f"/cases/{case}" in page.links
    for words in ("已办完", "已录入 1 人", "张三", "该家庭已认定为低保对象"):
        assert words in page.text
    assert where in browser.get("/cases/roster-acts").links
    assert "批量补办" in browser.get("/").text
    assert browser.get(f"{where}?status=x").status == 400
    assert home.person_id


def test_what_cannot_be_begun_is_explained(alice: Person, opened: Opened, session: Session):
    browser = opened(alice)
    browser.get("/cases/roster-acts/new")

    page = browser.post("/cases/roster-acts", {"need": "一"})
    assert (page.status, "请选择救助项目" in page.text) == (422, True)
    assert "至少 2 个字" in page.text
    page = browser.post("/cases/roster-acts", FORM)
    assert (page.status, "没有需要补办的人" in page.text) == (409, True)
    assert session.scalar(select(RosterAct)) is None


def test_what_was_not_entered_and_what_stands_still_is_told(
    home: factories.Home, session: Session, alice: Person, opened: Opened
):
    browser = opened(alice)
    where = begun(browser)
    session.execute(update(Task).values(status=TaskStatus.FAILED, finished_at=START))
    session.commit()
    assert "已中断" in browser.get(where).text
    assert "已中断" in browser.get("/cases/roster-acts").text

    page = browser.follow(browser.post(f"{where}/resume"))
    assert "已继续录入" in page.text
    again = browser.post(f"{where}/resume")
    assert (again.status, "没有停止" in again.text) == (409, True)

    session.execute(update(RosterAct).values(status=ActStatus.STOPPED))
    session.execute(
        update(RosterPlace).values(status="not_entered", reason="blocked", note="已死亡")
    )
    session.commit()
    page = browser.get(where)
    for words in ("已停止", "受理前的核验没有通过：已死亡", "继续录入"):
        assert words in page.text
    assert home.id


def test_a_refused_act_links_to_no_page_that_cannot_be_opened(
    home: factories.Home,
    session: Session,
    cipher: Cipher,
    alice: Person,
    opened: Opened,
    monkeypatch: pytest.MonkeyPatch,
):
    listed(session, factories.make_household(session, cipher, schemes=("S01",), marital="10"))
    monkeypatch.setattr(paging, "PAGE_SIZE", 1)
    browser = opened(alice)
    where = begun(browser)
    assert any(link.startswith(f"{where}?cursor=") for link in browser.get(where).links)

    refused = browser.post(f"{where}/resume")

    assert (refused.status, "没有停止" in refused.text) == (409, True)
    assert not [link for link in refused.links if "/resume" in link]
    assert home.id


def test_who_was_named_in_vain_is_told_why(
    home: factories.Home, session: Session, alice: Person, opened: Opened
):
    browser = opened(alice)
    where = begun(browser)
    not_entered = {"status": "not_entered", "told": ""}
    session.execute(update(RosterPlace).values(reason="member", **not_entered))
    session.commit()
    assert "按户救助，由户主申请" in browser.get(where).text

    session.execute(update(RosterPlace).values(reason="gone", name="", region_code=0))
    session.commit()
    page = browser.get(where)

    assert (page.status, "已不在本人的工作范围" in page.text) == (200, True)
    assert "张三" not in page.text
    assert home.id
