"""Scheduled jobs: each window once, and what the first jobs do."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, insert, select, text, update

from relief.accounts.models import Account, AccountRole
from relief.accounts.types import Role
from relief.core.ids import new_id
from relief.jobs import cleaning, coverage, health, merging, queries, runner
from relief.jobs.catalog import JOBS
from relief.jobs.models import JobRun
from relief.jobs.process import Pulse, unit_of_work_of
from relief.jobs.runner import Job, LeaseLost, run_due, run_slot
from relief.jobs.schedules import Daily, Every
from relief.notifications.models import OutboxMessage
from relief.organisation.models import CalendarDay, CalendarYear
from relief.registry.merging.service import merge
from relief.registry.models import ImportBatch
from relief.registry.types import BatchStatus
from relief.tasks import service as tasks
from relief.tasks.models import Task, TaskStatus
from relief.web.models import IdempotencyRecord
from tests.support.settings import START, FakeClock
from tests.support.source import send
from tests.support.waiting import at_once

RARELY = Every(timedelta(days=3650))  # no window ends while a test runs


@pytest.fixture
def opened(app, session):
    """Open a savepoint on the test's own connection."""
    return unit_of_work_of(app)


def counting(done, schedule=RARELY) -> Job:
    return Job("count", schedule, lambda _session, *, now: done.append(now) or len(done))


def run(job, opened, slot=START) -> bool:
    return run_slot(job, slot=slot, unit_of_work=opened, clock=FakeClock())


def lapse(session):
    ended = func.clock_timestamp() - timedelta(seconds=1)
    session.execute(update(JobRun).values(leased_until=ended))
    session.commit()


def test_a_slot_is_done_once(session, opened):
    done = []

    assert run(counting(done), opened)
    assert not run(counting(done), opened)
    assert run(counting(done), opened, START + RARELY.period)

    assert len(done) == 2
    assert set(session.scalars(select(JobRun.result))) == {"1", "2"}


def test_of_two_runners_at_once_one_does_the_slot(spare_app):
    opened, done = unit_of_work_of(spare_app), []

    results = at_once(lambda _number: run(counting(done), opened), threads=2)

    assert sorted(results) == [False, True]
    assert len(done) == 1


def test_a_slot_whose_runner_died_is_taken_again(session, opened):
    done = []
    with opened() as other:
        runner._claim(other, "count", START, START)  # noqa: SLF001  # and dies

    assert not run(counting(done), opened)
    lapse(session)
    assert run(counting(done), opened)

    assert len(done) == 1


def test_a_runner_taken_for_dead_does_nothing(session, opened):
    def slow(inner, *, now):
        inner.execute(text("CREATE TABLE effect_of_the_dead ()"))
        inner.execute(update(JobRun).values(token=new_id(now)))

    with pytest.raises(LeaseLost):
        run(Job("count", RARELY, slow), opened)

    assert session.scalar(select(func.to_regclass("effect_of_the_dead"))) is None
    assert session.scalars(select(JobRun.finished_at)).one() is None


def test_a_job_that_failed_is_tried_again_later(session, opened):
    done = []

    def failing(_session, *, now):
        done.append(now)
        raise ZeroDivisionError

    job = Job("count", RARELY, failing)
    with pytest.raises(ZeroDivisionError):
        run(job, opened)
    assert not run(job, opened)

    row = session.scalars(select(JobRun)).one()
    assert (row.finished_at, row.result) == (None, "failed")
    lapse(session)
    assert run(counting(done), opened)
    assert len(done) == 2


def test_a_window_is_named_by_the_databases_clock(session, opened):
    before = session.scalar(select(func.clock_timestamp()))

    run_due(counting([]), unit_of_work=opened, clock=FakeClock())

    assert session.scalars(select(JobRun.slot)).one() == RARELY.window(before)


def known_calendar(session, *years):
    session.execute(delete(CalendarYear))
    session.execute(delete(CalendarDay))
    session.execute(insert(CalendarYear), [{"year": year, "source": "…"} for year in years])
    session.commit()


def alarms(session) -> list[OutboxMessage]:
    return list(session.scalars(select(OutboxMessage).where(OutboxMessage.title == coverage.TITLE)))


def test_the_calendar_alarm_rings_for_administrators_and_leaders(session, system_admin, leader):
    known_calendar(session, 2026)

    coverage.check_calendar(session, now=START)

    rung = alarms(session)
    assert {message.recipient_id for message in rung} == {system_admin.id, leader.id}
    assert "2026年12月31日，距今38天，不足60天" in rung[0].body
    assert "2027年放假安排" in rung[0].body


def test_the_calendar_alarm_rings_once_a_day_until_the_year_is_known(session):
    known_calendar(session, 2026)
    rung = []
    for moment in (START, START + timedelta(hours=6), START + timedelta(days=1)):
        coverage.check_calendar(session, now=moment)
        rung.append(len(alarms(session)))
    known_calendar(session, 2026, 2027)
    coverage.check_calendar(session, now=START + timedelta(days=2))

    assert rung == [2, 2, 4]
    assert len(alarms(session)) == 4


@pytest.mark.parametrize(("days", "rings"), [(59, True), (60, False), (61, False)])
def test_sixty_days_ahead_are_enough(session, days, rings):
    known_calendar(session, 2026)
    now = START + timedelta(days=38 - days)

    coverage.check_calendar(session, now=now)

    assert bool(alarms(session)) is rings


def test_the_calendar_alarm_tells_that_this_year_is_unknown(session):
    known_calendar(session, 2025)

    coverage.check_calendar(session, now=START)

    assert "没有2026年的节假日安排" in alarms(session)[0].body


