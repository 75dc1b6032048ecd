"""A last day that a calendar still to come may move says 暂定, wherever somebody reads it."""

import re

import pytest
from sqlalchemy import select

from relief.review.papers.models import CasePaper
from tests.console.test_cases import apply, desk, send
from tests.support.applicants import BORN

__all__ = ["desk"]  # the fixture

DAY = re.compile(r"2027-\d\d-\d\d( \d\d:\d\d)?")


@pytest.fixture
def late(office):
    """It is Wednesday 2026-12-30, and nobody knows yet which days of 2027 are off."""
    office.later(37)
    return office


def bare(page):
    """The days of 2027 on a page that do not say that they may be moved."""
    told = page.text
    return [
        found[0]
        for found in DAY.finditer(told)
        if not told[found.end() :].lstrip().startswith(("暂定", "（暂定"))
    ]


def days(page):
    """All days of 2027 on a page."""
    return [found[0] for found in DAY.finditer(page.text)]


def path_of(case):
    return case.rpartition("/")[2]


@pytest.fixture
def case(late, desk):
    """Heavy expenditure, accepted, with a doubt, and extended: no notice, so all hang on 2027."""
    case = apply(desk, late.household(name="王小明", marital="20"), "S06")
    assert send(desk(), case, f"{case}/stages/ACCEPT", outcome="passed").status == 303
    return case


def test_a_case_says_so_of_every_last_day_until_it_is_decided_and_after(late, desk, case):
    page = desk().get(case)
    for words in (
        "总时限 2027-02-10 暂定", "王小明", "2027-01-04 暂定 前核实",  # the whole, the doubt
        "部门联审", "2027-01-15 暂定", "2027-01-06 暂定",  # the survey and the departments
    ):  # fmt: skip
        assert words in page.text, words
    assert bare(page) == []
    # What is planned to be told hangs on the same days.
    assert len(days(page)) > 12

    asked = send(desk(), case, f"{case}/extension", needs_time="INV", because="须异地核查")
    assert asked.status == 303
    agreed = send(
        desk("D01", "approver"), case, f"{case}/extension/answer", agreed="yes", grounds="属实"
    )
    assert agreed.status == 303
    page = desk().get(case)
    assert "总时限 2027-03-03 暂定 延长之前 2027-02-10 暂定" in page.text
    assert "总时限的最后一日由 2027-02-10（暂定） 延至 2027-03-03（暂定）：属实" in page.text
    assert bare(page) == []

    paused = send(desk(), case, f"{case}/pause", waits_for="papers", papers="收入证明")
    assert paused.status == 303
    page = desk().get(case)
    assert "等待材料，计时暂停 不计暂停 2027-03-03 暂定 延长之前" not in page.text
    assert "等待材料，计时暂停 不计暂停 2027-03-03 暂定" in page.text
    # The longest wait is counted in days of any kind: no calendar moves it.
    assert bare(page) == ["2027-01-29"]
    assert send(desk(), case, f"{case}/resume").status == 303

    [finding] = {
        one for one in desk("D01", "reviewer").get(case).html.split('"')
        if one.startswith(f"{case}/findings/")
    }  # fmt: skip
    verified = send(
        desk("D01", "reviewer"), case, finding, verdict="unfounded", known_by="核对过离婚证"
    )
    assert verified.status == 303
    late.go_on(path_of(case))
    done = send(
        desk("D01", "approver"), case, f"{case}/decision", granted="granted", amount="564",
        reason="符合条件", departs="规则没有涵盖的情形",
    )  # fmt: skip
    assert done.status == 303, done.text
    page = desk().get(case)
    assert "总时限 2027-03-03 暂定 延长之前 2027-02-10 暂定" in page.text
    # From when to when aid is given hangs on no calendar, nor does a wait that is over.
    assert set(bare(page)) <= {"2027-12-30"}


def test_the_lists_say_so(desk, case):
    every, mine = desk().get("/cases"), desk().get("/cases/my-turn")

    for page in (every, mine):
        assert case in page.links
        assert days(page)
        assert bare(page) == []


def test_the_interface_says_so(late, case):
    shown = late.show(path_of(case))
    [one] = late.client("D01", "clerk").get("/v1/cases").json["items"]
    [turn] = late.client("D01", "clerk").get("/v1/my-turn").json["items"]
    found = late.client("D01", "clerk").get(f"/v1/cases/{path_of(case)}/checks").json["findings"]

    for told in (shown["case"], one, turn, turn["case"]):
        assert told["due_provisional"] is told["due_unpaused_provisional"] is True
        assert (told["due_usual_on"], told["due_usual_provisional"]) == (None, False)
    for stage in shown["stages"]:
        is_late = stage["due_on"] > "2026-12-31"
        assert stage["due_provisional"] is stage["due_unpaused_provisional"] is is_late
    assert [(row["due_on"], row["due_provisional"]) for row in found if row["waits"]] == [
        ("2027-01-04", True)
    ]
    told = [row["provisional"] for row in shown["reminders"] if row["at"] > "2026-12-31T16"]
    assert told
    assert all(told)


def test_what_stands_says_of_which_day_beside_it_that_it_may_move(late, desk, case):
    client = late.client("D01", "clerk")
    client.post(f"/v1/cases/{path_of(case)}/pause", json={"missing": "收入证明"})

    paused = late.show(path_of(case))["case"]

    assert (paused["due_on"], paused["due_provisional"]) == (None, False)
    assert (paused["due_unpaused_on"], paused["due_unpaused_provisional"]) == ("2027-02-10", True)


def test_the_slip_says_so(session, case):
    words = session.scalars(select(CasePaper).where(CasePaper.kind == "acceptance")).one().words

    assert dict(words["facts"])["最迟办结"].startswith("2027年2月10日（暂定，")


def test_a_notice_in_working_days_says_so(late, desk):
    path = apply(desk, late.household(born_on=BORN["S17"]), "S17")
    while True:
        stages = late.show(path_of(path))["stages"]
        [notice] = [one for one in stages if one["kind"] == "public_notice"] or [None]
        if notice:
            break
        for one in stages:
            if one["status"] == "open" and not one["waits_for"]:
                assert late.end(path_of(path), one).status_code == 200

    refused = late.end(path_of(path), notice)

    due = notice["hangs_until"]
    assert due > "2027-01-01"
    assert f"公示至 {due}（暂定） 24 时止" in refused.json["detail"]
    page = desk(notice["department_code"], notice["role"]).get(path)
    assert f"公示至 {due} 暂定 24 时止" in page.text


def test_the_time_to_answer_a_notice_says_so(late, desk):
    path = apply(desk, late.household(born_on=BORN["S07"]), "S07")
    late.go_on(path_of(path))
    assert late.decide(path_of(path), "D01").status_code == 200
    stop = {"kind": "stop", "change_reason": "收入超过标准", "legal": "社会救助法第四十七条"}
    assert send(desk(), path, f"{path}/changes", **stop).status == 303
    served = {"served_on": "2026-12-30", "served_by": "post", "proof": "邮件号 12"}
    assert send(desk(), path, f"{path}/changes/service", **served).status == 303

    page = desk().get(path)
    [change] = late.show(path_of(path))["changes"]
    silent = late.client("D01", "clerk").post(
        f"/v1/cases/{path_of(path)}/changes/views", json={"views": None}
    )

    assert "答复期限至 2027-01-06 暂定" in page.text
    assert "请在 2027-01-06（暂定） 前答复" in page.text
    assert (change["answer_by"], change["answer_provisional"]) == ("2027-01-06", True)
    assert "答复期限至 2027-01-06（暂定） 24 时止" in silent.json["detail"]
