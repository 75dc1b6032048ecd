"""What happens outside after a grant is reported, and what it starts runs from that day."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import Range

from relief.audit.models import AuditEvent
from relief.core.clock import local_date
from relief.funds.models import Entitlement
from tests.api.test_second_signature import GRANTED

AWAITED = [{"code": "emergency_end", "name": "急难情形缓解", "starts": ["事后补充说明"]}]
REPORT = {
    "event": "emergency_end", "happened_on": "2026-11-25", "told": "房屋已修好，全家搬回",
}  # fmt: skip
EXPLAINED = {"outcome": "passed", "opinion": "失火当日无处居住，款项用于租房"}


@pytest.fixture
def registered(office):
    """Fast small aid, asked for on Monday 2026-11-23 and not yet granted."""
    case = office.apply("S03")["case"]["id"]
    ended = office.client("D01", "clerk").post(
        f"/v1/cases/{case}/stages/REGISTER/end", json={"outcome": "passed"}
    )
    assert ended.status_code == 200, ended.json
    return case


def grant(office, case, **given):
    answer = office.client("D01", "approver").post(
        f"/v1/cases/{case}/decision", json=GRANTED | given
    )
    assert answer.status_code == 200, answer.json
    return case


@pytest.fixture
def case(office, registered):
    return grant(office, registered)


def report(office, case, role="clerk", department="D01", headers=None, **given):
    client = office.client(department, role)
    return client.post(f"/v1/cases/{case}/events", json=REPORT | given, headers=headers)


def explain(office, case, **said):
    client = office.client("D01", "clerk")
    return client.post(f"/v1/cases/{case}/stages/BACKFILL/end", json=EXPLAINED | said)


def explanations(detail):
    return [
        (one["status"], one["begun_on"], one["due_on"])
        for one in detail["stages"]
        if one["code"] == "BACKFILL"
    ]


def refused(answer, status, code):
    assert (answer.status_code, answer.json.get("code")) == (status, code), answer.json


def test_the_explanation_runs_from_the_day_on_which_the_emergency_ended(office, session, case):
    assert office.show(case)["awaited"] == AWAITED
    office.later(4)  # Friday

    answer = report(office, case)

    assert answer.status_code == 200, answer.json
    assert explanations(answer.json) == [("open", "2026-11-25", "2026-12-09")]
    assert answer.json["awaited"] == []
    reported = answer.json["timeline"][-2]
    assert (reported["step"], reported["note"]) == (
        "event_reported", "急难情形缓解（2026-11-25）：房屋已修好，全家搬回",
    )  # fmt: skip
    session.rollback()
    events = select(func.count()).where(AuditEvent.action == "case:event_reported")
    assert session.scalar(events) == 1


def test_told_late_it_is_late(office, case):
    office.later(30)

    detail = report(office, case).json

    assert explanations(detail) == [("open", "2026-11-25", "2026-12-09")]


def test_what_was_explained_is_not_awaited_again(office, case):
    office.later(4)
    report(office, case)

    answer = explain(office, case)

    assert answer.status_code == 200, answer.json
    assert [one[0] for one in explanations(answer.json)] == ["ended"]
    assert answer.json["awaited"] == []
    refused(report(office, case), 409, "event-reported")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"opinion": None}, "words-missing"),
        ({"outcome": "objected"}, "other-form"),
    ],
)
def test_an_explanation_is_in_words_and_no_objection(office, case, said, code):
    office.later(4)
    report(office, case)

    refused(explain(office, case, **said), 422, code)

    assert [one[0] for one in explanations(office.show(case))] == ["open"]


def test_a_repeated_request_reports_it_once_and_another_one_is_refused(office, case):
    office.later(4)
    key = {"Idempotency-Key": "emergency-1"}

    answers = [report(office, case, headers=key) for _ in range(2)]

    assert [one.status_code for one in answers] == [200, 200]
    assert len(explanations(office.show(case))) == 1
    refused(report(office, case), 409, "event-reported")


@pytest.mark.parametrize("day", ["2026-11-22", "2026-11-28"])
def test_it_happened_neither_before_the_application_nor_tomorrow(office, case, day):
    office.later(4)  # Friday 2026-11-27

    refused(report(office, case, happened_on=day), 422, "event-day")


def test_a_day_that_is_the_applications_or_todays_will_do(office, case):
    assert report(office, case, happened_on="2026-11-23").status_code == 200


def test_nothing_is_awaited_before_something_is_granted(office, registered):
    assert office.show(registered)["awaited"] == []
    refused(report(office, registered, happened_on="2026-11-23"), 409, "event-not-awaited")


def test_nor_after_a_refusal(office, registered):
    grant(office, registered, granted=False, amount_fen=None)

    assert office.show(registered)["awaited"] == []
    refused(report(office, registered, happened_on="2026-11-23"), 409, "event-not-awaited")


@pytest.mark.parametrize("event", ["change_report", "submit", "decision", "nothing"])
def test_what_the_procedure_does_not_await_is_refused(office, case, event):
    refused(report(office, case, event=event, happened_on="2026-11-23"), 409, "event-not-awaited")


def test_it_is_reported_by_the_office_that_explains(office, case):
    refused(report(office, case, role="reviewer", happened_on="2026-11-23"), 403, "not-yours")


@pytest.mark.parametrize(
    "given", [{"happened_on": "gestern"}, {"told": "x"}, {"event": ""}, {"told": None}]
)
def test_what_cannot_be_read_is_refused(office, case, given):
    assert report(office, case, **given).status_code == 422


@pytest.fixture
def monthly(office):
    """The living allowance of somebody in extreme hardship: paid until it is ended."""
    case = office.apply("S02")["case"]["id"]
    office.go_on(case)
    assert office.decide(case, "D01").status_code == 200
    return case


def end_on(session, day):
    """Let what was granted run up to, but without, a day."""
    period = Range(day - timedelta(days=30), day)
    session.execute(update(Entitlement).values(period=period))
    session.commit()


def test_a_change_is_awaited_as_long_as_the_aid_runs(office, session, monthly):
    change = {"code": "change_report", "name": "报告变化", "starts": ["自理能力评估"]}
    today = local_date(office.clock())
    end_on(session, today + timedelta(days=1))
    assert office.show(monthly)["awaited"] == [change]

    end_on(session, today)

    assert office.show(monthly)["awaited"] == []
    answer = report(
        office, monthly, role="reviewer", event="change_report", happened_on=today.isoformat()
    )
    refused(answer, 409, "event-not-awaited")
    assert "救助已经结束" in answer.json["detail"]
