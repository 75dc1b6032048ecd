"""All waits for one reason have a sum within a stage: it is shown, and refused beyond."""

import pytest
from sqlalchemy import text

from tests.api.test_kin import refused

PAPERS = {"missing": "住院费用清单"}
ELSEWHERE = {"reason": "elsewhere", "missing": "外地房产核查结果"}


@pytest.fixture
def case(office):
    """A case in which everything is open that begins with the acceptance."""
    case = office.apply("S01")["case"]["id"]
    office.end(case, office.show(case)["stages"][0])
    return case


def ask(office, case, sent=PAPERS):
    return office.client("D01", "clerk").post(f"/v1/cases/{case}/pause", json=sent)


def wait(office, case, days, sent=PAPERS):
    """Ask for something, which comes after so many days."""
    asked = ask(office, case, sent)
    assert asked.status_code == 200, asked.json
    office.later(days)
    came = office.client("D01", "clerk").post(f"/v1/cases/{case}/resume")
    assert came.status_code == 200, came.json
    return came.json


def sums(detail):
    return {one["reason_code"]: (one["days"], one["most"]) for one in detail["pause_sums"]}


def test_papers_are_not_asked_for_again_and_again(office, case):
    wait(office, case, 30)
    wait(office, case, 30)

    answer = ask(office, case)

    told = refused(answer, 409, "pause-spent")
    assert "因“等待申请人补充材料”已累计暂停 60 天，累计不得超过 60 天（依据：平台规则" in told
    assert office.show(case)["pauses"][-1]["until_on"] is not None


def test_the_last_wait_stands_as_long_as_is_left(office, case):
    wait(office, case, 25)
    wait(office, case, 25)

    asked = ask(office, case).json

    last = asked["pauses"][-1]
    assert (last["since_on"], last["stands_until"]) == ("2027-01-12", "2027-01-22")


def test_the_case_tells_how_much_is_used(office, case):
    before = office.show(case)["pause_sums"]
    detail = wait(office, case, 12)
    ask(office, case)
    office.later(3)
    waiting = office.show(case)

    assert before == []
    [told] = detail["pause_sums"]
    assert told["reason"] == "等待申请人补充材料"
    assert told["source"].startswith("平台规则")
    assert (sums(detail), sums(waiting)) == ({"papers": (12, 60)}, {"papers": (15, 60)})


def test_each_reason_has_a_sum_of_its_own(office, case):
    wait(office, case, 30)
    wait(office, case, 30)

    detail = wait(office, case, 10, ELSEWHERE)

    assert sums(detail) == {"papers": (60, 60), "elsewhere": (10, 60)}


def test_a_stage_that_begins_later_has_not_stood_yet(office, case):
    wait(office, case, 30)
    wait(office, case, 30)
    office.go_on(case)

    asked = office.client("D01", "approver").post(f"/v1/cases/{case}/pause", json=PAPERS)

    assert asked.status_code == 200, asked.json
    assert sums(asked.json) == {"papers": (0, 60)}


def test_the_sum_is_a_dated_parameter(office, session, case):
    session.execute(
        text(
            "INSERT INTO parameter"
            " (name, region_code, valid_from, value, unit, source, confidence) VALUES"
            " ('pause_days_papers', 210300000000, '2026-11-01', 10, 'days',"
            " '市民发〔2026〕8号', 'V')"
        )
    )
    session.commit()
    asked = ask(office, case).json
    office.later(10)
    office.client("D01", "clerk").post(f"/v1/cases/{case}/resume")

    assert asked["pauses"][0]["stands_until"] == "2026-12-03"
    assert "不得超过 10 天（依据：市民发〔2026〕8号）" in refused(
        ask(office, case), 409, "pause-spent"
    )


def test_who_cannot_pause_again_may_go_on(office, case):
    wait(office, case, 30)
    wait(office, case, 30)
    refused(ask(office, case), 409, "pause-spent")

    assert office.decide(office.go_on(case)["case"]["id"], "D01").status_code == 200