def test_a_disabled_account_is_not_told(session, leader, system_admin):
    session.execute(
        update(Account).where(Account.id == leader.id).values(disabled_at=START, version=99)
    )

    told = queries.holders_of(session, [Role.LEADER, Role.SYSTEM_ADMIN])

    assert list(told) == [system_admin.id]


def test_an_account_with_two_of_the_roles_is_told_once(session, leader):
    post = session.scalar(select(Account.post).where(Account.id == leader.id))
    session.add(AccountRole(account_id=leader.id, role=Role.STEWARD, post=post, granted_at=START))
    session.flush()

    told = queries.holders_of(session, [Role.LEADER, Role.STEWARD])

    assert list(told).count(leader.id) == 1


def merges(session) -> list[Task]:
    return list(session.scalars(select(Task).where(Task.kind == "merge")))


def loaded(session, cipher, by=None) -> uuid.UUID:
    batch_id = send(session, cipher, "S01", {"name": "王小明"}, now=START)
    change(session, batch_id, created_by=by)
    return batch_id


def change(session, batch_id, **values):
    session.execute(update(ImportBatch).where(ImportBatch.id == batch_id).values(**values))


def test_a_loaded_batch_queues_one_merge_for_its_uploader(session, cipher, steward):
    assert merging.queue_merge(session, now=START) == "nothing to merge"
    loaded(session, cipher, by=steward.id)
    loaded(session, cipher)

    assert merging.queue_merge(session, now=START) == "queued for 2 batches"
    assert merging.queue_merge(session, now=START) == "a merge is open"

    (task,) = merges(session)
    assert task.arguments == {"notify": [str(steward.id)]}


def test_a_batch_undone_since_the_last_merge_queues_one(session, cipher):
    batch_id = loaded(session, cipher)
    merge(session, cipher=cipher, actor_id=None, now=START)
    assert not queries.waiting_for_merge(session).batches

    later = START + timedelta(hours=1)
    change(session, batch_id, status=BatchStatus.UNDONE, undone_at=later)
    assert queries.waiting_for_merge(session).batches == 1

    merge(session, cipher=cipher, actor_id=None, now=later)
    assert not queries.waiting_for_merge(session).batches


def test_each_night_everything_is_merged_if_it_was_not_lately(session, cipher):
    assert merging.queue_whole_merge(session, now=START) == "nothing to merge"
    merge(session, cipher=cipher, actor_id=None, now=START)
    soon, night = START + timedelta(hours=11), START + timedelta(hours=13)

    assert merging.queue_whole_merge(session, now=soon) == "everything was merged lately"
    assert merging.queue_whole_merge(session, now=night) == "queued"
    assert merging.queue_whole_merge(session, now=night) == "a merge is open"

    (task,) = merges(session)
    assert task.arguments == {"whole": True}


def test_a_merge_that_failed_is_not_queued_again_at_once(session, cipher):
    loaded(session, cipher)
    merging.queue_merge(session, now=START)
    task = tasks.claim(session, kinds=["merge"], now=START)
    tasks.fail(session, task_id=task.id, token=task.token, message="…", retry=False, now=START)

    soon, later = START + timedelta(minutes=59), START + timedelta(minutes=61)

    assert merging.queue_merge(session, now=soon) == "paused after a failure"
    assert merging.queue_merge(session, now=later) == "queued for 1 batches"
    assert [one.status for one in merges(session)].count(TaskStatus.WAITING) == 1


def test_stored_answers_are_kept_for_ninety_days(session):
    for days in (89, 91):
        session.add(
            IdempotencyRecord(
                actor_id=uuid.UUID(int=7),
                key=str(days),
                fingerprint="…",
                created_at=START - timedelta(days=days),
                body={},
            )
        )
    session.flush()

    assert cleaning.purge_idempotency_records(session, now=START) == 1
    assert session.scalars(select(IdempotencyRecord.key)).all() == ["89"]


def test_slots_done_long_ago_are_forgotten(session, opened):
    for days in (29, 31):
        run(counting([]), opened, START - timedelta(days=days))

    assert cleaning.purge_job_runs(session, now=START) == 1


def test_every_job_of_the_catalog_runs(session, opened):
    for job in JOBS:
        assert run_due(job, unit_of_work=opened, clock=FakeClock()), job.name

    assert len({job.name for job in JOBS}) == len(JOBS)
    assert health.scheduler_facts(session, Pulse())["late_jobs"] == []


@pytest.mark.parametrize(
    ("periods", "finished", "late"), [(2, True, False), (3, True, True), (3, False, True)]
)
def test_a_job_without_a_finished_window_for_two_periods_is_late(session, periods, finished, late):
    slot = RARELY.window(runner.database_time(session)) - periods * RARELY.period
    session.add(
        JobRun(
            job_name="count",
            slot=slot,
            token=new_id(START),
            leased_until=START,
            finished_at=START if finished else None,
        )
    )
    session.flush()

    jobs = [counting([]), Job("never ran", Daily(7), print)]

    assert queries.late_jobs(session, jobs) == (["count"] if late else [])


def test_the_workers_health_tells_what_waits(session):
    tasks.enqueue(session, kind="x", key="1", arguments={}, actor_id=None, now=START)

    facts = health.worker_facts(session, Pulse())

    assert facts["alive"]
    assert facts["queue"]["waiting"] == 1
    assert facts["outbox"] == {"waiting": 0, "oldest_due_seconds": 0.0}
