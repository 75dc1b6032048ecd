"""Workers killed with -9 in the middle of their work: each task has its effect once."""

import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from relief import wiring
from relief.jobs.process import unit_of_work_of
from relief.tasks import service
from relief.tasks import worker as tasks
from relief.tasks.models import Task, TaskStatus
from tests.support.doomed_worker import TABLE, leave_a_row
from tests.support.scale import scaled
from tests.support.settings import START
from tests.support.waiting import wait_until


@pytest.fixture
def opened(spare_app):
    """Open a transaction on the spare database, which has a table for the effects."""
    opened = unit_of_work_of(spare_app)
    with opened() as session:
        session.execute(text(TABLE))
    return opened


@pytest.fixture
def process(spare_app, tmp_path):
    """Run a worker in a process of its own; killed at the end, whatever happens."""

    @contextmanager
    def run() -> Iterator[subprocess.Popen[str]]:
        url = spare_app.extensions["relief.config"].database_url
        command = [sys.executable, "-m", "tests.support.doomed_worker", url, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as started:
            try:
                yield started
            finally:
                started.kill()

    return run


def enqueue(opened, key, **arguments):
    with opened() as session:
        return service.enqueue(
            session, kind="effect", key=key, arguments=arguments, actor_id=None, now=START
        ).id


def say(opened, sql):
    with opened() as session:
        return session.scalar(text(sql))


def lapse(opened):
    """End the leases of the dead, as a minute would; of the living too, which they must bear."""
    with opened() as session:
        session.execute(
            text("UPDATE task SET leased_until = now() - interval '1 s' WHERE status = 'running'")
        )


def test_the_task_of_a_killed_worker_is_finished_once_by_the_next(spare_app, opened, process):
    task_id = enqueue(opened, "1", wait=True)
    with process() as doomed:
        assert doomed.stdout.readline() == "begun\n"
        doomed.kill()
        doomed.wait(20)
    with opened() as session:
        session.execute(text("UPDATE task SET arguments = '{}'"))
    successor = wiring.worker_of(spare_app, {"effect": leave_a_row})
    assert not tasks.run_one(successor)  # the lease of the dead still runs
    lapse(opened)

    assert tasks.run_one(successor)

    assert say(opened, "SELECT count(*) FROM effect") == 1
    with opened() as session:
        task = session.get_one(Task, task_id)
    assert (task.status, task.attempts) == (TaskStatus.DONE, 2)


def test_a_worker_process_told_to_end_hands_its_task_back(opened, process):
    task_id = enqueue(opened, "1", wait=True)
    with process() as worker:
        assert worker.stdout.readline() == "begun\n"
        worker.terminate()
        assert worker.wait(20) == 0

    with opened() as session:
        task = session.get_one(Task, task_id)
    assert (task.status, task.attempts) == (TaskStatus.WAITING, 0)
    assert say(opened, "SELECT count(*) FROM effect") == 0


def kill_at_random(opened, process, *, kills: int) -> None:
    """Kill one worker after another while there is work, and check what is left."""
    count = kills * 12
    for number in range(count):
        enqueue(opened, str(number))
    pause, chance = threading.Event(), random.Random(kills)  # noqa: S311  # no secret
    for _ in range(kills):
        before = say(opened, "SELECT count(*) FROM effect")
        with process() as doomed:
            wait_until(
                lambda before=before: say(opened, "SELECT count(*) FROM effect") > before + 2
            )
            pause.wait(chance.uniform(0, 0.05))
            doomed.kill()
            doomed.wait(20)
        lapse(opened)
    with process():
        wait_until(
            lambda: say(opened, "SELECT count(*) FROM task WHERE status <> 'done'") == 0,
            seconds=120,
        )

    assert say(opened, "SELECT count(*) FROM effect") == count
    assert say(opened, "SELECT count(DISTINCT task_id) FROM effect") == count
    assert say(opened, "SELECT count(*) FROM audit_event WHERE action = 'task:done'") == count


@pytest.mark.rehearsal
def test_a_worker_killed_at_random_loses_nothing_and_doubles_nothing(opened, process):
    kill_at_random(opened, process, kills=1)


@pytest.mark.soak
def test_many_workers_killed_at_random_lose_nothing_and_double_nothing(opened, process):
    kill_at_random(opened, process, kills=scaled(50))
