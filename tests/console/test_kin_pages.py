"""Close relatives on the pages: filing one's own, and what a case of kin asks for."""

from datetime import date

import pytest

from tests.console.test_cases import apply, desk, send  # noqa: F401  # a fixture
from tests.support.source import number

OWN = number(date(1985, 5, 6), 7)


@pytest.fixture
def clerk(desk):  # noqa: F811  # the fixture
    return desk()


def file(browser, **form):
    return send(browser, "/me/kin", "/me/kin", **{"own_number": OWN} | form)


def test_that_there_is_nothing_is_filed_in_one_step(clerk):
    before = clerk.get("/me/kin")
    done = file(clerk)

    assert "2026 年还没有备案" in before.text
    assert done.status == 303
    shown = clerk.get("/me/kin")
    assert "已备案：没有近亲属需要申报。" in shown.text
    assert "2026 年已备案" in shown.text


def test_relatives_are_filed_kept_changed_and_taken_off(office, clerk):
    home = office.household()
    rows = {"name-0": "张三", "relation-0": "20", "number-0": home.citizen_id}
    file(clerk, **rows)
    shown = clerk.get("/me/kin")
    kept = shown.html.split('name="keep-0" value="')[1].split('"')[0]

    assert home.citizen_id not in shown.html
    assert 'value="张三"' in shown.html
    office.clock.advance(minutes=1)
    changed = {"name-0": "张三丰", "relation-0": "20", "keep-0": kept, "own_number": ""}
    assert file(clerk, **changed).status == 303
    assert 'value="张三丰"' in clerk.get("/me/kin").html
    kept = clerk.get("/me/kin").html.split('name="keep-0" value="')[1].split('"')[0]
    office.clock.advance(minutes=1)
    file(clerk, **changed | {"keep-0": kept, "gone-0": "1"})
    assert "没有近亲属需要申报" in clerk.get("/me/kin").text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"own_number": "123"}, "身份证号不正确"),
        ({"name-0": "张三", "relation-0": "20", "number-0": "1"}, "身份证号不正确"),
        ({"name-0": "张三", "number-0": OWN}, "请选择张三与本人的关系"),
        ({"name-0": "张三", "relation-0": "20", "keep-0": "no-id"}, "身份证号不正确"),
    ],
)
def test_what_is_wrong_is_told_above_what_was_filled_in(clerk, form, said):
    refused = file(clerk, **form)

    assert refused.status == 422
    assert said in refused.text
    if "name-0" in form:
        assert 'value="张三"' in refused.html


def test_a_case_of_kin_is_decided_after_the_county_visited(office, desk):  # noqa: F811
    home = office.household()
    case = apply(desk, home, "S01")
    clerk = desk()
    named = send(clerk, case, f"{case}/kin", kin_name="村主任王某", relation="71")
    assert named.status == 303
    shown = clerk.get(case).text
    assert "村主任王某：申请家庭中有其兄" in shown
    assert "须由县级入户调查" in shown
    office.client("D01", "approver")
    approver = str(office.accounts["D01", "approver", "210302000000"])
    reviewer = desk(role="reviewer")

    early = send(reviewer, case, f"{case}/kin-visit", companion_id="", visited_on="")
    late = send(
        reviewer, case, f"{case}/kin-visit",
        companion_id=approver, visited_on="2026-12-24", finding="情况属实",
    )  # fmt: skip
    done = send(
        reviewer, case, f"{case}/kin-visit",
        companion_id=approver, visited_on="2026-11-23", finding="情况属实",
    )  # fmt: skip

    assert (early.status, "请选择同行人员" in early.text) == (422, True)
    assert (late.status, "不能晚于今天" in late.text) == (422, True)
    assert done.status == 303
    assert "已入户调查：情况属实" in reviewer.get(case).text


def test_who_stands_back_in_one_click_is_asked_no_more(desk, office):  # noqa: F811
    case = apply(desk, office.household(), "S01")
    clerk = desk()

    assert send(clerk, case, f"{case}/recusal", why="与申请人是亲戚").status == 303

    assert "没有等待您办理的环节" in clerk.get("/cases/my-turn").text
    shown = clerk.get(case)
    assert "您已回避" in shown.text
    assert "轮到我办：" not in shown.text
    assert f"{case}/withdraw" not in shown.html
