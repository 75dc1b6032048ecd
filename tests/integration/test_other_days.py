"""A calendar that comes out moves the last days of doubts and answers too; days by hand."""

from datetime import date

from sqlalchemy import func, select

from relief.audit.models import AuditEvent
from relief.review.changing.models import EntitlementChange
from relief.review.checks.models import CaseFinding
from relief.review.models import Case, CaseStep
from relief.review.recounting import recount
from relief.review.types import Step
from tests.integration.test_deadline_watch import announce

STOP = {"kind": "stop", "reason": "收入超过标准", "legal": "社会救助法第四十七条"}
SERVED = {"served_on": "2026-12-30", "served_by": "post", "proof": "邮件号 12"}


def stopping(office):
    """A child without care, granted; its stop is told of on Wednesday 2026-12-30."""
    case = office.apply("S07")["case"]["id"]
    office.go_on(case)
    assert office.decide(case, "D01").status_code == 200
    reviewer = office.client("D01", "reviewer")
    assert reviewer.post(f"/v1/cases/{case}/changes", json=STOP).status_code == 200
    assert reviewer.post(f"/v1/cases/{case}/changes/service", json=SERVED).status_code == 200
    return case


def doubt_of(session, case):
    """That the registry says married and knows no spouse."""
    return session.scalars(
        select(CaseFinding).where(CaseFinding.case_id == case, CaseFinding.check_code == "A08")
    ).one()


def notes(session, case):
    return set(
        session.scalars(
            select(CaseStep.note).where(CaseStep.case_id == case, CaseStep.step == Step.RECOUNTED)
        )
    )


def test_a_calendar_that_comes_out_moves_the_days_to_verify_and_to_answer(office, session):
    office.later(37)
    doubtful = office.apply("S06", office.household(marital="20"))["case"]["id"]
    decided = stopping(office)
    whole = session.scalar(select(Case.due_on).where(Case.id == decided))

    announce(session, 2027, date(2027, 1, 1), date(2027, 1, 4))
    moved = list(recount(session, now=office.clock()))

    doubt = doubt_of(session, doubtful)
    assert (doubt.due_on, doubt.due_provisional) == (date(2027, 1, 6), False)
    assert (
        "疑点“家庭成员漏报”核实的最后一日由 2027-01-04（暂定） 改为 2027-01-06"
        in notes(session, doubtful)
    )  # fmt: skip
    change = session.scalars(select(EntitlementChange)).one()
    assert (change.answer_by, change.answer_provisional) == (date(2027, 1, 8), False)
    assert notes(session, decided) == {"当事人答复的最后一日由 2027-01-06（暂定） 改为 2027-01-08"}
    # What a decision came to stands: nobody's lateness changes afterwards.
    assert session.scalar(select(Case.due_on).where(Case.id == decided)) == whole
    told = select(func.count()).where(AuditEvent.action == "case:recounted")
    assert session.scalar(told) == len(moved)
    assert list(recount(session, now=office.clock())) == []


def test_what_was_verified_and_who_was_heard_moves_no_more(office, session):
    office.later(37)
    doubtful = office.apply("S06", office.household(marital="20"))["case"]["id"]
    decided = stopping(office)
    reviewer = office.client("D01", "reviewer")
    found = reviewer.get(f"/v1/cases/{doubtful}/checks").json["findings"]
    [finding] = [one for one in found if one["check"] == "A08"]
    verified = reviewer.post(
        f"/v1/cases/{doubtful}/findings/{finding['id']}/answer",
        json={"verdict": "unfounded", "reason": "核对过离婚证"},
    )
    heard = reviewer.post(f"/v1/cases/{decided}/changes/views", json={"views": "没有意见"})
    assert (verified.status_code, heard.status_code) == (200, 200)

    announce(session, 2027, date(2027, 1, 1), date(2027, 1, 4))
    list(recount(session, now=office.clock()))

    doubt = doubt_of(session, doubtful)
    change = session.scalars(select(EntitlementChange)).one()
    assert (doubt.due_on, change.answer_by) == (date(2027, 1, 4), date(2027, 1, 6))
    assert not any("疑点" in note for note in notes(session, doubtful))
    assert notes(session, decided) == set()
