"""Objections in the notice period, in the browser."""

import re

import pytest

from tests.console.test_cases import apply, desk, send
from tests.support.objecting import to_notice

__all__ = ["desk"]  # the fixture
OBJECTED = {
    "received_on": "2026-11-23", "channel": "letter", "objection": "该家庭有一辆小汽车",
    "objector_name": "李反映", "objector_phone": "13900001234",
}  # fmt: skip
RESURVEY = {"inquiry": "resurvey", "inquiry_reason": "有人反映有车"}
SURVEYED = {
    "held_on": "2026-11-23", "survey_finding": "车辆登记在他人名下", "signature": "均已签字",
}  # fmt: skip


@pytest.fixture
def case(office, desk):
    """A living allowance that hangs in public."""
    path = apply(desk, office.household(), "S01")
    to_notice(office, path.rpartition("/")[2])
    return path


def labelled(page):
    return set(page.fields) <= page.labelled | {"<input> without an id"}


def objection_of(page):
    return re.search(r"/objections/([0-9a-f-]{36})/", page.html)[1]


def test_the_way_of_an_objection_in_the_browser(office, desk, case):
    other = str(office.bind("reviewer"))
    assert labelled(desk().get(case))
    assert send(desk(), case, f"{case}/objections", **OBJECTED).status == 303
    page = desk().get(case)
    assert "该家庭有一辆小汽车" in page.text
    assert "李反映" not in page.html
    assert "13900001234" not in page.html
    assert "还有 1 件公示期异议没有处理" in page.text
    assert "1 件异议待处理" in desk("D01", "approver").get("/cases/my-turn").text
    assert labelled(page)
    assert send(desk(), case, f"{case}/objections/inquiries", **RESURVEY).status == 303
    appraisal = {"inquiry": "appraisal", "inquiry_reason": "说法不一"}
    assert send(desk(), case, f"{case}/objections/inquiries", **appraisal).status == 303
    assert labelled(desk().get(case))
    given = SURVEYED | {"investigator_id": other}
    assert send(desk(), case, f"{case}/objections/resurvey", **given).status == 303
    held = {
        "appraised_on": "2026-11-23", "participants": "21", "appraisal_finding": "认为不成立",
    }  # fmt: skip
    assert send(desk(), case, f"{case}/objections/appraisal", **held).status == 303
    approver = desk("D01", "approver")
    page = approver.get(case)
    assert labelled(page)
    objection = objection_of(page)
    answered = {"upheld": "no", "objection_answer": "车辆不属于该家庭"}
    path = f"{case}/objections/{objection}"

    done = send(approver, case, f"{path}/answer", **answered)

    assert done.status == 303, done.text
    assert labelled(desk().get(case))
    assert send(desk(), case, f"{path}/told", told_how="phone", told_note="已说明").status == 303
    shown = desk().get(case).text
    for words in (
        "不成立", "车辆不属于该家庭", "电话告知：已说明", "21 人参加：认为不成立",
        "评议结果不代替认定", "签字：均已签字", "认定异议不成立，维持初审意见",
    ):  # fmt: skip
        assert words in shown, words
    office.clock.advance(days=8)
    page = desk().get(case)
    assert "公示期满，没有异议，或者异议都已认定不成立" in page.text
    assert send(desk(), case, f"{case}/stages/PUBLIC", outcome="passed").status == 303


def test_who_objected_is_shown_to_who_asks_why(desk, case):
    send(desk(), case, f"{case}/objections", **OBJECTED)
    browser = desk()
    path = f"{case}/objections/{objection_of(browser.get(case))}/objector"
    browser.get(case)
    assert browser.post(path, {"look_reason": ""}).status == 422
    browser.get(case)
    numbered = browser.post(path, {"look_reason": "回复 139-0000-1234"})
    assert (numbered.status, "查看的原因中不能填写" in numbered.text) == (422, True)
    browser.get(case)

    shown = browser.post(path, {"look_reason": "核实反映的情况"})

    assert shown.status == 200
    assert "李反映，13900001234" in shown.text
    assert "李反映" not in desk().get(case).html


