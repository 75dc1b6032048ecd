"""A limit is extended where the procedure says so, once, by somebody higher; days by hand."""

import pytest
from sqlalchemy import select, update

from relief.accounts.types import Role
from relief.notifications.models import OutboxMessage
from relief.review.models import CaseStep
from relief.schemes.models import Parameter
from tests.api.test_delegation import grant
from tests.support.people import CITY

WHY = {"stage": "INV_START", "reason": "主要劳动力在外地务工，须异地核查"}
YES = {"agreed": True, "reason": "情况属实"}
NO = {"agreed": False, "reason": "可以函询，不必延长"}
TOWN = "210302002000"


@pytest.fixture
def case(office):
    """An application for the minimum living allowance, accepted on Monday 2026-11-23."""
    return accepted(office, "S01")


def accepted(office, scheme):
    case = office.apply(scheme)["case"]["id"]
    end(office, case, "ACCEPT", "D01", "clerk")
    return case


def end(office, case, stage, department, role):
    answer = office.client(department, role).post(
        f"/v1/cases/{case}/stages/{stage}/end", json={"outcome": "passed"}
    )
    assert answer.status_code == 200, answer.json
    return answer.json


def ask(office, case, role="clerk", department="D01", headers=None, **given):
    client = office.client(department, role)
    return client.post(f"/v1/cases/{case}/extension", json=WHY | given, headers=headers)


def reply(office, case, sent, department="D01", role="approver", **where):
    client = office.client(department, role, **where)
    return client.post(f"/v1/cases/{case}/extension/answer", json=sent)


def refused(answer, status, code):
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.json
    return answer.json.get("detail", "") + answer.json["title"]


def due(detail):
    return {
        one["code"]: (one["due_on"], one["due_usual_on"])
        for one in detail["stages"]
        if one["status"] == "open" and one["department_code"] == "D01"
    }


def planned(detail, stage):
    return {
        one["name"]: one["at"][:10] for one in detail["reminders"] if one["stage_code"] == stage
    }


def test_the_whole_the_stage_and_what_waits_for_it_get_the_longer_time(office, case):
    asked = ask(office, case).json
    before = {"KIN_FLAG": "11-23", "INV_START": "11-26", "CHK_START": "11-26", "JOINT": "11-30",
              "FIRST_OPN": "12-03"}  # fmt: skip
    assert due(asked) == {code: (f"2026-{day}", None) for code, day in before.items()}
    assert (asked["extension"]["agreed"], asked["extension"]["days"]) == (None, 15)
    assert asked["extended_limit"] == 45

    agreed = reply(office, case, YES).json

    assert due(agreed) == {
        "KIN_FLAG": ("2026-11-23", None),
        "INV_START": ("2026-12-17", "2026-11-26"),
        "CHK_START": ("2026-11-26", None),
        "JOINT": ("2026-11-30", None),
        "FIRST_OPN": ("2026-12-24", "2026-12-03"),
    }
    whole = agreed["case"]
    assert (whole["due_on"], whole["due_usual_on"]) == ("2027-01-25", "2027-01-04")
    assert agreed["extension"]["agreed"] is True
    # At 24:00 of Thursday 2026-12-17 in China it is 16:00 elsewhere.
    assert planned(asked, "INV_START")["办理已经逾期"] == "2026-11-26"
    assert planned(agreed, "INV_START")["办理已经逾期"] == "2026-12-17"
    assert planned(agreed, "JOINT")["办理已经逾期"] == "2026-11-30"
    assert [(one["step"], one["note"]) for one in agreed["timeline"][-2:]] == [
        ("extension_asked", WHY["reason"]),
        ("extended", "总时限的最后一日由 2027-01-04（暂定） 延至 2027-01-25（暂定）：情况属实"),
    ]


def test_what_opens_later_and_waits_for_an_extended_stage_gets_it_too(office):
    case = accepted(office, "S06")
    asked = ask(office, case, "reviewer", "D03", stage="JOINT")
    assert asked.status_code == 200, asked.json
    assert reply(office, case, YES, "D03").status_code == 200

    detail = end(office, case, "INV", "D01", "clerk")

    assert due(detail) == {
        "JOINT": ("2026-12-21", "2026-11-30"),
        "CONFIRM": ("2026-12-28", "2026-12-07"),
    }


def test_who_is_above_is_told_and_then_who_asked(office, session, case):
    ask(office, case)
    reply(office, case, NO)

    told = session.execute(
        select(OutboxMessage.title, OutboxMessage.recipient_id).order_by(OutboxMessage.id)
    ).all()
    here = office.accounts
    assert [tuple(one) for one in told] == [
        ("未同意延长办理期限，请按原期限办理", here["D01", "clerk", "210302000000"])
    ]


def test_the_approver_of_the_place_is_asked(office, session, case):
    office.client("D01", "approver")
    office.client("D02", "approver")

    ask(office, case)

    [told] = session.execute(select(OutboxMessage.title, OutboxMessage.recipient_id)).all()
    assert tuple(told) == (
        "请审批延长办理期限",
        office.accounts["D01", "approver", "210302000000"],
    )


