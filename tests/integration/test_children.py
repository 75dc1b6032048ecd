"""The processes under `relief run`: watched, started again, stopped together."""

import http.client  # noqa: TID251
import os
import signal
import socket  # noqa: TID251
import threading
import time
from functools import partial

import psutil
import pytest

from relief.cli import children
from relief.cli.children import Child, ChildFailed, Family
from relief.cli.healthz import health_page
from relief.core.processes import end_with


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def serve(port: int) -> None:
    with health_page(port, lambda: {"alive": True}):
        threading.Event().wait()


def ignore_signals(port: int) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    serve(port)


def fail() -> None:
    raise SystemExit(3)


@pytest.fixture
def family_of(tmp_path):
    made = []

    def make(work, told=None):
        port = free_port()
        child = Child(
            "web", port, partial(work, port) if work is not fail else fail, tmp_path / "l"
        )
        family = Family([child], lambda: None, (told if told is not None else []).append)
        made.append(family)
        return family, child

    yield make
    for family in made:
        family.stop()


def until(true) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_family_is_up_when_each_child_is_well(family_of):
    family, child = family_of(serve)

    family.start()

    assert child.healthy()
    assert child.address == f"http://127.0.0.1:{child.port}"


def test_a_child_that_dies_is_started_again(family_of):
    told = []
    family, child = family_of(serve, told)
    family.start()
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    until(child.ended)

    family.check()
    until(child.healthy)

    assert child.process.pid != first
    assert told == ["进程 web 意外退出，正在重新启动（第 1 次）"]


def test_a_child_that_cannot_live_ends_all_with_a_reason(family_of):
    family, _child = family_of(fail)

    with pytest.raises(ChildFailed, match="反复退出"):
        family.start()


def test_a_child_that_is_never_well_is_given_up(family_of, monkeypatch):
    monkeypatch.setattr(children, "START_SECONDS", 0)
    family, _child = family_of(lambda _port: threading.Event().wait())

    with pytest.raises(ChildFailed, match="就绪"):
        family.start()


def test_a_child_that_does_not_stop_is_killed(family_of, monkeypatch):
    monkeypatch.setattr(children, "STOP_SECONDS", 0.2)
    family, child = family_of(ignore_signals)
    family.start()

    family.stop()

    assert child.ended()
    assert not child.healthy()


def test_watching_ends_when_someone_asks(family_of):
    family, _child = family_of(serve)
    family.start()
    threading.Timer(0.1, vars(family).update, kwargs={"stopping": True}).start()

    family.watch()

    assert family.stopping


def test_a_family_that_never_started_stops(family_of):
    family, child = family_of(serve)

    family.stop()

    assert child.ended()


def test_a_log_that_is_gone_is_no_second_failure(family_of, monkeypatch, tmp_path):
    family, child = family_of(fail)
    child.log = tmp_path / "none" / "log"

    assert "反复" in children._reason(child, "反复退出")  # noqa: SLF001
    family.stop()


def test_a_process_ends_with_its_parent():
    read, write = os.pipe()
    middle = os.fork()
    if middle == 0:
        inner = os.fork()
        if inner == 0:
            end_with(os.getppid(), signal.SIGKILL)
            os.write(write, str(os.getpid()).encode())
            time.sleep(60)
        os.read(read, 0)
        time.sleep(60)
    inner = int(os.read(read, 20))
    os.close(read)
    os.close(write)

    os.kill(middle, signal.SIGKILL)
    os.waitpid(middle, 0)

    def gone():
        try:
            return psutil.Process(inner).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    until(gone)


def test_a_process_whose_parent_is_gone_already_ends():
    child = os.fork()
    if child == 0:
        try:
            end_with(os.getpid())  # nobody is their own parent
        except SystemExit:
            os._exit(7)
        os._exit(8)

    _pid, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 7


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({"alive": True}, 200),
        ({"alive": False}, 503),
        ({}, 503),
    ],
    ids=["well", "stuck", "silent"],
)
def test_health_is_what_the_facts_say(facts, status):
    port = free_port()
    with health_page(port, lambda: facts):
        assert answer(port, "/healthz") == status


def test_other_paths_are_not_there_and_a_failed_look_is_no_health():
    port = free_port()

    def fails():
        raise OSError

    with health_page(port, fails):
        assert answer(port, "/") == 404
        assert answer(port, "/healthz") == 503


def answer(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)  # noqa: TID251
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status
