"""What was granted is re-checked as often as its scheme says; late, the office is told."""

import pytest
from sqlalchemy import func, select, update

from relief.accounts.models import Account
from relief.audit.models import AuditEvent
from relief.jobs.rechecks import watch_rechecks
from relief.notifications.models import OutboxMessage
from tests.api.test_changes import STOP, done, granted, post, refused, spans

SAME = {"found": "unchanged", "finding": "入户核查，情况未变"}


@pytest.fixture
def case(office):
    """A child without care, granted on Monday 2026-11-23 from December on; yearly."""
    return granted(office, "S07")


def record(office, case, role="reviewer", department="D01", headers=None, **given):
    client = office.client(department, role)
    return client.post(f"/v1/cases/{case}/recheck", json=SAME | given, headers=headers)


def plans(detail):
    return [(one["every"], one["due_on"], one["found"]) for one in detail["rechecks"]]


def told(session):
    return session.execute(
        select(OutboxMessage.recipient_id, OutboxMessage.body).where(
            OutboxMessage.title == "定期核查已经逾期"
        )
    ).all()


def watch(office, session):
    said = watch_rechecks(session, now=office.clock())
    session.commit()
    return said


@pytest.mark.parametrize(
    ("scheme", "department", "wanted"),
    [
        ("S01", "D01", [("yearly", "2028-01-01", None)]),  # granted in December from January on
        ("S07", "D01", [("yearly", "2027-12-01", None)]),
        ("S03", "D01", []),  # given once
        ("S06", "D01", []),  # runs out by itself
    ],
)
def test_the_first_is_planned_with_the_grant(office, scheme, department, wanted):
    assert plans(office.show(granted(office, scheme, department))) == wanted


def test_what_was_found_is_kept_and_the_next_is_planned(office, case):
    office.later(300)  # Sunday 2027-09-19

    detail = done(record(office, case))

    assert plans(detail) == [
        ("yearly", "2028-09-19", None), ("yearly", "2027-12-01", "unchanged"),
    ]  # fmt: skip
    assert detail["rechecks"][1]["finding"] == SAME["finding"]
    assert detail["timeline"][-1]["step"] == "rechecked"
    assert detail["timeline"][-1]["note"] == "情况未变：入户核查，情况未变"
    assert spans(detail) == [(56400, "2026-12-01", None, False)]


def test_who_is_less_settled_is_checked_sooner(office):
    case = granted(office, "S01")

    detail = done(record(office, case, every="half_yearly"))
    assert plans(detail)[0] == ("half_yearly", "2027-06-01", None)
    assert plans(done(record(office, case)))[0] == ("half_yearly", "2027-06-01", None)


def test_a_rhythm_that_the_scheme_has_not_is_refused(office, case):
    refused(record(office, case, every="quarterly"), 422, "recheck-rhythm")


def test_it_is_the_lead_departments_office(office, case):
    refused(record(office, case, department="D06"), 403, "not-yours")
    refused(record(office, case, role="approver"), 403, "not-yours")


def test_where_nothing_is_planned_nothing_is_recorded(office):
    refused(record(office, granted(office, "S03")), 409, "no-recheck")


def test_after_what_was_granted_has_ended_there_is_no_next(office, case):
    wish = {"excuse": "own_wish", "excuse_proof": "书面申请"}
    done(post(office, case, "", STOP | wish))
    done(post(office, case, "/decision", {"carried": True, "reason": "本人意愿"}, "approver"))

    assert plans(done(record(office, case))) == [("yearly", "2027-12-01", "unchanged")]
    refused(record(office, case), 409, "no-recheck")


def test_late_the_office_is_told_once_and_what_was_granted_runs_on(office, session, case):
    number = office.show(case)["case"]["number"]
    office.later(373)  # Wednesday 2027-12-01, the last day
    assert watch(office, session) == "nothing overdue"
    office.later(1)

    watch(office, session)
    assert watch(office, session) == "nothing overdue"

    rows = told(session)
    assert office.accounts["D01", "reviewer", "210302000000"] in {row[0] for row in rows}
    assert office.accounts["D06", "reviewer", "210302000000"] not in {row[0] for row in rows}
    assert {row.body for row in rows} == {
        f"1 件申请事项：{number}。逾期不影响待遇发放，请尽快核查。"
    }
    assert session.scalar(select(func.count()).where(AuditEvent.action == "rechecks:told")) == 1
    assert spans(office.show(case)) == [(56400, "2026-12-01", None, False)]


def test_of_what_has_ended_nobody_is_told(office, session, case):
    wish = {"excuse": "own_wish", "excuse_proof": "书面申请"}
    done(post(office, case, "", STOP | wish))
    done(post(office, case, "/decision", {"carried": True, "reason": "本人意愿"}, "approver"))
    office.later(400)

    assert watch(office, session) == "nothing overdue"


def test_where_nobody_is_it_is_said(office, session, case):
    office.later(400)
    session.execute(update(Account).values(disabled_at=office.clock()))
    session.commit()

    assert watch(office, session) == "0 notices, 1 reached nobody"


def test_sent_twice_it_is_recorded_once(office, case):
    key = {"Idempotency-Key": "k1"}

    answers = [record(office, case, headers=key) for _ in "12"]

    assert [one.status_code for one in answers] == [200, 200]
    assert len(office.show(case)["rechecks"]) == 2
