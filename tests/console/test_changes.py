"""Reducing and stopping in the browser."""

import pytest

from tests.console.test_cases import apply, desk, go_on, send
from tests.support.applicants import BORN

__all__ = ["desk"]  # the fixture
PROPOSED = {"kind": "stop", "change_reason": "收入超过标准", "legal": "社会救助法第四十七条"}
SERVED = {"served_on": "2026-11-23", "served_by": "post", "proof": "邮件号 12"}


@pytest.fixture
def case(office, desk):
    """A child without care, granted."""
    path = apply(desk, office.household(born_on=BORN["S07"]), "S07")
    go_on(office, desk, path)
    approver = desk("D01", "approver")
    done = send(approver, path, f"{path}/decision", granted="granted", amount="564", reason="符合")
    assert done.status == 303, done.text
    return path


def test_the_way_of_a_stop_in_the_browser(office, desk, case):
    page = desk().get(case)
    assert set(page.fields) <= page.labelled | {"<input> without an id"}
    assert send(desk(), case, f"{case}/changes", **PROPOSED).status == 303
    approver = desk("D01", "approver")
    assert "还没有听取当事人的意见，不能作出决定" in approver.get(case).text
    page = desk().get(case)
    assert set(page.fields) <= page.labelled | {"<input> without an id"}
    assert send(desk(), case, f"{case}/changes/service", **SERVED).status == 303
    assert "邮寄送达：邮件号 12；答复期限至 2026-11-30" in desk().get(case).text
    assert 'name="silent"' not in desk().get(case).html
    office.clock.advance(days=8)
    page = desk().get(case)
    assert set(page.fields) <= page.labelled | {"<input> without an id"}
    assert send(desk(), case, f"{case}/changes/views", silent="1", views="").status == 303
    assert "逾期未答复" in desk().get(case).text
    approver = desk("D01", "approver")
    assert send(approver, case, f"{case}/changes/decision", change_grounds="属实").status == 400
    form = {"carried": "yes", "change_grounds": "收入核对属实"}

    done = send(approver, case, f"{case}/changes/decision", **form)

    assert done.status == 303, done.text
    shown = desk().get(case).text
    for words in ("已终止", "收入核对属实", "自 2027-01-01", "决定减发或停发"):
        assert words in shown


def test_a_wish_needs_no_hearing_and_may_not_be_followed(desk, case):
    wish = {"excuse": "own_wish", "excuse_proof": "书面申请第 2 号"}
    assert send(desk(), case, f"{case}/changes", **PROPOSED | wish).status == 303
    assert "书面申请第 2 号" in desk().get(case).text

    form = {"carried": "no", "change_grounds": "本人改变了意愿"}
    done = send(desk("D01", "approver"), case, f"{case}/changes/decision", **form)

    assert done.status == 303
    assert "未采纳" in desk().get(case).text


@pytest.mark.parametrize(
    ("form", "status", "says"),
    [
        ({"kind": "nothing"}, 400, ""),
        ({"legal": ""}, 422, "请写明依据"),
        ({"kind": "reduce", "left": "五百"}, 422, "请写明依据"),
        ({"kind": "reduce", "left": "600"}, 422, "减发后的金额须大于零并低于现在的金额"),
        ({"change_reason": ""}, 422, "请写明内容"),
    ],
)
def test_what_is_proposed_is_whole(desk, case, form, status, says):
    done = send(desk(), case, f"{case}/changes", **PROPOSED | form)

    assert (done.status, says in done.text) == (status, True)


def test_what_is_entered_is_whole(desk, case):
    send(desk(), case, f"{case}/changes", **PROPOSED)
    for wrong, says in (({"served_on": ""}, "请选择送达日期"), ({"proof": ""}, "请写明送达凭据")):
        done = send(desk(), case, f"{case}/changes/service", **SERVED | wrong)
        assert (done.status, says in done.text) == (422, True)
    send(desk(), case, f"{case}/changes/service", **SERVED)

    done = send(desk(), case, f"{case}/changes/views", views="")

    assert (done.status, "请写明当事人的意见" in done.text) == (422, True)


def test_a_recheck_is_recorded_and_a_late_one_is_marked(office, desk, case):
    assert "应于 2027-12-01 前完成" in desk().get(case).text
    assert send(desk(), case, f"{case}/recheck", recheck_finding="未变").status == 400
    office.later(374)
    assert "逾期不影响待遇发放" in desk().get(case).text
    form = {"found": "unchanged", "recheck_finding": "入户核查，情况未变", "every": ""}

    assert send(desk(), case, f"{case}/recheck", **form).status == 303

    shown = desk().get(case).text
    assert "情况未变，入户核查，情况未变" in shown
    assert "应于 2028-12-02 前完成" in shown
