"""Payees in the browser."""

import pytest

from relief.audit import grounds
from relief.audit.models import GroundKind
from tests.console.test_cases import apply, desk, send
from tests.support.applicants import BORN
from tests.support.paying import BANK, card

__all__ = ["desk"]  # the fixture
ENTERED = {
    "payee_kind": "self", "account_form": "card", "bank_code": BANK, "account_number": card(1),
    "holder": "张三", "payee_proof": "银行卡和身份证原件",
}  # fmt: skip
WHY = {"payee_reason": "首次登记"}


@pytest.fixture
def home(office):
    return office.household(born_on=BORN["S07"])


@pytest.fixture
def case(desk, home):
    return apply(desk, home, "S07")


def payee_id(office, case):
    return office.show(case.rpartition("/")[2])["payees"]["rows"][0]["id"]


def test_the_way_of_an_account_in_the_browser(office, desk, case):
    page = desk().get(case)
    assert set(page.fields) <= page.labelled | {"<input> without an id"}
    assert "没有收款账户的，资金无法发放" in page.text
    assert send(desk(), case, f"{case}/payees", **ENTERED | WHY).status == 303
    page = desk().get(case)
    assert card(1) not in page.html
    assert f"{'*' * 15}{card(1)[-4:]}" in page.text
    assert f"{case}/payees/answer" not in page.html  # the clerk confirms nothing

    form = {"payee_id": payee_id(office, case), "payee_answer": "与原件一致"}
    reviewer = desk("D01", "reviewer")
    page = reviewer.get(case)
    assert set(page.fields) <= page.labelled | {"<input> without an id"}
    assert send(reviewer, case, f"{case}/payees/answer", **form).status == 400
    done = send(reviewer, case, f"{case}/payees/answer", **form, confirmed="yes")

    assert done.status == 303, done.text
    shown = desk().get(case).text
    for words in ("使用中", "与原件一致", "确认收款账户", "变更收款账户"):
        assert words in shown


def test_who_entered_it_is_told_that_another_confirms_it(desk, case):
    reviewer = desk("D01", "reviewer")
    assert send(reviewer, case, f"{case}/payees", **ENTERED | WHY).status == 303

    page = reviewer.get(case)

    assert "您登记的收款账户须由另一人确认" in page.text
    assert f"{case}/payees/answer" not in page.html


def test_it_may_be_refused_or_taken_back(office, desk, case):
    assert send(desk(), case, f"{case}/payees", **ENTERED | WHY).status == 303
    form = {"payee_id": payee_id(office, case), "payee_answer": "户名看不清", "confirmed": "no"}
    approver = desk("D01", "approver")
    assert send(approver, case, f"{case}/payees/answer", **form).status == 303
    assert send(desk(), case, f"{case}/payees", **ENTERED | WHY).status == 303
    form = {"payee_id": payee_id(office, case), "payee_withdrawal": "卡号写错"}
    assert send(desk(), case, f"{case}/payees/withdrawal", **form).status == 303
    assert send(desk(), case, f"{case}/payees", **ENTERED | WHY).status == 303
    form["payee_id"] = "x"
    assert send(desk(), case, f"{case}/payees/withdrawal", **form).status == 400

    shown = desk().get(case).text
    for words in ("不予确认", "已撤回", "待确认", "户名看不清", "卡号写错"):
        assert words in shown


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"account_number": card(1)[:-1]}, "银行卡号不正确"),
        ({"holder": "李四"}, "户名与申请人姓名不一致"),
        ({"holder": ""}, "请选择收款人和账户种类"),
        ({"payee_kind": "neighbour"}, "请选择收款人和账户种类"),
        ({"payee_reason": ""}, "请写明内容"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_written_is_kept(desk, case, wrong, said):
    done = send(desk(), case, f"{case}/payees", **ENTERED | WHY | wrong)

    assert done.status == 422
    assert said in done.text
    assert "银行卡和身份证原件" in done.html


def test_an_application_may_name_it(office, desk, home):
    path = f"/persons/{home.person_id}/apply"
    who = {"signed": str(home.person_id), "signed_on": "2026-11-23"}
    form = {"scheme": "S07", "need": "家庭困难"} | who
    done = send(desk(), path, path, **form, **ENTERED | {"holder": ""})
    assert (done.status, "请选择收款人" in done.text) == (422, True)

    done = send(desk(), path, path, **form, **ENTERED)

    assert done.status == 303, done.text
    assert "随申请登记" in desk().get(done.response.location).text


def test_the_whole_number_is_shown_once_on_a_ground(office, session, desk, case, home):
    assert send(desk(), case, f"{case}/payees", **ENTERED | WHY).status == 303
    path = f"{case}/payees/{payee_id(office, case)}/whole"
    clerk = desk()
    form = {"payee_purpose": "application"}
    assert path in clerk.get(case).html
    refused = clerk.post(path, form)
    assert (refused.status, "事由" in refused.text) == (403, True)
    grounds.open_ground(
        session, kind=GroundKind.CASE, reference="case", person_id=home.person_id,
        purpose="受理申请", actor_id=None, now=office.clock(),
    )  # fmt: skip
    session.commit()
    assert clerk.post(path, {"payee_purpose": "x"}).status == 422

    done = clerk.post(path, form)

    assert (done.status, card(1) in done.text) == (200, True)


def test_a_department_that_does_not_pay_sees_nothing_of_it(desk, office):
    case = apply(desk, office.household(), "S09")

    assert 'id="payees"' in desk().get(case).html
    assert 'id="payees"' not in desk("D13", "reviewer").get(case).html
