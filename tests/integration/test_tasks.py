"""The queue: one open task of a key, leases, tokens, attempts."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, update

from relief.audit.models import AuditEvent
from relief.tasks import queries, service
from relief.tasks.errors import LeaseLost, TaskNotFound
from relief.tasks.models import Task, TaskStatus
from tests.support.settings import START

ACCOUNT = uuid.UUID(int=7)
KINDS = ["count"]


def enqueue(session, key="1", **kw):
    kw = {"arguments": {"n": 1}, "actor_id": ACCOUNT, "now": START} | kw
    return service.enqueue(session, kind="count", key=key, **kw)


def claim(session, **kw):
    return service.claim(session, kinds=KINDS, now=START, **kw)


def lapse(session, task):
    """End the lease of a task, as time would."""
    ended = func.clock_timestamp() - timedelta(seconds=1)
    session.execute(update(Task).where(Task.id == task.id).values(leased_until=ended))


def make_due(session, task):
    session.execute(update(Task).where(Task.id == task.id).values(run_at=func.clock_timestamp()))


def actions(session, task):
    return session.scalars(
        select(AuditEvent.action)
        .where(AuditEvent.subject_id == task.id)
        .order_by(AuditEvent.occurred_at, AuditEvent.action.desc())
    ).all()


def test_an_open_task_is_not_doubled(session):
    first = enqueue(session)
    claim(session)

    assert enqueue(session).id == first.id
    assert enqueue(session, key="2").id != first.id


def test_an_ended_task_makes_room_for_the_next(session):
    first = enqueue(session)
    taken = claim(session)
    service.finish(session, task_id=taken.id, token=taken.token, result={}, now=START)

    assert enqueue(session).id != first.id


def test_a_task_that_ends_while_another_is_queued_does_not_swallow_it(session):
    first = enqueue(session)
    connection = session.connection()

    endings = iter(["UPDATE task SET status = 'done'"])

    def end_it(_connection, _cursor, statement, *_rest):
        if statement.startswith("INSERT INTO task") and (ending := next(endings, None)):
            connection.exec_driver_sql(ending)

    event.listen(connection, "after_cursor_execute", end_it)

    assert enqueue(session).id != first.id


def test_a_claim_takes_the_task_that_is_due_longest(session):
    later = enqueue(session, "later")
    earlier = enqueue(session, "earlier", run_at=START - timedelta(days=3650))

    assert [claim(session).id, claim(session).id] == [earlier.id, later.id]
    assert claim(session) is None


def test_a_task_that_is_not_due_is_left(session):
    enqueue(session, run_at=START + timedelta(days=36500))

    assert claim(session) is None


def test_a_worker_leaves_kinds_it_cannot_do(session):
    enqueue(session)

    assert service.claim(session, kinds=["other"], now=START) is None


def test_a_task_whose_lease_ended_is_taken_again(session):
    enqueue(session)
    first = claim(session)
    token = first.token
    lapse(session, first)

    second = claim(session)

    assert (second.id, second.attempts) == (first.id, 2)
    assert second.token != token


def test_a_worker_whose_lease_ended_changes_nothing(session):
    enqueue(session)
    first = claim(session)
    stale = {"task_id": first.id, "token": first.token}
    lapse(session, first)
    claim(session)

    for change in (
        lambda: service.extend(session, **stale),
        lambda: service.fence(session, **stale),
        lambda: service.release(session, **stale),
        lambda: service.progress(session, **stale, done=1, total=2, message="…"),
        lambda: service.finish(session, **stale, result={"stale": True}, now=START),
        lambda: service.fail(session, **stale, message="…", retry=True, now=START),
        lambda: service.fail(session, **stale, message="…", retry=False, now=START),
    ):
        with pytest.raises(LeaseLost):
            change()

    task = session.get(Task, first.id, populate_existing=True)
    assert (task.status, task.result, task.message) == (TaskStatus.RUNNING, None, None)


def test_a_lease_is_kept_by_extending_it_and_by_progress(session):
    enqueue(session)
    task = claim(session, lease=timedelta(seconds=1))
    before = task.leased_until
    mine = {"task_id": task.id, "token": task.token}

    service.extend(session, **mine)
    extended = session.get(Task, task.id, populate_existing=True).leased_until
    service.progress(session, **mine, done=3, total=9, message="读取", lease=timedelta(hours=1))

    assert before < extended < task.leased_until
    assert (task.done_steps, task.total_steps, task.message) == (3, 9, "读取")


def test_a_finished_task_keeps_its_result(session):
    enqueue(session)
    task = claim(session)
    mine = {"task_id": task.id, "token": task.token}
    service.fence(session, **mine)
    service.progress(session, **mine, done=1, total=4, message="…")

    done = service.finish(session, **mine, result={"rows": 4}, now=START)

    assert (done.status, done.result, done.done_steps) == (TaskStatus.DONE, {"rows": 4}, 4)
    assert (done.token, done.leased_until, done.finished_at) == (None, None, START)
    assert actions(session, done) == ["task:queued", "task:done"]


def test_a_failure_waits_before_the_next_attempt_and_the_third_is_the_last(session):
    enqueue(session)
    waits = []
    for _ in range(2):
        task = claim(session)
        failed = service.fail(
            session, task_id=task.id, token=task.token, message="稍后重试", retry=True, now=START
        )
        assert failed.status is TaskStatus.WAITING
        assert claim(session) is None
        waits.append(failed.run_at - session.scalar(select(func.clock_timestamp())))
        make_due(session, failed)
    task = claim(session)

    last = service.fail(
        session, task_id=task.id, token=task.token, message="未成功", retry=True, now=START
    )

    assert (last.status, last.message, last.attempts) == (TaskStatus.FAILED, "未成功", 3)
    assert [round(wait.total_seconds(), -1) for wait in waits] == [10, 60]
    assert actions(session, last) == ["task:queued", "task:failed"]


def test_a_failure_that_would_repeat_is_the_last(session):
    enqueue(session)
    task = claim(session)

    failed = service.fail(
        session, task_id=task.id, token=task.token, message="文件不可读", retry=False, now=START
    )

    assert (failed.status, failed.attempts) == (TaskStatus.FAILED, 1)


def test_a_released_task_is_as_if_never_begun(session):
    enqueue(session)
    task = claim(session)

    service.release(session, task_id=task.id, token=task.token)

    assert claim(session).attempts == 1


def test_a_task_that_brought_down_three_workers_is_given_up(session):
    task = enqueue(session)
    for _ in range(service.MAX_ATTEMPTS):
        assert service.give_up_abandoned(session, now=START) == []
        lapse(session, claim(session))

    assert claim(session) is None
    given_up = service.give_up_abandoned(session, now=START)

    assert [one.id for one in given_up] == [task.id]
    assert (task.status, task.message) == (TaskStatus.FAILED, service.INTERRUPTED)


def test_a_task_is_seen_by_who_asked_for_it(session):
    task = enqueue(session)
    stranger = uuid.UUID(int=8)

    assert queries.get(session, task_id=task.id, account_id=ACCOUNT) is task
    assert queries.get(session, task_id=task.id, account_id=stranger, sees_all=True) is task
    with pytest.raises(TaskNotFound):
        queries.get(session, task_id=task.id, account_id=stranger)
    with pytest.raises(TaskNotFound):
        queries.get(session, task_id=stranger, account_id=ACCOUNT)


def test_recent_tasks_are_ones_own(session):
    done, open_task = enqueue(session, "1"), enqueue(session, "2")
    enqueue(session, "3", actor_id=None)
    taken = claim(session)
    service.finish(session, task_id=taken.id, token=taken.token, result={}, now=START)

    assert {task.id for task in queries.recent_tasks(session, account_id=ACCOUNT)} == {
        done.id,
        open_task.id,
    }


def test_the_depth_of_the_queue_counts_open_tasks(session):
    assert queries.depth(session) == queries.QueueDepth(0, 0, 0.0)
    enqueue(session, "1")
    enqueue(session, "2", run_at=START - timedelta(days=3650))
    enqueue(session, "3")
    claim(session)

    depth = queries.depth(session)

    assert (depth.waiting, depth.running) == (2, 1)
    assert 0 <= depth.oldest_due_seconds < 60


def test_open_and_failed_are_told_by_kind_and_key(session):
    task = enqueue(session)
    asked = {"kind": "count", "key": "1"}
    assert queries.is_open(session, **asked)
    assert not queries.is_open(session, kind="count", key="2")

    taken = claim(session)
    service.fail(session, task_id=task.id, token=taken.token, message="…", retry=False, now=START)

    assert not queries.is_open(session, **asked)
    assert queries.failed_since(session, **asked, since=START - timedelta(seconds=1))
    assert not queries.failed_since(session, **asked, since=START)