def test_what_is_refused_leaves_the_limit_and_is_not_asked_again(office, case):
    ask(office, case)

    no = reply(office, case, NO).json

    assert no["case"]["due_on"] == "2027-01-04"
    assert due(no)["INV_START"] == ("2026-11-26", None)
    assert (no["extension"]["agreed"], no["extension"]["answer"]) == (False, NO["reason"])
    assert no["timeline"][-1]["step"] == "extension_refused"
    refused(ask(office, case), 409, "extension-asked-before")
    refused(reply(office, case, YES), 409, "extension-not-asked")


def test_a_procedure_without_the_rule_has_no_extension(office):
    case = accepted(office, "S09")

    said = refused(ask(office, case, stage="FIRST"), 409, "not-extendable")

    assert "“残疾人两项补贴”没有规定可以延长办理期限（国发〔2015〕52号" in said


@pytest.mark.parametrize(
    ("stage", "role", "status", "code"),
    [
        ("NOWHERE", "clerk", 404, "stage-not-found"),
        ("ACCEPT", "clerk", 409, "stage-not-open"),
        ("CHK_START", "clerk", 403, "not-yours"),
        ("INV_START", "approver", 403, "not-yours"),
    ],
)
def test_only_whose_stage_it_is_asks(office, case, stage, role, status, code):
    refused(ask(office, case, role, stage=stage), status, code)


def test_before_it_is_accepted_nothing_is_extended(office):
    case = office.apply("S01")["case"]["id"]

    refused(ask(office, case, stage="ACCEPT"), 409, "case-closed")


def test_a_notice_is_not_extended(office, case):
    for stage, role in (
        ("KIN_FLAG", "clerk"), ("INV_START", "clerk"), ("CHK_START", "reviewer"),
        ("FIRST_OPN", "clerk"),
    ):  # fmt: skip
        if stage == "FIRST_OPN":
            office.survey(case)
        end(office, case, stage, "D01", role)

    said = refused(ask(office, case, stage="PUBLIC"), 409, "not-extendable")

    assert "公示须满规定的天数" in said


def test_another_department_does_not_agree_nor_who_approves_nothing(office, case):
    ask(office, case)
    refused(reply(office, case, YES, "D02"), 403, "not-superior")
    refused(reply(office, case, YES, role="reviewer"), 403, "forbidden")


def test_who_asked_does_not_agree_in_another_role(office, session, case):
    ask(office, case)
    account = office.accounts["D01", "clerk", "210302000000"]
    grant(session, account, Role.APPROVER)
    office.bind("clerk")

    said = refused(reply(office, case, YES, role="clerk"), 403, "own-extension")

    assert "不得自己批准" in said


def test_above_an_approver_is_who_approves_for_a_wider_region(office):
    case = office.apply("S01")["case"]["id"]
    office.go_on(case)
    refused(ask(office, case, "clerk", stage="CONFIRM"), 403, "not-yours")
    asked = ask(office, case, "approver", stage="CONFIRM")
    assert asked.status_code == 200, asked.json

    refused(reply(office, case, YES), 403, "not-superior")
    refused(reply(office, case, YES, region=TOWN), 403, "not-superior")

    assert reply(office, case, YES, region=CITY).json["extension"]["agreed"] is True


def test_what_has_passed_is_not_extended(office, case):
    office.clock.advance(days=4)  # Friday; the survey was to begin by Thursday

    said = refused(ask(office, case), 409, "extension-late")

    assert "期限已过" in said


def test_what_passed_while_it_was_asked_may_only_be_refused(office, case):
    ask(office, case)
    office.clock.advance(days=4)

    refused(reply(office, case, YES), 409, "extension-late")

    assert reply(office, case, NO).status_code == 200


def test_a_city_may_let_what_has_passed_be_extended(office, session, case):
    session.execute(
        update(Parameter).where(Parameter.name == "extension_when_late").values(value=1)
    )
    session.commit()
    office.clock.advance(days=4)

    assert ask(office, case).status_code == 200


def test_while_papers_are_waited_for_the_new_last_day_is_open(office, case):
    ask(office, case)
    office.client("D01", "clerk").post(f"/v1/cases/{case}/pause", json={"missing": "收入证明"})

    agreed = reply(office, case, YES).json

    assert (agreed["case"]["due_on"], agreed["case"]["due_usual_on"]) == (None, None)
    assert agreed["case"]["due_unpaused_on"] == "2027-01-25"
    assert "延至 （计时暂停，待恢复后确定）" in agreed["timeline"][-1]["note"]
    office.clock.advance(days=1)
    back = office.client("D01", "clerk").post(f"/v1/cases/{case}/resume").json
    assert (back["case"]["due_on"], back["case"]["due_usual_on"]) == ("2027-01-26", "2027-01-05")


def test_what_was_withdrawn_is_not_answered(office, case):
    ask(office, case)
    office.client("D01", "clerk").post(f"/v1/cases/{case}/withdraw", json={"reason": "不再需要"})

    refused(reply(office, case, YES), 409, "case-closed")


def test_sent_twice_it_is_asked_once(office, session, case):
    key = {"Idempotency-Key": "k1"}

    answers = [ask(office, case, headers=key) for _ in "12"]

    assert [one.status_code for one in answers] == [200, 200]
    steps = session.scalars(select(CaseStep.step).where(CaseStep.step == "extension_asked")).all()
    assert len(steps) == 1
