"""A worker and its handlers: results, failures, stops, fencing."""

import threading
import uuid
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import OperationalError

from relief.core.errors import Conflict, Invalid, Unavailable
from relief.integrations.wechat import errors as wechat
from relief.jobs.process import unit_of_work_of
from relief.tasks import service
from relief.tasks import worker as tasks
from relief.tasks.errors import TaskRefused
from relief.tasks.models import Task, TaskStatus
from relief.wiring import worker_of
from tests.support.settings import START
from tests.support.waiting import at_once, wait_until

ACCOUNT = uuid.UUID(int=7)


class Busy(Conflict):
    code = "busy"
    title = "正在归并，请稍后"


class Away(Unavailable):
    code = "away"
    title = "对方系统没有应答"


class Unknown(Away):
    nothing_done = False


class Unreadable(Invalid):
    code = "unreadable"
    title = "文件不可读"


@pytest.fixture
def worker(spare_app) -> Callable[..., tasks.Worker]:
    """Make a worker whose only handler is the one given."""

    def make(handler, **changes):
        return replace(worker_of(spare_app, {"count": handler}), **changes)

    return make


@pytest.fixture
def opened(spare_app):
    """Open a transaction of one's own on the spare database."""
    return unit_of_work_of(spare_app)


def enqueue(opened, key="1", **arguments) -> uuid.UUID:
    with opened() as session:
        return service.enqueue(
            session, kind="count", key=key, arguments=arguments, actor_id=ACCOUNT, now=START
        ).id


def get(opened, task_id) -> Task:
    with opened() as session:
        return session.get_one(Task, task_id)


def set_task(opened, task_id, **values):
    with opened() as session:
        session.execute(update(Task).where(Task.id == task_id).values(**values))


def lapse(opened, task_id):
    set_task(opened, task_id, leased_until=func.clock_timestamp() - timedelta(seconds=1))


def notices(opened) -> list[str]:
    with opened() as session:
        return list(session.scalars(text("SELECT title FROM outbox_message ORDER BY id")))


def test_a_handler_gets_its_arguments_and_leaves_its_result(worker, opened):
    task_id = enqueue(opened, file="f-1")

    def handler(context):
        context.progress(1, 2, "读取")
        context.progress(2, 2, "太快，不写")
        return {"file": context.arguments["file"], "by": str(context.actor_id)}

    assert tasks.run_one(worker(handler))
    task = get(opened, task_id)

    assert (task.status, task.result) == (TaskStatus.DONE, {"file": "f-1", "by": str(ACCOUNT)})
    assert notices(opened) == ["后台任务已完成"]
    assert not tasks.run_one(worker(handler))


def test_progress_is_seen_while_the_handlers_transaction_is_open(worker, opened):
    task_id = enqueue(opened)
    seen = []

    def handler(context):
        with context.unit_of_work() as session:
            session.execute(text("SELECT 1"))
            context.progress(3, 7, "写入")
            task = get(opened, task_id)
            seen.append((task.done_steps, task.total_steps, task.message))
            context.fence(session)
        return {}

    tasks.run_one(worker(handler))

    assert seen == [(3, 7, "写入")]


def test_work_and_completion_commit_together(worker, opened):
    task_id = enqueue(opened)
    seen = []

    def handler(context):
        with context.unit_of_work() as session:
            context.complete(session, {"rows": 1})
            context.progress(1, 1, "归并完成")  # must not wait for our own lock
            seen.append(get(opened, task_id).status)
        return {"rows": 2}

    tasks.run_one(worker(handler))

    assert seen == [TaskStatus.RUNNING]
    assert (get(opened, task_id).status, get(opened, task_id).result) == (
        TaskStatus.DONE,
        {"rows": 1},
    )
    assert notices(opened) == ["后台任务已完成"]


def test_a_completion_that_is_rolled_back_leaves_the_task_to_be_tried_again(worker, opened):
    task_id = enqueue(opened)

    def handler(context):
        with context.unit_of_work() as session:
            context.complete(session, {})
            raise ZeroDivisionError

    tasks.run_one(worker(handler))

    assert get(opened, task_id).status is TaskStatus.WAITING
    assert notices(opened) == []


def test_a_failing_handler_is_tried_three_times_and_then_failed(worker, opened):
    task_id = enqueue(opened)
    calls = []

    def handler(_context):
        calls.append(1)
        message = "身份证号 210302198003040017"
        raise RuntimeError(message)

    messages = []
    while tasks.run_one(worker(handler)):
        messages.append(get(opened, task_id).message)
        set_task(opened, task_id, run_at=func.clock_timestamp())

    assert len(calls) == 3
    assert "自动重试" in messages[0]
    assert messages[2] == "多次尝试后仍未成功，请联系系统管理员"
    assert get(opened, task_id).status is TaskStatus.FAILED
    assert notices(opened) == ["后台任务未成功"]


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (TaskRefused("表头无法识别"), TaskStatus.FAILED, "表头无法识别"),
        (Unreadable("第 3 行"), TaskStatus.FAILED, "文件不可读"),
        (Busy(), TaskStatus.WAITING, "正在归并，请稍后"),
        (Away(), TaskStatus.WAITING, "对方系统没有应答"),
        (Unknown(), TaskStatus.FAILED, "对方系统没有应答"),
        (wechat.Limited("send"), TaskStatus.WAITING, wechat.Limited.title),
        (wechat.Busy("send"), TaskStatus.FAILED, wechat.Busy.title),
        (wechat.NoConsent("send"), TaskStatus.FAILED, wechat.NoConsent.title),
        (wechat.NotSeenLately("check"), TaskStatus.FAILED, wechat.NotSeenLately.title),
    ],
    ids=[
        *("refused", "invalid", "conflict", "unavailable", "perhaps-done"),
        *("limited", "busy", "no-consent", "not-seen-lately"),
    ],
)
def test_only_what_may_pass_by_waiting_is_tried_again(worker, opened, error, status, message):
    task_id = enqueue(opened)

    def handler(_context):
        raise error

    tasks.run_one(worker(handler))
    task = get(opened, task_id)

    assert (task.status, task.message) == (status, message)


