"""A case from the clerk's window to the decision, as browsers without scripts show it.

`press` sends what a browser would, from the form as it stands in the page; `send`, anything.
"""

import re

import pytest

from relief.jobs.deadlines import watch_deadlines
from tests.console.conftest import Browser
from tests.support.html_forms import form_of
from tests.support.review import BORN

ONCE = re.compile(
    r'<form[^>]*action="([^"]+)"(?:(?!</form>).)*?name="once" value="([0-9a-zA-Z_-]+)"', re.DOTALL
)


@pytest.fixture
def desk(office):
    """`desk(department, role)`: the browser of someone, signed in now."""

    def open_(department="D01", role="clerk"):
        browser = Browser(office.app)
        browser.client.set_cookie("relief_session", office.cookie(department, role))
        return browser

    return open_


def send(browser, path, action, **form):
    """Fill in the form of a page that has this action, and press its button."""
    page = browser.get(path)
    keys = dict(ONCE.findall(page.html))
    assert action in keys, (action, sorted(keys))
    return browser.post(action, {"once": keys[action]} | form)


def press(browser, path, action, **fields):
    """Fill in the form of a page that has this action as people can, and press its button."""
    form = form_of(browser.get(path).html, action)
    return browser.post(action, form.filled(**fields))


def apply(desk, home, scheme):
    browser = desk()
    path = f"/persons/{home.person_id}/apply"
    who = {"signed": str(home.person_id), "signed_on": "2026-11-23"}
    if "signed" not in form_of(browser.get(path).html, path).controls:
        who = {}  # of a child alone nobody is asked to sign
    done = press(browser, path, path, scheme=scheme, need="家庭困难", **who)
    assert done.status == 303
    return done.response.location


def go_on(office, desk, case):
    """End every stage before the decision, each in the browser of whom it waits for."""
    while True:
        stages = office.show(case.rpartition("/")[2])["stages"]
        waiting = [
            one for one in stages if one["status"] == "open" and one["kind"] != "confirmation"
        ]
        if not waiting:
            return
        for stage in waiting:
            if stage["waits_for"]:
                continue
            browser = desk(stage["department_code"], stage["role"])
            if stage["kind"] == "public_notice":
                assert f"公示至 {stage['hangs_until']} 24 时止" in browser.get(case).text
                office.clock.advance(days=8)
                browser = desk(stage["department_code"], stage["role"])
            if stage["survey_by"]:
                office.survey(case.rpartition("/")[2])
            asked = stage["kind"] not in {"acceptance", "public_notice"}
            fields = {"outcome": "passed"} if asked else {}
            done = press(browser, case, f"{case}/stages/{stage['code']}", **fields)
            assert done.status == 303, done.text


@pytest.mark.parametrize("scheme", ["S01", "S03", "S08"])
def test_the_way_of_a_case_in_the_browser(office, desk, scheme):
    born = BORN.get(scheme, BORN[""])
    case = apply(desk, office.household(name="王小明", born_on=born), scheme)
    assert "王小明" in desk().get("/cases/my-turn").text

    go_on(office, desk, case)
    approver = desk("D01", "approver")
    assert "王小明" in approver.get("/cases/my-turn").text
    ruled = "departs" in form_of(approver.get(case).html, f"{case}/decision").controls
    why = {"departs": "规则没有涵盖的情形"} if ruled else {}
    done = press(
        approver, case, f"{case}/decision", granted="granted", amount="564.5", reason="符合条件",
        **why,
    )  # fmt: skip

    assert done.status == 303
    page = desk("D01", "approver").get(case)
    for words in ("已决定", "同意救助", "564.50 元", "符合条件", "经过", "作出决定"):
        assert words in page.text
    assert set(page.fields) <= page.labelled | {"<input> without an id"}


def test_the_menu_marks_one_part(office, desk):
    for path in ("/cases", "/cases/my-turn"):
        assert desk().get(path).html.count('aria-current="page"') == 1


def test_the_person_page_leads_to_a_new_application(office, desk):
    home = office.household()

    page = desk().get(f"/persons/{home.person_id}")

    assert f"/persons/{home.person_id}/apply" in page.links
    form = desk().get(f"/persons/{home.person_id}/apply")
    assert "登记信息直接取自困难群众库" in form.text
    assert home.citizen_id not in form.html
    assert set(form.fields) <= form.labelled


@pytest.mark.parametrize(
    "form", [{"scheme": "", "need": "家庭困难"}, {"scheme": "S01", "need": ""}]
)
def test_an_application_says_what_for_and_why(office, desk, form):
    home = office.household()
    path = f"/persons/{home.person_id}/apply"

    done = send(desk(), path, path, **form)

    assert (done.status, "请选择救助项目，并写明申请理由" in done.text) == (422, True)


