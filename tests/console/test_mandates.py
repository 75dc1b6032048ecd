"""Mandates in the browser."""

import pytest

from tests.console.test_cases import apply, desk, send
from tests.support.applicants import BORN
from tests.support.source import number

__all__ = ["desk"]  # the fixture
NUMBER = number(sequence=951)
GIVEN = {
    "agent": "李四", "agent_kind": "committee", "agent_number": NUMBER,
    "mandate_acts": ["apply", "papers"], "mandate_from": "2026-11-23",
    "mandate_until": "2026-12-31", "mandate_form": "written", "mandate_proof": "委托书第 3 号",
}  # fmt: skip


@pytest.fixture
def home(office):
    return office.household(born_on=BORN["S07"])


@pytest.fixture
def case(desk, home):
    return apply(desk, home, "S07")


def path_of(office, case, what):
    mandate = office.show(case.rpartition("/")[2])["mandates"][0]["id"]
    return f"{case}/mandates/{mandate}/{what}"


def test_the_way_of_a_mandate_in_the_browser(office, desk, case):
    page = desk().get(case)
    assert set(page.fields) <= page.labelled | {"<input> without an id"}
    assert send(desk(), case, f"{case}/mandates", **GIVEN).status == 303
    page = desk().get(case)
    assert set(page.fields) <= page.labelled | {"<input> without an id"}
    assert NUMBER not in page.html
    assert "村（居）委会工作人员" in page.text

    path = path_of(office, case, "hand-over")
    form = {"handed": "papers", "handed_words": "收入证明一份"}
    assert send(desk(), case, path, **form | {"handed_words": ""}).status == 422
    assert send(desk(), case, path, **form | {"handed": "payee"}).status == 400
    assert send(desk(), case, path, **form).status == 303
    assert "受托人李四代为递交材料：收入证明一份" in desk().get(case).text

    path = path_of(office, case, "revocation")
    done = send(desk(), case, path, mandate_revoked_why="申请人要求")
    assert done.status == 303, done.text
    shown = desk().get(case)
    assert "已撤销" in shown.text
    assert path not in shown.html


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"agent_number": "1"}, "受托人的身份证号不正确"),
        ({"mandate_acts": []}, "请选择委托的事项"),
        ({"mandate_until": ""}, "请写明受托人姓名"),
        ({"agent": ""}, "请写明受托人姓名"),
        ({"mandate_form": "dictated"}, "两名工作人员在场"),
        ({"mandate_form": "dictated", "witness_id": "x"}, "请写明受托人姓名"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_written_is_kept(desk, case, wrong, said):
    done = send(desk(), case, f"{case}/mandates", **GIVEN | wrong)

    assert done.status == 422
    assert said in done.text
    assert "委托书第 3 号" in done.html


def test_an_application_may_be_made_by_an_agent(desk, home):
    path = f"/persons/{home.person_id}/apply"
    form = desk().get(path)
    assert set(form.fields) <= form.labelled
    sent = {"scheme": "S07", "need": "家庭困难", "signed": str(home.person_id)}
    sent |= {"signed_on": "2026-11-23"}
    for missing in ({"agent_number": ""}, {"agent_number": "", "agent": ""}):
        done = send(desk(), path, path, **sent, **GIVEN | missing)
        assert (done.status, "请写明受托人姓名" in done.text) == (422, True)

    done = send(desk(), path, path, **sent, **GIVEN)

    assert done.status == 303, done.text
    assert "受托人李四代为提出申请" in desk().get(done.response.location).text
