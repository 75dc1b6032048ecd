"""Less, or nothing, only after the family was heard; days and amounts by hand."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from relief.audit.models import AuditEvent
from relief.funds.models import Entitlement
from relief.review.changing.models import EntitlementChange
from relief.review.models import CaseStep
from tests.api.test_delegation import LEAVE

WHY = {"reason": "家庭成员已就业，收入超过标准", "legal": "社会救助法第四十七条"}
STOP = {"kind": "stop"} | WHY
REDUCE = {"kind": "reduce", "amount_fen": 30000} | WHY
SERVED = {"served_on": "2026-11-23", "served_by": "direct", "proof": "送达回证第 12 号，本人签收"}
CARRY = {"carried": True, "reason": "收入核对属实"}
DROP = {"carried": False, "reason": "支出属实，不予停发"}


@pytest.fixture
def case(office):
    """A child without care gets 564 yuan a month from December on; granted on Monday 2026-11-23."""
    return granted(office, "S07")


def granted(office, scheme, department="D01"):
    case = office.apply(scheme)["case"]["id"]
    office.go_on(case)
    answer = office.decide(case, department)
    assert answer.status_code == 200, answer.json
    return case


def post(office, case, what, sent, role="reviewer", department="D01", headers=None):
    path = f"/v1/cases/{case}/changes{what}"
    return office.client(department, role).post(path, json=sent, headers=headers)


def done(answer):
    assert answer.status_code == 200, answer.json
    return answer.json


def refused(answer, status, code):
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.json
    return answer.json.get("detail", "") + answer.json["title"]


def spans(detail):
    return [
        (one["amount_fen"], one["starts_on"], one["ends_on"], one["closed"])
        for one in detail["entitlements"]
    ]


def in_december(office):
    office.clock.advance(days=9)  # Wednesday 2026-12-02


def test_a_stop_is_proposed_served_heard_and_decided_by_another(office, session, case):
    in_december(office)
    [change] = done(post(office, case, "", STOP))["changes"]
    assert change["state"] == "proposed"
    served = SERVED | {"served_on": "2026-12-02"}
    [change] = done(post(office, case, "/service", served))["changes"]
    # Five working days after Wednesday: Thursday, Friday, Monday, Tuesday, Wednesday.
    assert (change["state"], change["answer_by"]) == ("served", "2026-12-09")
    [change] = done(post(office, case, "/views", {"views": "工作不稳定，请求保留"}))["changes"]
    assert (change["state"], change["views"]) == ("heard", "工作不稳定，请求保留")

    detail = done(post(office, case, "/decision", CARRY, "approver"))

    [change] = detail["changes"]
    assert (change["state"], change["effective_on"]) == ("carried", "2027-01-01")
    assert spans(detail) == [(56400, "2026-12-01", "2027-01-01", True)]
    assert [one["step"] for one in detail["timeline"][-4:]] == [
        "change_proposed", "notice_served", "views_recorded", "change_carried",
    ]  # fmt: skip
    closed = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "entitlement:closed")
    ).one()
    assert closed.details["decision"] == change["id"]
    assert closed.details["until"] == "2027-01-01"


def test_what_is_reduced_goes_on_with_less(office, session, case):
    in_december(office)
    heard(office, case, REDUCE)

    detail = done(post(office, case, "/decision", CARRY, "approver"))

    assert spans(detail) == [
        (56400, "2026-12-01", "2027-01-01", True),
        (30000, "2027-01-01", None, False),
    ]
    rows = session.scalars(select(Entitlement).order_by(Entitlement.opened_at)).all()
    assert rows[1].decision_id == session.scalars(select(EntitlementChange.id)).one()
    assert rows[0].person_id == rows[1].person_id


def heard(office, case, change, views="没有意见"):
    done(post(office, case, "", change))
    day = office.clock().date().isoformat()
    done(post(office, case, "/service", SERVED | {"served_on": day}))
    done(post(office, case, "/views", {"views": views}))


def test_again_in_the_same_month_the_last_decision_counts(office, case):
    in_december(office)
    heard(office, case, REDUCE)
    done(post(office, case, "/decision", CARRY, "approver"))
    office.clock.advance(minutes=1)
    heard(office, case, REDUCE | {"amount_fen": 10000})
    detail = done(post(office, case, "/decision", CARRY, "approver"))

    assert spans(detail) == [
        (56400, "2026-12-01", "2027-01-01", True),
        (30000, None, None, True),
        (10000, "2027-01-01", None, False),
    ]


def test_what_was_stopped_is_neither_reduced_nor_stopped_again(office, session, case):
    in_december(office)
    heard(office, case, STOP)
    done(post(office, case, "/decision", CARRY, "approver"))
    office.clock.advance(days=1)  # it runs to the end of the month, and nothing is left after it

    for change in (REDUCE, STOP):
        said = refused(post(office, case, "", change), 409, "nothing-runs")
        assert "待遇至 2027-01-01 前终止" in said
    detail = office.show(case)
    assert spans(detail) == [(56400, "2026-12-01", "2027-01-01", True)]
    assert len(detail["changes"]) == 1


def test_what_is_given_once_is_not_reduced_from_a_day_on_which_it_is_over(office):
    once = granted(office, "S03")

    refused(post(office, once, "", REDUCE), 409, "nothing-runs")


def test_what_ends_before_less_could_begin_is_not_reduced(office):
    yearly = granted(office, "S06")
    office.later(363)
    heard(office, yearly, REDUCE)
    office.later(1)  # Monday 2027-11-22, the last day

    refused(post(office, yearly, "/decision", CARRY, "approver"), 409, "nothing-runs")
    assert done(post(office, yearly, "/decision", DROP, "approver"))["changes"][0]["decided_at"]


def test_what_has_not_begun_never_runs(office, case):
    heard(office, case, STOP)

    detail = done(post(office, case, "/decision", CARRY, "approver"))

    assert spans(detail) == [(56400, None, None, True)]
    refused(post(office, case, "", STOP), 409, "nothing-runs")


def test_where_nobody_was_heard_nothing_is_reduced_or_stopped(office, session, case):
    done(post(office, case, "", STOP))

    said = refused(post(office, case, "/decision", CARRY, "approver"), 409, "views-not-heard")
    assert "还没有送达听取意见通知书" in said
    assert "社会救助法第四十八条" in said
    done(post(office, case, "/service", SERVED))
    said = refused(post(office, case, "/decision", CARRY, "approver"), 409, "views-not-heard")
    assert "在 2026-11-30 期满后登记逾期未答复" in said

    assert spans(office.show(case)) == [(56400, "2026-12-01", None, False)]
    assert not session.scalar(select(CaseStep.id).where(CaseStep.step == "change_carried"))


def test_silence_after_service_lets_the_office_go_on_when_the_time_is_over(office, case):
    done(post(office, case, "", STOP))
    refused(post(office, case, "/views", {"views": None}), 409, "notice-not-served")
    done(post(office, case, "/service", SERVED))
    office.clock.advance(days=7)  # Monday 2026-11-30, the last day

    said = refused(post(office, case, "/views", {"views": None}), 409, "time-to-answer")
    assert "至 2026-11-30 24 时止" in said
    office.clock.advance(days=1)
    detail = done(post(office, case, "/views", {"views": None}))

    assert (detail["changes"][0]["state"], detail["changes"][0]["views"]) == ("heard", None)
    assert detail["timeline"][-1]["step"] == "silence_recorded"
    assert done(post(office, case, "/decision", CARRY, "approver"))["changes"][0]["decided_at"]


@pytest.mark.parametrize("excuse", ["death", "own_wish"])
def test_on_death_or_ones_own_written_wish_nobody_need_be_heard(office, case, excuse):
    proof = {"excuse": excuse, "excuse_proof": "死亡证明第 3 号；书面申请"}
    done(post(office, case, "", STOP | proof))

    detail = done(post(office, case, "/decision", CARRY, "approver"))

    assert detail["changes"][0]["state"] == "carried"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (STOP | {"excuse": "death"}, "wrong-excuse"),
        (STOP | {"excuse_proof": "死亡证明"}, "wrong-excuse"),
        (REDUCE | {"excuse": "death", "excuse_proof": "死亡证明"}, "wrong-excuse"),
        (REDUCE | {"amount_fen": 56400}, "not-reduced"),
        (REDUCE | {"amount_fen": None}, "not-reduced"),
        (STOP | {"amount_fen": 100}, "not-reduced"),
        (REDUCE | {"amount_fen": 0}, "unprocessable-entity"),
    ],
)
def test_what_is_proposed_must_make_sense(office, case, given, code):
    refused(post(office, case, "", given), 422, code)


def test_what_is_not_carried_changes_nothing(office, case):
    done(post(office, case, "", STOP))

    detail = done(post(office, case, "/decision", DROP, "approver"))

    assert detail["changes"][0]["state"] == "dropped"
    assert spans(detail) == [(56400, "2026-12-01", None, False)]
    done(post(office, case, "", REDUCE))  # something else may be proposed


def test_who_proposed_served_or_heard_does_not_decide(office, session, case):
    sent = LEAVE | {"delegate_id": str(office.bind("reviewer"))}
    done(office.client("D01", "approver").post("/v1/me/delegations", json=sent))
    heard(office, case, STOP)

    refused(post(office, case, "/decision", CARRY), 403, "four-eyes")
    assert post(office, case, "/decision", CARRY, "approver").status_code == 200


def test_one_at_a_time_each_step_once(office, case):
    refused(post(office, case, "/service", SERVED), 409, "change-not-open")
    done(post(office, case, "", STOP))
    refused(post(office, case, "", REDUCE), 409, "change-open")
    for day in ("2026-11-22", "2026-11-24"):
        wrong = SERVED | {"served_on": day}
        refused(post(office, case, "/service", wrong), 422, "service-day")
    done(post(office, case, "/service", SERVED))
    refused(post(office, case, "/service", SERVED), 409, "served-before")
    done(post(office, case, "/views", {"views": "没有意见"}))
    refused(post(office, case, "/views", {"views": "另有意见"}), 409, "heard-before")


def test_it_is_the_lead_departments(office, case):
    refused(post(office, case, "", STOP, department="D06"), 403, "not-yours")
    refused(post(office, case, "", STOP, "approver"), 403, "not-yours")


def test_before_anything_was_granted_there_is_nothing_to_reduce(office):
    case = office.apply("S07")["case"]["id"]

    refused(post(office, case, "", STOP), 409, "nothing-runs")


def test_what_ended_meanwhile_is_not_stopped(office, case):
    yearly = granted(office, "S06")  # for a year
    heard(office, yearly, STOP)
    office.later(366)

    refused(post(office, yearly, "/decision", CARRY, "approver"), 409, "nothing-runs")


def test_what_is_paid_by_the_year_is_less_from_the_next_day(office):
    yearly = granted(office, "S06")
    heard(office, yearly, REDUCE)
    detail = done(post(office, yearly, "/decision", CARRY, "approver"))

    assert spans(detail) == [
        (56400, "2026-11-23", "2026-11-24", True),
        (30000, "2026-11-24", "2027-11-23", False),
    ]


def test_sent_twice_it_is_proposed_once(office, session, case):
    key = {"Idempotency-Key": "k1"}

    answers = [post(office, case, "", STOP, headers=key) for _ in "12"]

    assert [one.status_code for one in answers] == [200, 200]
    assert len(session.scalars(select(EntitlementChange.id)).all()) == 1


def test_the_database_carries_nothing_on_which_nobody_was_heard(office, session, case):
    done(post(office, case, "", STOP))
    other = office.accounts["D01", "approver", "210302000000"]

    with pytest.raises(IntegrityError, match="heard_before_carried"), session.begin_nested():
        session.execute(
            text(
                "UPDATE entitlement_change SET carried = true, decided_by = :who,"
                " decided_at = now()"
            ),
            {"who": other},
        )
