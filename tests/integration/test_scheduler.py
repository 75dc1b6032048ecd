"""The scheduler and the worker as processes: leading, handing over, stopping."""

import signal
import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from relief import wiring
from relief.jobs import scheduler, worker
from relief.jobs.process import Pulse, stop_on_signals, unit_of_work_of
from relief.jobs.runner import Job
from relief.jobs.schedules import Every
from relief.notifications import delivery
from relief.notifications.service import notify
from relief.tasks import service
from tests.support.settings import START
from tests.support.waiting import wait_until

QUICK = 0.02
RARELY = Every(timedelta(days=36500))  # no window ends while a test runs


class Running:
    """A scheduler in a thread."""

    def __init__(self, app, jobs):
        self.stop, self.pulse = threading.Event(), Pulse()
        self.thread = threading.Thread(
            target=scheduler.serve,
            args=(app,),
            kwargs={
                "stop": self.stop,
                "pulse": self.pulse,
                "jobs": jobs,
                "watch_seconds": QUICK,
            },
        )
        self.thread.start()

    def role(self):
        return self.pulse.facts().get("role")

    def end(self):
        self.stop.set()
        self.thread.join(20)
        assert not self.thread.is_alive()


@pytest.fixture
def start(spare_app):
    """Start schedulers, and end them with the test."""
    running = []

    def one(jobs=()):
        running.append(Running(spare_app, jobs))
        return running[-1]

    yield one
    for each in running:
        each.end()


def test_one_leads_and_the_next_takes_over(start):
    first = start()
    wait_until(lambda: first.role() == "leader")
    second = start()
    wait_until(lambda: second.role() == "standby")

    first.end()

    wait_until(lambda: second.role() == "leader")


def test_one_that_waits_to_lead_can_be_stopped(start):
    first = start()
    wait_until(lambda: first.role() == "leader")
    second = start()
    wait_until(lambda: second.role() == "standby")

    second.end()

    assert first.role() == "leader"


def test_a_leader_whose_connection_is_cut_stands_in_line_again(start, spare_app):
    leader = start()
    wait_until(lambda: leader.role() == "leader")
    roles = []
    beat = leader.pulse.beat
    leader.pulse.beat = lambda **facts: (roles.append(facts["role"]), beat(**facts))

    with unit_of_work_of(spare_app)() as session:
        session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE"
                " application_name = 'relief-scheduler' AND datname = current_database()"
            )
        )

    wait_until(lambda: "without-database" in roles)
    wait_until(lambda: roles[-1] == "leader")


def test_a_leader_looks_at_once_and_again_and_does_each_window_once(start):
    seconds, failing = [], []

    def count(_session, *, now):
        seconds.append(now)

    def once(_session, *, now):
        seconds.append("once")

    def fail(_session, *, now):
        failing.append(now)
        raise ZeroDivisionError

    start(
        [
            Job("second", Every(timedelta(seconds=1)), count),
            Job("once", RARELY, once),
            Job("failing", RARELY, fail),
        ]
    )

    wait_until(lambda: len(seconds) >= 3)
    assert seconds.count("once") == 1
    assert len(failing) == 1


def test_a_jump_of_the_clock_makes_the_leader_look_again(start, monkeypatch):
    looks = []
    jumps = iter([False, True])
    monkeypatch.setattr(scheduler.ClockWatch, "jumped", lambda _self: next(jumps, False))
    monkeypatch.setattr(scheduler, "run_due", lambda job, **_rest: looks.append(job.name))

    start([Job("once", RARELY, print)])

    wait_until(lambda: looks == ["once", "once"])


def test_a_worker_does_tasks_and_delivers_notices_until_told_to_stop(spare_app):
    opened = unit_of_work_of(spare_app)
    stop, done = threading.Event(), threading.Event()
    with opened() as session:
        account = service.new_id(START)
        service.enqueue(session, kind="count", key="1", arguments={}, actor_id=account, now=START)

    def handler(_context):
        done.set()
        return {}

    serving = threading.Thread(
        target=worker.serve,
        args=(spare_app, wiring.worker_of(spare_app, {"count": handler})),
        kwargs={"stop": stop, "pulse": Pulse()},
    )
    serving.start()

    def arrived():
        with opened() as session:
            return session.scalar(text("SELECT count(*) FROM inbox_message"))

    wait_until(arrived)
    stop.set()
    serving.join(20)

    assert done.is_set()
    assert not serving.is_alive()


def test_the_outbox_bears_a_fault_of_the_database(spare_app, caplog):
    opened = unit_of_work_of(spare_app)
    with opened() as session:
        notify(
            session,
            recipient_id=service.new_id(START),
            title="…",
            body="…",
            link=None,
            dedupe_key="k",
            now=START,
        )
        session.execute(text("ALTER TABLE outbox_message RENAME TO gone"))
    stop = threading.Event()
    serving = threading.Thread(
        target=worker.serve,
        args=(spare_app, wiring.worker_of(spare_app, {})),
        kwargs={"stop": stop, "pulse": Pulse(), "deliver_seconds": QUICK},
    )
    serving.start()

    wait_until(lambda: "the outbox does not answer" in caplog.messages)
    with opened() as session:
        session.execute(text("ALTER TABLE gone RENAME TO outbox_message"))

    def arrived():
        with opened() as session:
            return session.scalar(text("SELECT count(*) FROM inbox_message"))

    wait_until(arrived)
    stop.set()
    serving.join(20)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_tells_a_process_to_stop(number):
    kept = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        stop = stop_on_signals()
        assert not stop.is_set()

        signal.raise_signal(number)

        assert stop.is_set()
    finally:
        for each, handler in kept.items():
            signal.signal(each, handler)


def test_a_full_batch_of_notices_is_followed_by_the_next_at_once(spare_app):
    opened = unit_of_work_of(spare_app)
    count = delivery.BATCH + 1
    with opened() as session:
        for number in range(count):
            notify(
                session,
                recipient_id=service.new_id(START),
                title="…",
                body="…",
                link=None,
                dedupe_key=str(number),
                now=START,
            )
    stop = threading.Event()
    serving = threading.Thread(
        target=worker.serve,
        args=(spare_app, wiring.worker_of(spare_app, {})),
        kwargs={"stop": stop, "pulse": Pulse(), "deliver_seconds": 600.0},
    )
    serving.start()

    def arrived():
        with opened() as session:
            return session.scalar(text("SELECT count(*) FROM inbox_message")) == count

    wait_until(arrived)
    stop.set()
    serving.join(20)