def test_a_worker_told_to_stop_hands_its_task_back(worker, opened):
    task_id = enqueue(opened)
    stop = threading.Event()

    def handler(context):
        stop.set()
        context.progress(1, 2, "…")
        return {}

    tasks.run_one(worker(handler), stop=stop)
    task = get(opened, task_id)

    assert (task.status, task.attempts, task.token) == (TaskStatus.WAITING, 0, None)


def test_a_worker_taken_for_dead_is_fenced_off(worker, opened):
    task_id = enqueue(opened)

    def successor(_context):
        return {"by": "successor"}

    def handler(context):
        lapse(opened, task_id)
        assert tasks.run_one(worker(successor))
        with context.unit_of_work() as session:
            session.execute(text("CREATE TABLE effect_of_the_dead ()"))
            context.fence(session)
        return {"by": "dead"}

    assert tasks.run_one(worker(handler))

    assert get(opened, task_id).result == {"by": "successor"}
    with opened() as session:
        assert session.scalar(select(func.to_regclass("effect_of_the_dead"))) is None


def test_the_heartbeat_keeps_a_silent_handlers_lease(worker, opened):
    task_id = enqueue(opened)
    beaten = threading.Event()

    def handler(_context):
        before = get(opened, task_id).leased_until
        assert beaten.wait(20)
        return {"kept": get(opened, task_id).leased_until > before}

    tasks.run_one(worker(handler, beat_seconds=0.01), pulse=beaten.set)

    assert get(opened, task_id).result == {"kept": True}


def test_a_heartbeat_that_finds_the_task_taken_stops_the_handler(worker, opened):
    task_id = enqueue(opened)

    def handler(context):
        context.progress(0, 2, "…")  # the next words are too soon to be written
        set_task(opened, task_id, token=uuid.UUID(int=9))
        wait_until(lambda: context.progress(1, 2, "…"))  # returns nothing until it raises

    assert tasks.run_one(worker(handler, beat_seconds=0.01, progress_seconds=60.0))

    assert get(opened, task_id).token == uuid.UUID(int=9)


def test_a_heartbeat_bears_a_fault_of_the_database(worker, opened):
    enqueue(opened)
    beaten, faults = threading.Event(), iter([True])

    @contextmanager
    def unsteady():
        if threading.current_thread().name == "task-heartbeat" and next(faults, False):
            raise OperationalError("", {}, Exception())
        with opened() as session:
            yield session

    def handler(_context):
        return {"beaten": beaten.wait(20)}

    tasks.run_one(worker(handler, unit_of_work=unsteady, beat_seconds=0.01), pulse=beaten.set)

    assert beaten.is_set()


def test_serving_goes_on_after_a_fault_and_ends_when_told(worker, opened):
    task_id = enqueue(opened)
    stop, pulses = threading.Event(), []
    faults = iter([True])

    @contextmanager
    def unsteady():
        if next(faults, False):
            raise OperationalError("", {}, Exception())
        with opened() as session:
            yield session

    def pulse():
        pulses.append(1)
        if len(pulses) == 2:  # one task, then one look at an empty queue
            stop.set()

    tasks.serve(
        worker(lambda _context: {}, unit_of_work=unsteady, pause_seconds=0.0),
        stop=stop,
        pulse=pulse,
    )

    assert get(opened, task_id).status is TaskStatus.DONE


def test_of_many_workers_each_task_is_taken_by_one(worker, opened):
    task_ids = {enqueue(opened, key=str(number)) for number in range(24)}
    done: list[uuid.UUID] = []

    def handler(context):
        done.append(context.task_id)
        return {}

    def work(_number):
        while tasks.run_one(worker(handler)):
            pass

    at_once(work, threads=4)

    assert len(done) == 24
    assert set(done) == task_ids


def test_of_many_who_queue_the_same_one_task_comes(opened):
    ids = at_once(lambda _number: enqueue(opened), threads=8)

    assert len(set(ids)) == 1
    with opened() as session:
        assert session.scalar(select(func.count()).select_from(Task)) == 1


def test_a_task_whose_workers_died_is_told_to_who_asked(worker, opened):
    task_id = enqueue(opened)
    set_task(opened, task_id, status=TaskStatus.RUNNING, attempts=3, token=task_id)
    lapse(opened, task_id)

    assert not tasks.run_one(worker(lambda _context: {}))

    assert get(opened, task_id).status is TaskStatus.FAILED
    assert notices(opened) == ["后台任务未成功"]
