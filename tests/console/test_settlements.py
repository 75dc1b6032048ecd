"""A counter enters who is here by the identity card, and sees nothing else of them."""

import pytest
from sqlalchemy import select

from relief.audit.models import AuditEvent
from tests.console.test_cases import desk

__all__ = ["desk"]  # the fixture
NEW, URL = "/cases/settlements/new", "/cases/settlements"


@pytest.fixture
def home(office):
    return office.household(schemes=("S14",))


def send(browser, home, **given):
    form = browser.get(NEW)
    assert set(form.fields) <= form.labelled
    told = {"citizen_id": home.citizen_id, "name": "张三", "scheme": "S25", "need": "急诊欠费"}
    return browser.post(URL, {"once": form.once} | told | given)


def test_from_the_card_to_the_case(desk, home):
    counter = desk("D06")
    assert NEW in counter.get("/cases").links
    assert 'value="S16"' in counter.get(NEW).html  # it takes part in that too

    done = send(counter, home)

    assert done.status == 303, done.text
    page = counter.get(done.response.location)
    assert "已提交申请" in page.text
    assert home.citizen_id not in page.html


@pytest.mark.parametrize(
    ("given", "status", "told"),
    [
        ({"name": "李四"}, 404, "没有找到这个人"),
        ({"citizen_id": "123"}, 422, "身份证号码不正确"),
        ({"scheme": ""}, 422, "请选择救助项目"),
        ({"need": ""}, 422, "请填写申请理由"),
        ({"scheme": "S24"}, 409, "不在结算窗口办理"),
    ],
)
def test_what_is_wrong_is_told_and_the_number_is_not_kept(desk, home, session, given, status, told):
    page = send(desk("D06"), home, **given)

    assert (page.status, told in page.text) == (status, True), page.text
    assert home.citizen_id not in page.html
    missed = select(AuditEvent.id).where(AuditEvent.action == "person:not_found_by_number")
    assert len(session.scalars(missed).all()) == (status == 404)


def test_whom_the_form_found_is_recorded_though_it_is_refused(desk, home, session):
    assert send(desk("D06"), home).status == 303

    assert send(desk("D06"), home).status == 409

    found = select(AuditEvent).where(AuditEvent.action == "person:found_by_number")
    rows = session.scalars(found).all()
    assert {one.subject_id for one in rows} == {home.person_id}
    assert sorted(one.details.get("refused", "") for one in rows) == ["", "case-open"]


def test_what_does_not_exist_and_who_settles_nothing(desk, home):
    assert send(desk("D06"), home, scheme="S99").status == 404
    assert "没有在结算窗口办理的救助项目" in desk("D13").get(NEW).text