def test_without_a_name_there_is_nobody_to_show(desk, case):
    anonymous = OBJECTED | {"objector_name": "", "objector_phone": ""}
    send(desk(), case, f"{case}/objections", **OBJECTED)
    named = objection_of(desk().get(case))
    send(desk(), case, f"{case}/objections", **anonymous)
    page = desk().get(case)
    assert page.html.count('/objector"') == 1
    assert f"/{named}/objector" in page.html
    assert "匿名" in page.text


def test_a_justified_one_and_a_late_one(office, desk, case):
    send(desk(), case, f"{case}/objections", **OBJECTED)
    send(desk(), case, f"{case}/objections/inquiries", **RESURVEY)
    given = SURVEYED | {"investigator_id": str(office.bind("reviewer"))}
    send(desk(), case, f"{case}/objections/resurvey", **given)
    approver = desk("D01", "approver")
    path = f"{case}/objections/{objection_of(approver.get(case))}/answer"
    keyless = approver.post(path, {"once": "k", "objection_answer": "属实"})
    assert keyless.status == 400
    answered = {"upheld": "yes", "objection_answer": "有经营收入"}
    assert send(approver, case, path, **answered).status == 303
    assert "轮到我办：初审意见" in desk().get(case).text

    assert send(desk(), case, f"{case}/objections", **OBJECTED).status == 303

    shown = desk().get(case).text
    assert "公示期满后" in shown
    assert "请告知反映人向县级民政部门投诉举报" in shown


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"received_on": ""}, "请选择收到异议的日期和方式"),
        ({"channel": ""}, "请选择收到异议的日期和方式"),
        ({"objection": ""}, "请写明异议的内容"),
        ({"received_on": "2026-11-22"}, "不能早于公示开始之日"),
    ],
)
def test_what_is_objected_is_whole(desk, case, form, says):
    done = send(desk(), case, f"{case}/objections", **OBJECTED | form)

    assert (done.status, says in done.text) == (422, True)


def test_what_was_found_is_whole(office, desk, case):
    send(desk(), case, f"{case}/objections", **OBJECTED)
    assert send(desk(), case, f"{case}/objections/inquiries", inquiry="vote").status == 400
    for kind in ("resurvey", "appraisal"):
        order = RESURVEY | {"inquiry": kind}
        assert send(desk(), case, f"{case}/objections/inquiries", **order).status == 303
    given = SURVEYED | {"investigator_id": str(office.bind("reviewer"))}
    for wrong, says in (
        ({"investigator_id": ""}, "请选择另一名调查人员"),
        ({"signature": ""}, "请写明调查表的签字情况"),
        ({"survey_finding": ""}, "请写明内容"),
    ):
        done = send(desk(), case, f"{case}/objections/resurvey", **given | wrong)
        assert (done.status, says in done.text) == (422, True), says
    held = {"appraised_on": "2026-11-23", "participants": "9", "appraisal_finding": "属实"}
    for wrong, says in (
        ({"appraised_on": ""}, "请选择民主评议的日期"),
        ({"participants": "很多"}, "请填写参加民主评议的人数"),
        ({"participants": "0"}, "请填写参加民主评议的人数"),
        ({"participants": "12345"}, "请填写参加民主评议的人数"),
    ):
        done = send(desk(), case, f"{case}/objections/appraisal", **held | wrong)
        assert (done.status, says in done.text) == (422, True), says


def test_how_they_were_told_is_chosen(office, desk, case):
    office.clock.advance(days=8)
    late = OBJECTED | {"received_on": "2026-12-01"}
    send(desk(), case, f"{case}/objections", **late)
    path = f"{case}/objections/{objection_of(desk().get(case))}/told"

    done = send(desk(), case, path, told_how="")

    assert (done.status, "请选择告知的方式" in done.text) == (422, True)
