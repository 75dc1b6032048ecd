"""Somebody who knows a paper alone follows it back to every opinion, check and clock."""

import pytest

from relief.registers.types import Register
from tests.console.conftest import Page
from tests.console.test_cases import apply, desk, go_on, send  # noqa: F401  # a fixture
from tests.console.test_checks_pages import answer_form
from tests.support.people import TIEXI
from tests.support.registers import deliver
from tests.support.settings import CIPHER, START

WHOLE = (
    "同意救助", "564.00 元", "人均收入低于标准", "社会救助法",  # what, why, by what law
    "有异议", "社保缴费与申报不符", "通过",  # opinions
    "A08 家庭成员漏报", "疑点排除", "核对过离婚证", "民发〔2021〕57号第七条",  # checks
    "A13 ", "机动车登记信息：截至 2026-11-20", "没有收到过",
    "要求（等待申请人补充材料）：收入证明（至 2026-11-25）", "不计暂停 2026-11-26",  # clocks
    "公示", "逾期办结", "催办", "要求补充材料", "作出决定",
)  # fmt: skip


@pytest.fixture
def decided(office, session, desk):  # noqa: F811  # the fixture
    """A case in which something of everything happened; its address and its decision's number."""
    deliver(session, CIPHER, Register.VEHICLES, now=START, day=START.date().replace(day=20))
    session.commit()
    case = apply(desk, office.household(name="王小明", marital="20"), "S01")
    reviewer = desk("D01", "reviewer")
    action = answer_form(reviewer.get(case), case)
    assert send(reviewer, case, action, verdict="unfounded", known_by="核对过离婚证").status == 303
    assert send(desk(), case, f"{case}/stages/ACCEPT", outcome="passed").status == 303
    asked = send(desk(), case, f"{case}/pause", waits_for="papers", papers="收入证明")
    assert asked.status == 303
    office.clock.advance(days=2)
    assert send(desk(), case, f"{case}/resume").status == 303
    housing = send(
        desk("D05", "reviewer"), case, f"{case}/stages/JOINT", outcome="objected",
        opinion="社保缴费与申报不符",
    )  # fmt: skip
    assert housing.status == 303
    office.clock.advance(days=9)
    go_on(office, desk, case)
    done = send(
        desk("D01", "approver"), case, f"{case}/decision", granted="granted", amount="564",
        reason="人均收入低于标准", departs="规则没有涵盖的情形",
    )  # fmt: skip
    assert done.status == 303, done.text
    papers = office.show(case.rpartition("/")[2])["papers"]
    [paper] = [one for one in papers if one["kind"] == "decision"]
    return case, paper["number"], paper["code"]


def cases_of(page: Page) -> list[str]:
    """The cases that a list leads to."""
    return [one for one in page.links if one.startswith("/cases/") and one.count("-") == 4]


def test_from_the_number_on_a_decision_to_everything_that_led_to_it(office, desk, decided):  # noqa: F811
    case, number, _ = decided
    auditor = desk("D01", "auditor")

    found = auditor.get(f"/cases?number={number}")
    assert cases_of(found) == [case]
    page = auditor.get(case)

    for words in WHOLE:
        assert words in page.text, words
    for one in office.show(case.rpartition("/")[2])["stages"]:
        assert one["name"] in page.text
        assert one["ended_by"] is None or one["ended_by"] in page.text
    trail = next(one for one in page.links if one.startswith("/audit?"))
    told = auditor.get(trail)
    assert "不再发现" not in page.text
    assert case in told.links
    assert "作出决定" in told.text


def test_the_number_is_found_however_it_is_typed_and_only_whole(desk, decided):  # noqa: F811
    case, number, _ = decided
    auditor = desk("D01", "auditor")

    for typed in (
        f" {number.lower()} ",
        number[:-1],
        number.replace("SL", "ＳＬ"),
        number.replace("-", " -"),
    ):
        assert cases_of(auditor.get("/cases", query_string={"number": typed})) == [case], typed
    for other in (number[:-2], f"{number}2", "%", "SL_______________J"):
        page = auditor.get("/cases", query_string={"number": other})
        assert cases_of(page) == [], other
        assert "没有符合条件的申请事项" in page.text


def test_who_checks_a_paper_and_may_see_cases_is_led_to_its_case(browser, desk, decided):  # noqa: F811
    case, number, code = decided
    asked = {"number": number, "code": code}

    anyone = browser.get("/check", query_string=asked)
    auditor = desk("D01", "auditor")
    [link] = [one for one in auditor.get("/check", query_string=asked).links if "number=" in one]

    assert "文书有效" in anyone.text
    assert "/cases" not in anyone.html
    assert cases_of(auditor.get(link)) == [case]


def test_whoever_may_not_see_the_case_does_not_find_it_by_its_paper(office, desk, decided):  # noqa: F811
    _, number, _ = decided

    other = office.client("D01", "auditor", region=TIEXI).get(f"/v1/cases?number={number}")
    uninvolved = office.client("D08", "reviewer").get(f"/v1/cases?number={number}")
    theirs = office.client("D01", "clerk").get(f"/v1/cases?number={number}")

    assert (other.json["items"], uninvolved.json["items"]) == ([], [])
    assert len(theirs.json["items"]) == 1


def test_the_administrator_of_the_trail_is_led_to_no_case(opened, audit_admin, decided):
    case, _, _ = decided

    page = opened(audit_admin).get("/audit?subject_type=case")

    assert "作出决定" in page.text
    assert case not in page.links
