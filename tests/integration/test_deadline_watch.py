"""Limits that run out and pass: who is told, once each; and what another calendar moves."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import delete, func, insert, select, text, update

from relief.accounts.models import Account
from relief.accounts.types import Role
from relief.audit.models import AuditEvent
from relief.core.clock import CHINA
from relief.jobs.deadlines import watch_deadlines
from relief.notifications.models import OutboxMessage
from relief.organisation.models import CalendarDay, CalendarYear
from relief.review import service, telling
from relief.review.models import Case, CaseReminder, CaseStage, CaseStep
from relief.review.recounting import recount
from relief.review.types import Outcome, Step
from tests import factories
from tests.factories import actor_of, make_account, make_case
from tests.support.people import CITY, TIEDONG, TIEXI
from tests.support.settings import CIPHER, START

CLERK, APPROVER, LEADER = Role.CLERK, Role.APPROVER, Role.LEADER


def china(day, hour=0, minute=0):
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), CHINA) + timedelta(
        hours=hour, minutes=minute
    )


@pytest.fixture
def staff(session):
    """The clerks of two counties, and whoever stands above the one in whose county the case is."""
    who = {
        "clerk": (CLERK, "D01", TIEDONG),
        "other_county": (CLERK, "D01", TIEXI),
        "other_department": (CLERK, "D02", TIEDONG),
        "approver": (APPROVER, "D01", TIEDONG),
        "county_leader": (LEADER, None, TIEDONG),
        "city_leader": (LEADER, None, CITY),
    }
    return {
        name: make_account(session, role, department=department, region=region).id
        for name, (role, department, region) in who.items()
    }


@pytest.fixture
def case(session, staff):
    """An application for the minimum living allowance, submitted on Monday 23 November."""
    home = factories.make_household(session, CIPHER)
    return make_case(session, home, scheme="S01", entered_by=staff["clerk"])


@pytest.fixture
def notices(session, staff):
    """`notices(now)`: a sweep, and who is told what by it."""
    names = {account: name for name, account in staff.items()}

    def sweep(now):
        before = set(session.scalars(select(OutboxMessage.id)))
        watch_deadlines(session, now=now)
        new = session.scalars(select(OutboxMessage).where(OutboxMessage.id.not_in(before)))
        return {(names.get(one.recipient_id, "?"), one.title): one for one in new}

    return sweep


def told(found):
    return {key for key in found if key[0] != "?"}


def accept(session, staff, case, now):
    service.end_stage(
        session, actor=actor_of(session.get_one(Account, staff["clerk"])), case_id=case,
        code="ACCEPT", outcome=Outcome.PASSED, opinion=None, now=now,
    )  # fmt: skip


def test_the_office_is_warned_and_then_everyone_above_it_on_the_minute(notices, case, session):
    [stage] = session.scalars(select(CaseStage).where(CaseStage.case_id == case))
    assert (stage.code, stage.due_on.isoformat()) == ("ACCEPT", "2026-11-24")

    assert notices(china("2026-11-24", 23, 59)) == {}
    passed = notices(china("2026-11-25"))
    assert told(passed) == {("clerk", "办理已经逾期"), ("approver", "办理逾期，请督促")}
    assert notices(china("2026-11-25", 0, 1)) == {}
    assert told(notices(china("2026-11-26"))) == {("county_leader", "办理逾期一个工作日，请督办")}
    # Friday is over at midnight, and on Saturday nobody works.
    assert told(notices(china("2026-11-28"))) == {("city_leader", "办理逾期三个工作日，请督办")}
    assert notices(china("2027-01-04")) == {}

    number = session.scalar(select(Case.number).where(Case.id == case))
    mine, above = passed["clerk", "办理已经逾期"], passed["approver", "办理逾期，请督促"]
    assert number in mine.body
    assert "不视为同意" in mine.body
    assert (mine.link, above.link) == ("/cases/my-turn", "/cases?late=1")
    events = session.scalars(
        select(AuditEvent.details)
        .where(AuditEvent.action == "deadlines:told")
        .order_by(AuditEvent.id)
    ).all()
    assert [event["reminders"] for event in events] == [2, 1, 1]


def test_a_sweep_that_slept_makes_up_for_it_in_one_notice_each(notices, session, staff):
    for _ in range(5):
        home = factories.make_household(session, CIPHER)
        make_case(session, home, scheme="S01", entered_by=staff["clerk"])

    found = notices(china("2026-12-31"))

    assert told(found) == {
        ("clerk", "办理已经逾期"),
        ("approver", "办理逾期，请督促"),
        ("county_leader", "办理逾期一个工作日，请督办"),
        ("city_leader", "办理逾期三个工作日，请督办"),
    }
    body = found["clerk", "办理已经逾期"].body
    assert body.startswith("5 件申请事项：SL210302")
    assert body.count("SL") == 3
    assert "等" in body


def test_a_case_with_several_stages_that_are_late_is_named_once(notices, session, staff, case):
    accept(session, staff, case, START)

    found = notices(china("2026-12-31"))

    number = session.scalar(select(Case.number).where(Case.id == case))
    assert found["clerk", "办理已经逾期"].body == (f"1 件申请事项：{number}。逾期不办不视为同意。")


def test_what_was_done_in_time_is_told_to_nobody(notices, session, staff, case):
    accept(session, staff, case, START)

    session.execute(update(CaseStage).where(CaseStage.code != "ACCEPT").values(due_on=None))
    session.execute(
        delete(CaseReminder).where(
            CaseReminder.stage_id.in_(select(CaseStage.id).where(CaseStage.code != "ACCEPT"))
        )
    )
    assert notices(china("2026-11-27")) == {}


def test_while_papers_are_asked_for_nobody_is_told_and_afterwards_later(
    notices, session, staff, case
):
    accept(session, staff, case, START)
    clerk = actor_of(session.get_one(Account, staff["clerk"]))
    service.pause(
        session, actor=clerk, case_id=case, reason="papers", missing="收入证明", now=START
    )
    planned = select(func.count()).where(CaseReminder.told_at.is_(None))

    assert session.scalar(planned) == 0
    assert notices(china("2026-12-31")) == {}

    resumed = china("2027-01-04", 9)
    service.resume(session, actor=clerk, case_id=case, now=resumed)
    first = session.scalar(select(func.min(CaseReminder.at)))
    assert first == china("2027-01-04")  # who has one day left, hears of it at once


def test_a_case_that_ended_is_no_longer_told_of(notices, session, staff, case):
    clerk = actor_of(session.get_one(Account, staff["clerk"]))
    service.withdraw(session, actor=clerk, case_id=case, reason="不再需要", now=START)

    assert notices(china("2026-12-31")) == {}


def test_the_whole_is_told_of_to_whoever_has_the_turn(notices, session, staff, case):
    accept(session, staff, case, START)
    stage_rows = select(CaseStage.id).where(CaseStage.case_id == case)
    session.execute(delete(CaseReminder).where(CaseReminder.stage_id.in_(stage_rows)))
    [whole] = session.scalars(select(CaseReminder).where(CaseReminder.rule_code == "overdue"))

    assert whole.stage_id is None
    assert ("clerk", "办理已经逾期") in told(notices(whole.at))


def test_where_nobody_is_the_leaders_of_the_city_are_told(notices, session, staff, case):
    session.execute(
        update(Account)
        .where(Account.id.in_([staff["clerk"], staff["approver"]]))
        .values(disabled_at=START)
    )

    found = notices(china("2026-11-25"))

    assert told(found) == {("city_leader", "办理已经逾期"), ("city_leader", "办理逾期，请督促")}
    assert {one.link for one in found.values()} == {"/cases?late=1"}


def test_where_nobody_at_all_is_the_administrators_hear_of_it_once_a_day(
    notices, session, staff, case, system_admin
):
    session.execute(update(Account).where(Account.id != system_admin.id).values(disabled_at=START))
    [reminder, *_] = session.scalars(select(CaseReminder).order_by(CaseReminder.at))

    found = notices(china("2026-11-25"))

    assert {title for _, title in found} == {"催办没有送达"}
    assert "2 条催办找不到承办人" in next(iter(found.values())).body
    session.refresh(reminder)
    assert (reminder.told, reminder.told_at) == (0, china("2026-11-25"))
    assert notices(china("2026-11-25", 0, 1)) == {}


def test_one_case_that_cannot_be_told_of_does_not_hold_up_the_others(
    notices, session, staff, case, system_admin
):
    for _ in range(6):
        home = factories.make_household(session, CIPHER)
        make_case(session, home, scheme="S01", entered_by=staff["clerk"])
    session.execute(
        text(
            "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF NEW.case_id = '{case}' THEN RAISE EXCEPTION 'poisoned'; END IF;"
            " RETURN NEW; END $$"
        )
    )
    session.execute(
        text(
            "CREATE TRIGGER poison BEFORE UPDATE ON case_reminder"
            " FOR EACH ROW EXECUTE FUNCTION poison()"
        )
    )

    found = notices(china("2026-11-25"))

    assert found["clerk", "办理已经逾期"].body.startswith("6 件申请事项")
    alarm = [one for (_, title), one in found.items() if title == "催办没有送达"]
    assert [one.recipient_id for one in alarm] == [system_admin.id]
    assert "2 条催办没有发出" in alarm[0].body
    left = session.scalars(
        select(CaseReminder.case_id).where(
            CaseReminder.told_at.is_(None), CaseReminder.at <= china("2026-11-25")
        )
    )
    assert set(left) == {case}
    session.execute(text("DROP TRIGGER poison ON case_reminder"))
    assert told(notices(china("2026-11-25", 0, 1))) == told(found) - {("?", "催办没有送达")}


@pytest.mark.parametrize("cases", [1, 12])
def test_a_sweep_costs_the_same_whatever_is_due(session, staff, assert_queries, cases):
    for _ in range(cases):
        home = factories.make_household(session, CIPHER)
        make_case(session, home, scheme="S01", entered_by=staff["clerk"])
    session.flush()

    with assert_queries(2):
        report = telling.mark_due(session, now=china("2026-12-31"))

    assert report.reminders == 4 * cases


def announce(session, year, *days):
    session.execute(insert(CalendarYear).values(year=year, source="测试"))
    for day in days:
        session.add(CalendarDay(day=day, kind="holiday", name="元旦"))
    session.flush()


def test_a_calendar_that_comes_out_moves_the_last_days_of_open_cases_and_says_which(
    session, staff, case
):
    still = make_case(
        session, factories.make_household(session, CIPHER), scheme="S01",
        entered_by=staff["clerk"],
    )  # fmt: skip
    late = china("2026-12-28", 9)
    session.execute(delete(CalendarYear).where(CalendarYear.year == 2027))
    session.execute(delete(CalendarDay).where(CalendarDay.day >= date(2027, 1, 1)))
    accept(session, staff, case, late)
    before = dict(
        session.execute(
            select(CaseStage.code, CaseStage.due_on).where(
                CaseStage.case_id == case, CaseStage.status == "open"
            )
        ).all()
    )
    provisional = session.scalar(select(Case.due_provisional).where(Case.id == case))

    announce(session, 2027, date(2027, 1, 1), date(2027, 1, 4), date(2027, 1, 5))
    moved = list(recount(session, now=late))

    number = session.scalar(select(Case.number).where(Case.id == case))
    assert provisional is True
    assert {one.number for one in moved} == {number}
    after = dict(
        session.execute(
            select(CaseStage.code, CaseStage.due_on).where(
                CaseStage.case_id == case, CaseStage.status == "open"
            )
        ).all()
    )
    assert before != after
    names = {one.stage for one in moved}
    assert "总时限" in names
    notes = session.execute(
        select(CaseStep.note, CaseStep.actor_id, CaseStep.number)
        .where(CaseStep.case_id == case, CaseStep.step == Step.RECOUNTED)
        .order_by(CaseStep.number)
    ).all()
    assert len(notes) == len(moved)
    assert {row.actor_id for row in notes} == {None}
    before = "总时限的最后一日由 2027-02-08（暂定） 改为 2027-02-"
    assert any(row.note.startswith(before) for row in notes)
    assert not any(row.note.endswith("（暂定）") for row in notes)
    assert session.scalar(select(Case.due_provisional).where(Case.id == case)) is False
    assert (
        session.scalar(
            select(func.count()).where(CaseStep.case_id == still, CaseStep.step == Step.RECOUNTED)
        )
        == 0
    )
    assert session.scalar(select(func.count()).where(AuditEvent.action == "case:recounted")) == len(
        moved
    )
    assert list(recount(session, now=late)) == []
