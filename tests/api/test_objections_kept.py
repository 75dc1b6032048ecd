"""What is kept of objections: who objected under seal, and answers whole."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from relief.audit.models import AuditEvent
from relief.review.objecting.models import CaseInquiry, CaseObjection
from tests.support.objecting import (
    OBJECTED,
    SURVEYED,
    TIEDONG,
    done,
    objected,
    post,
    refused,
    surveyed,
    to_notice,
)


@pytest.fixture
def case(office):
    """A living allowance that hangs in public."""
    return to_notice(office, office.apply("S01")["case"]["id"])


def test_who_objected_is_sealed_and_shown_to_the_office_alone(office, session, case):
    answer_ = post(office, case, "", OBJECTED)
    assert OBJECTED["name"] not in answer_.text
    assert OBJECTED["phone"] not in answer_.text
    objection = session.scalars(select(CaseObjection)).one()
    assert OBJECTED["phone"].encode() not in objection.objector
    look = {"reason": "核实反映的情况"}
    path = f"/{objection.id}/objector"
    named = {"reason": f"回复{OBJECTED['phone']}"}  # it would stay in the trail for good
    refused(post(office, case, path, named), 422, "number-in-remark")

    assert done(post(office, case, path, look)) == {
        "name": OBJECTED["name"],
        "phone": OBJECTED["phone"],
    }

    seen = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "case_objection:objector_seen")
    ).one()
    assert seen.details["reason"] == look["reason"]
    assert OBJECTED["phone"] not in str(seen.details)
    told = session.scalars(select(AuditEvent.details)).all()
    assert OBJECTED["name"] not in str(told)
    stranger = post(office, case, path, look, "reviewer", department="D05")
    assert stranger.status_code in (403, 404)


def test_without_a_name_there_is_nobody_to_show(office, case):
    anonymous = {key: OBJECTED[key] for key in ("received_on", "channel", "words")}
    [objection] = done(post(office, case, "", anonymous))["objections"]
    assert objection["named"] is False

    refused(post(office, case, f"/{objection['id']}/objector", {"reason": "核实"}), 409,
            "objector-unknown")  # fmt: skip


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("in_time = false, upheld = true, answer = 'x', answered_at = now(), answered_by = {who}",
         "late_unanswered"),
        ("upheld = true", "answered_whole"),
        ("told_how = 'phone'", "told_whole"),
        ("told_how = 'phone', told_at = now(), told_by = {who}", "told_after_answer"),
    ],
)  # fmt: skip
def test_the_database_keeps_answers_whole(office, session, case, change, name):
    objected(office, case)
    who = f"'{office.accounts['D01', 'clerk', TIEDONG]}'"

    with pytest.raises(IntegrityError, match=name), session.begin_nested():
        session.execute(text("UPDATE case_objection SET " + change.format(who=who)))  # noqa: S608  # ours


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("companion_id = NULL, signature = NULL", "surveyed_by_two"),
        ("companion_id = recorded_by", "two_persons"),
        ("finding = NULL", "recorded_whole"),
        ("participants = 3", "appraised_by_some"),
    ],
)
def test_the_database_keeps_inquiries_whole(office, session, case, change, name):
    objected(office, case)
    surveyed(office, case)
    assert session.scalars(select(CaseInquiry)).one().signature == SURVEYED["signature"]

    with pytest.raises(IntegrityError, match=name), session.begin_nested():
        session.execute(text("UPDATE case_inquiry SET " + change))  # noqa: S608  # ours