def test_a_second_application_is_told_that_one_is_under_way(office, desk):
    home = office.household()
    apply(desk, home, "S01")
    path = f"/persons/{home.person_id}/apply"

    again = send(desk(), path, path, scheme="S01", need="还是困难")

    assert (again.status, "正在办理，不能重复提交" in again.text) == (409, True)
    assert "还是困难" in again.html


def test_a_button_pressed_twice_acts_once(office, desk):
    case = apply(desk, office.household(), "S09")
    browser = desk()
    keys = dict(ONCE.findall(browser.get(case).html))
    accept = f"{case}/stages/ACCEPT"

    first, second = (
        browser.post(accept, {"once": keys[accept], "outcome": "passed"}) for _ in "12"
    )

    assert (first.status, second.status) == (303, 303)


def test_giving_back_asking_for_papers_and_withdrawing(office, desk):
    case = apply(desk, office.household(), "S09")
    assert send(desk(), case, f"{case}/return", missing="").status == 422
    assert send(desk(), case, f"{case}/return", missing="残疾人证").status == 303
    assert "残疾人证" in desk().get(case).text
    assert send(desk(), case, f"{case}/resubmit").status == 303
    assert send(desk(), case, f"{case}/stages/ACCEPT", outcome="passed").status == 303
    assert send(desk(), case, f"{case}/pause", papers="新的残疾人证").status == 303
    waiting = desk().get(case)
    assert "等待材料，计时暂停" in waiting.text
    assert f"{case}/stages/FIRST" not in waiting.html
    assert "等待材料，计时暂停" in desk().get("/cases/my-turn").text
    assert send(desk(), case, f"{case}/resume").status == 303
    assert send(desk(), case, f"{case}/withdraw", wish="申请人书面撤回").status == 303
    assert "已撤回" in desk().get(case).text


def test_an_objection_without_words_is_shown_again(office, desk):
    case = apply(desk, office.household(), "S09")
    send(desk(), case, f"{case}/stages/ACCEPT", outcome="passed")

    done = send(desk(), case, f"{case}/stages/FIRST", outcome="objected", opinion="")

    assert (done.status, "有异议的，请写明意见" in done.text) == (422, True)
    assert 'value="objected" checked' in done.html


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({}, "请选择同意或不予救助"),
        ({"granted": "granted", "amount": "", "reason": "符合"}, "请写明金额"),
        ({"granted": "granted", "amount": "五百", "reason": "符合"}, "请写明金额"),
        ({"granted": "refused", "reason": ""}, "请写明内容"),
    ],
)
def test_a_decision_is_whole_or_is_none(office, desk, form, says):
    case = apply(desk, office.household(), "S03")
    go_on(office, desk, case)

    done = send(desk("D01", "approver"), case, f"{case}/decision", **form)

    assert (done.status, says in done.text) == (422, True)


def test_who_came_too_early_reads_what_comes_first(office, desk):
    case = apply(desk, office.household(), "S01")
    send(desk(), case, f"{case}/stages/ACCEPT", outcome="passed")

    page = desk().get(case)

    assert "须先办结：近亲属关系登记、启动家庭经济状况调查、启动信息核对" in page.text
    assert f"{case}/stages/FIRST_OPN" not in page.html


def test_what_is_late_is_marked(office, desk):
    case = apply(desk, office.household(), "S01")
    assert "逾期" not in desk().get("/cases/my-turn").text

    office.clock.advance(days=1)
    assert "今日到期" in desk().get("/cases/my-turn").text
    office.clock.advance(days=1)

    assert "逾期" in desk().get("/cases/my-turn").text
    assert "逾期" in desk().get(case).text


def test_the_list_is_narrowed(office, desk):
    apply(desk, office.household(name="甲某"), "S01")
    apply(desk, office.household(name="乙某"), "S09")

    assert "乙某" not in desk().get("/cases?scheme=S01").text
    assert "没有符合条件的申请事项" in desk().get("/cases?status=decided").text
    assert desk().get("/cases?status=nothing").status == 400


def test_a_department_sees_no_link_to_the_person(office, desk):
    home = office.household()
    case = apply(desk, home, "S09")

    page = desk("D13", "reviewer").get(case)

    assert page.status == 200
    assert f"/persons/{home.person_id}" not in page.html


def test_a_strange_outcome_is_refused(office, desk):
    case = apply(desk, office.household(), "S09")

    assert send(desk(), case, f"{case}/stages/ACCEPT", outcome="whatever").status == 400


def test_the_page_shows_who_was_told_and_who_will_be(office, desk, session):
    case = apply(desk, office.household(), "S01")
    office.clock.advance(days=2)
    watch_deadlines(session, now=office.clock())
    session.commit()

    shown = desk().get(case).text
    listed = desk().get("/cases?late=1")

    assert "办理已经逾期 已提醒 1 人" in shown
    assert "办理逾期，请督促 已提醒 1 人" in shown
    assert "办理逾期一个工作日，请督办 待提醒" in shown
    assert "逾期" in listed.text
    assert "checked" in listed.html
