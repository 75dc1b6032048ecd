"""The pages of data quality: the list, a scheme, and the list of faults to take."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.core.privacy.cipher import Cipher
from relief.registry.merging.service import merge
from relief.tasks import worker
from relief.tasks.models import Task
from relief.wiring import worker_of
from tests.console.conftest import Browser
from tests.support.people import Person
from tests.support.settings import CIPHER, START, FakeClock
from tests.support.source import number, send

Opened = Callable[[Person | str], Browser]


@pytest.fixture
def files(session: Session, cipher: Cipher) -> None:
    send(session, cipher, "S01", {"number": number(), "ethnicity": "11"}, now=START)
    send(session, cipher, "S28", {"number": number(), "ethnicity": "01"}, now=START)
    merge(session, cipher=CIPHER, actor_id=None, now=START)
    session.commit()


def test_the_list_shows_each_schemes_faults_and_delays(
    files: None, steward: Person, opened: Opened, clock: FakeClock
):
    page = opened(steward).get("/quality")

    for word in ("低保", "民政局", "农业农村局", "按时", "还没有收到", "%", "—"):
        assert word in page.text
    assert "/quality/S01" in page.links
    clock.advance(days=30)
    assert "迟报 13 天" in opened(steward).get("/quality").text


def test_a_department_sees_its_own_schemes(files: None, bob: Person, opened: Opened):
    browser = opened(bob)

    assert "住房和城乡建设局" in browser.get("/quality").text
    assert "民政局" not in browser.get("/quality").text
    assert browser.get("/quality/S01").status == 404


def test_a_scheme_shows_its_fields_and_files(files: None, steward: Person, opened: Opened):
    page = opened(steward).get("/quality/S01")

    for word in ("每月，期满后 10 天内", "民族", "部门户编号", "S01.csv", "迟报 13 天"):
        assert word in page.text


def test_a_scheme_without_files_says_so(steward: Person, opened: Opened):
    page = opened(steward).get("/quality/S02")

    assert "还没有收到这个项目的文件" in page.text


def test_the_list_of_faults_is_made_and_taken(
    app: Flask, files: None, session: Session, steward: Person, opened: Opened
):
    browser = opened(steward)
    browser.get("/quality/S01")

    page = browser.follow(browser.post("/quality/S01/fault-files", {"form": "csv"}))

    assert "正在后台生成问题清单" in page.text
    assert worker.run_one(worker_of(app))
    session.expire_all()
    assert "下载" in browser.get("/quality/S01").text
    task = session.scalars(select(Task).where(Task.kind == "quality-faults")).one()
    file = browser.post(f"/quality/fault-files/{task.id}")
    assert file.status == 200
    assert file.response.mimetype == "text/csv"
    assert "与其他部门登记不一致" in file.html
    assert "attachment" in file.response.headers["Content-Disposition"]


def test_who_proved_long_ago_who_they_are_is_asked_again(
    files: None, steward: Person, opened: Opened, clock: FakeClock
):
    browser = opened(steward)
    clock.advance(minutes=6)

    page = browser.get("/quality/S01")

    assert "验证身份后生成或下载" in page.text
    assert browser.post("/quality/S01/fault-files", {"form": "csv"}).status == 403


def test_who_only_watches_is_offered_no_list(files: None, leader: Person, opened: Opened):
    assert "问题清单" not in opened(leader).get("/quality/S01").text
