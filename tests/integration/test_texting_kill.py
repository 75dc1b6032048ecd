"""Workers killed with -9 while they send text messages: none lost, none sent twice unseen."""

import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from relief.jobs.process import unit_of_work_of
from tests.support.doomed_texter import TABLE
from tests.support.scale import scaled
from tests.support.texting import tell
from tests.support.waiting import wait_until

LAPSE = "UPDATE outbox_message SET lease_until = now() - interval '1 s' WHERE status = 'sending'"
STANDS = "SELECT status, last_error, attempts FROM outbox_message ORDER BY id"


@pytest.fixture
def opened(spare_app):
    """Open a transaction on the spare database, which keeps the provider's books too."""
    opened = unit_of_work_of(spare_app)
    with opened() as session:
        session.execute(text(TABLE))
        session.execute(text("UPDATE parameter SET value = 9999 WHERE name = 'sms_phone_day_max'"))
    return opened


@pytest.fixture
def process(spare_app, tmp_path):
    """Run a worker in a process of its own; killed at the end, whatever happens."""

    @contextmanager
    def run(mode: str) -> Iterator[subprocess.Popen[str]]:
        url = spare_app.extensions["relief.config"].database_url
        plain = url.replace("postgresql+psycopg", "postgresql")
        command = [sys.executable, "-m", "tests.support.doomed_texter", plain, str(tmp_path), mode]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as started:
            try:
                yield started
            finally:
                started.kill()

    return run


def fill(opened, count):
    with opened() as session:
        for number in range(count):
            tell(session, f"k{number}", phone=f"138000000{number % 10:02}")


def say(opened, sql):
    with opened() as session:
        return session.execute(text(sql)).all()


def number(opened, sql):
    return say(opened, sql)[0][0]


def lapse(opened):
    with opened() as session:
        session.execute(text(LAPSE))


OPEN = "SELECT count(*) FROM outbox_message WHERE status IN ('pending', 'sending')"


def test_a_worker_killed_between_sending_and_writing_down_leaves_a_doubt_and_no_second(
    opened, process
):
    fill(opened, 3)
    with process("stuck") as doomed:
        doubtful = doomed.stdout.readline().strip()
        doomed.kill()
        doomed.wait(20)
    lapse(opened)

    with process("plain"):
        wait_until(lambda: number(opened, OPEN) == 0, seconds=100)

    assert sorted(tuple(row) for row in say(opened, STANDS)) == [
        ("sent", None, 1), ("sent", None, 1), ("unknown", "abandoned", 1),
    ]  # fmt: skip
    unknown = say(opened, "SELECT id::text FROM outbox_message WHERE status = 'unknown'")
    assert [row[0] for row in unknown] == [doubtful]
    assert number(opened, "SELECT count(*) FROM taken") == 3
    assert number(opened, "SELECT count(DISTINCT message_id) FROM taken") == 3


def kill_at_random(opened, process, *, kills: int) -> None:
    count = kills * 50
    fill(opened, count)
    pause, chance = threading.Event(), random.Random(kills)  # noqa: S311  # no secret
    for _ in range(kills):
        with process("plain") as doomed:
            assert doomed.stdout.readline()
            pause.wait(chance.uniform(0, 0.03))
            doomed.kill()
            doomed.wait(20)
        lapse(opened)
    with process("plain"):
        wait_until(lambda: number(opened, OPEN) == 0, seconds=120)

    taken = number(opened, "SELECT count(*) FROM taken")
    assert taken == number(opened, "SELECT count(DISTINCT message_id) FROM taken")  # none twice
    doubts = number(opened, "SELECT count(*) FROM outbox_message WHERE status = 'unknown'")
    sent = number(opened, "SELECT count(*) FROM outbox_message WHERE status = 'sent'")
    assert sent + doubts == count
    assert sent <= taken  # what is said to be sent was taken
    assert doubts <= kills  # and what is in doubt was in hand at a kill


@pytest.mark.rehearsal
def test_a_worker_killed_at_random_loses_nothing_and_doubles_nothing(opened, process):
    kill_at_random(opened, process, kills=2)


@pytest.mark.soak
def test_many_workers_killed_at_random_lose_nothing_and_double_nothing(opened, process):
    kill_at_random(opened, process, kills=scaled(100))
