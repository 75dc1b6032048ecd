"""`relief run`, the whole of it, as a person would start it."""

import http.client  # noqa: TID251
import json
import os
import signal
import socket  # noqa: TID251
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from relief.cli.context import read_env_file
from relief.cli.sample_data import DONE, MARK, mark_of
from relief.cli.state import State
from relief.core.config import normalise_url
from relief.core.db import session_on
from relief.core.ids import new_id
from relief.integrations import postgres
from relief.integrations.postgres.identity import identity
from relief.registry.models import ImportBatch
from relief.registry.types import BatchStatus
from tests.support.settings import START

ROOT = Path(__file__).resolve().parents[2]
UP_SECONDS = 180


class Running:
    """One `relief run` and what it has said so far."""

    def __init__(self, folder: Path, port: int, sample: str, **env: str) -> None:
        self.port = port
        self.out = folder / "out.txt"
        given = {k: v for k, v in os.environ.items() if not k.startswith(("RELIEF_", "LC_"))}
        given |= {"RELIEF_VAR_DIR": str(folder / "var"), "LC_ALL": "C", "PYTHONUTF8": "1", **env}
        given.pop("LANG", None)
        with self.out.open("w") as out:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "relief.cli",
                    "run",
                    "--port",
                    str(port),
                    "--sample",
                    sample,
                ],
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env=given,
            )

    def said(self) -> str:
        return self.out.read_text("utf-8")

    def until(self, words: str, seconds: float = UP_SECONDS) -> str:
        deadline = time.monotonic() + seconds
        while words not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)
        return self.said()

    def ready(self) -> str:
        return self.until(f"ready http://127.0.0.1:{self.port}\n")

    def health(self) -> list[int]:
        return [status(self.port + offset) for offset in range(4)]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


def status(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)  # noqa: TID251
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def free_ports(count: int = 5) -> int:
    """Return the first of some ports in a row that nobody uses, below those given to clients."""
    for first in range(10000 + os.getpid() % 1000 * 20, 32000, count):
        if not any(taken(port) for port in range(first, first + count)):
            return first
    raise AssertionError


def taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def phone(who: str, port: int) -> subprocess.CompletedProcess[str]:
    """Sign in to the mini program as one of the sample's people."""
    return subprocess.run(
        [sys.executable, "-m", "relief.cli", "phone", who, "--port", str(port)],
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def me_of(signed_in: subprocess.CompletedProcess[str]) -> dict[str, object]:
    """Do what the printed line says, and return what the mini program knows of the caller."""
    assert signed_in.returncode == 0, signed_in.stderr
    address, token = signed_in.stdout.split()[-2:]
    connection = http.client.HTTPConnection(address.split("/")[2], timeout=10)  # noqa: TID251
    try:
        headers = {"Authorization": f"Bearer {token}"}
        connection.request("GET", "/mini/v1/me", headers=headers)
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    runs: list[Running] = []

    def begin(sample: str = "none", port: int | None = None, **env: str) -> Running:
        runs.append(Running(tmp_path, port or free_ports(), sample, **env))
        return runs[-1]

    yield begin
    for run in runs:
        if run.process.poll() is None:
            run.stop(signal.SIGKILL)
    postgres.destroy(tmp_path / "var" / "postgres")


def test_from_an_empty_folder_to_ready_and_to_nothing(start, tmp_path):
    run = start()
    words = run.ready()
    family = psutil.Process(run.process.pid).children(recursive=True)

    assert run.health() == [200, 200, 200, 200]
    assert "示例账号" not in words
    assert read_env_file(tmp_path / "var" / "database.env")

    second = subprocess.run(
        [sys.executable, "-m", "relief.cli", "run", "--port", "1"],
        cwd=ROOT,
        env={**os.environ, "RELIEF_VAR_DIR": str(tmp_path / "var"), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert f"http://127.0.0.1:{run.port}" in second.stderr

    assert run.stop() == 0
    _gone, left = psutil.wait_procs(family, timeout=10)
    assert left == []
    assert not read_env_file(tmp_path / "var" / "database.env")


def test_a_dead_parent_leaves_nothing_and_the_next_run_goes_on(start):
    first = start()
    first.ready()
    family = psutil.Process(first.process.pid).children(recursive=True)

    first.stop(signal.SIGKILL)
    _gone, left = psutil.wait_procs(family, timeout=20)
    again = start(port=first.port)
    again.ready()

    assert left == []
    assert again.health() == [200, 200, 200, 200]
    assert again.stop(signal.SIGINT) == 0


def test_a_taken_port_is_named(start):
    port = free_ports()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port + 2))
        other.listen()
        run = start(port=port)

        assert run.process.wait(60) == 1

    assert f"端口 {port + 2} 已被其他程序占用" in run.said()


def test_a_database_of_ones_own_is_used_and_filled_only_if_empty(start, empty_database_url):
    run = start("none", RELIEF_DATABASE_URL=empty_database_url)
    run.ready()

    assert run.health() == [200, 200, 200, 200]
    assert run.stop() == 0


def test_a_database_that_does_not_answer_is_said(start):
    run = start("none", RELIEF_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")

    assert run.process.wait(60) == 1
    assert "无法连接" in run.said()


def test_settings_of_wechat_that_are_wrong_are_said(start, empty_database_url):
    run = start("none", RELIEF_DATABASE_URL=empty_database_url, RELIEF_WECHAT_APPID="wx12")

    assert run.process.wait(60) == 1
    assert "RELIEF_WECHAT_APPID is not wx" in run.said()
    assert "Traceback" not in run.said()


def test_a_registry_that_is_not_ours_gets_no_sample(start, spare_database_url, tmp_path):
    state = State(tmp_path / "var")
    state.folder.mkdir()
    for mark in (MARK, mark_of("1_1", state=state, own=False)):  # of another database
        state.mark(mark, DONE)
    with session_on(spare_database_url) as session:
        session.add(
            ImportBatch(
                id=new_id(START),
                scheme_code="S01",
                department_code="D01",
                layout="S01@1",
                file_name="真实数据.csv",
                sha256=bytes(32),
                status=BatchStatus.FAILED,
                received=0,
                loaded=0,
                rejected=0,
                created_at=START,
            )
        )
    port = free_ports()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port + 4))
        other.listen()
        run = start("small", port=port, RELIEF_DATABASE_URL=spare_database_url)

        # Nobody plays WeChat here, so that its port may be another's.
        words = run.ready()

    assert "示例" not in words
    assert run.stop() == 0


def test_who_can_sign_in_is_told_each_time(start, spare_database_url, tmp_path):
    state = State(tmp_path / "var")
    state.folder.mkdir()
    here = identity(normalise_url(spare_database_url))
    state.mark(mark_of(here, state=state, own=False), DONE)
    run = start("small", RELIEF_DATABASE_URL=spare_database_url)

    words = run.ready()

    assert f"steward           {state.sample_password()}  数据管理员" in words
    assert "虚构" in words
    assert f"http://127.0.0.1:{run.port + 4}  微信接口替身" in words
    for who in ("household", "helper"):
        assert f"  .venv/bin/relief phone {who} --port {run.port}\n" in words
    for _ in range(2):
        assert me_of(phone("household", run.port))["roles"] == []
    assert me_of(phone("helper", run.port))["agreed_version"] == 1
    assert run.stop() == 0
    assert phone("helper", run.port).returncode == 1


def test_asked_to_stop_in_the_middle_it_stops(start):
    run = start("tiny")
    run.until("正在准备示例数据")

    assert run.stop() == 0
    assert "已停止" in run.said()
