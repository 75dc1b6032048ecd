"""Our own PostgreSQL: started, killed, recovered, stopped."""

import os
import signal
import socket  # noqa: TID251
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from relief.integrations.postgres import PostgresError, Server, destroy, places, processes
from relief.integrations.postgres import places as layout
from relief.integrations.postgres import server as server_module


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One cluster for most of the tests: making one takes a second."""
    folder = tmp_path_factory.mktemp("cluster") / "postgres"
    server = Server(folder, durable=False)
    server.start()
    server.stop()
    yield folder
    destroy(folder)


@pytest.fixture
def state(cluster: Path) -> Iterator[Path]:
    """The cluster, stopped before and after the test."""
    yield cluster
    Server(cluster).stop()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Path]:
    """A folder in which there never was a server."""
    yield tmp_path / "postgres"
    destroy(tmp_path / "postgres")


def ask(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchone()[0]


def test_it_starts_stops_and_keeps_its_data_and_its_port(state):
    server = Server(state, durable=False)
    url = server.start()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    server.stop()
    assert not server.alive()

    again = Server(state, durable=False).start()

    assert again == url
    assert ask(again, "SELECT n FROM kept") == 7
    assert ask(again, "SHOW data_checksums") == "on"
    assert ask(again, "SELECT datcollate FROM pg_database WHERE datname = 'relief'") == "C.UTF-8"
    assert ask(again, "SELECT usesuper FROM pg_user WHERE usename = current_user")


def test_after_a_kill_it_recovers_what_was_committed(state):
    server = Server(state, durable=False)
    url = server.start()
    client = psycopg.connect(url, options="-c synchronous_commit=on")
    client.execute("CREATE TABLE survived AS SELECT generate_series(1, 1000) AS n")
    client.commit()
    children = psutil.Process(processes.postmaster(server.places.data).pid).children()
    os.kill(children[0].pid, signal.SIGSTOP)  # one that cannot notice that its server is gone
    processes.postmaster(server.places.data).kill()
    client.close()
    told = []

    again = Server(state, durable=False, tell=told.append).start()

    assert ask(again, "SELECT count(*) FROM survived") == 1000
    assert not children[0].is_running() or children[0].status() == psutil.STATUS_ZOMBIE


def test_a_server_left_running_is_replaced(state):
    first = Server(state, durable=False)
    first.start()
    before = processes.postmaster(first.places.data).pid
    told = []

    url = Server(state, durable=False, tell=told.append).start()

    assert processes.postmaster(first.places.data).pid != before
    assert ask(url, "SELECT 1") == 1
    assert "遗留" in told[0]


def test_a_port_taken_meanwhile_is_replaced(state):
    server = Server(state, durable=False)
    url = server.start()
    port = int((state / "port").read_text())
    server.stop()
    with socket.socket() as taker:
        taker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taker.bind(("127.0.0.1", port))
        taker.listen()

        other = Server(state, durable=False).start()

    assert other != url
    assert ask(other, "SELECT 1") == 1


def test_an_interrupted_initdb_leaves_nothing_in_the_way(fresh):
    server = Server(fresh, durable=False)
    server.places.home.mkdir(parents=True)
    (server.places.home / "data.new").mkdir()
    (server.places.home / "data.new" / "half").touch()

    assert ask(server.start(), "SELECT 1") == 1


def test_data_of_another_version_is_refused_in_words(state):
    server = Server(state, durable=False)
    file = server.places.data / "PG_VERSION"
    right = file.read_text()
    file.write_text("12\n")

    with pytest.raises(PostgresError, match="12"):
        server.start()

    file.write_text(right)


def test_a_server_that_cannot_start_says_why(state):
    server = Server(state, durable=False)
    control = server.places.data / "global" / "pg_control"
    control.rename(control.with_suffix(".away"))

    with pytest.raises(PostgresError, match="pg_control"):
        server.start()

    control.with_suffix(".away").rename(control)


@pytest.fixture
def failing_programs() -> Iterator[Path]:
    """An `initdb` that fails, where the service user can reach it (pytest's folders are ours)."""
    with tempfile.TemporaryDirectory(prefix="relief-programs-") as name:
        tool = Path(name) / "initdb"
        tool.write_text("#!/bin/sh\necho no room >&2\nexit 1\n")
        tool.chmod(0o755)
        tool.parent.chmod(0o755)
        yield tool.parent


def test_an_initdb_that_fails_says_why(fresh, failing_programs, monkeypatch):
    monkeypatch.setattr(layout, "binaries", lambda _identity: failing_programs)

    with pytest.raises(PostgresError, match="no room"):
        Server(fresh).start()


def test_data_without_its_password_are_set_aside(fresh):
    # Only root's data lie apart from the state folder; CI runs as root, so it runs there.
    if os.geteuid() != 0:
        pytest.skip("an ordinary user's data lie in the state folder itself")
    server = Server(fresh, durable=False)
    (server.places.data / "precious").mkdir(parents=True)
    told = []

    Server(fresh, durable=False, tell=told.append).start()

    assert (server.places.home / "data.old" / "precious").is_dir()
    assert "data.old" in told[0]


def test_the_service_user_gets_a_copy_of_what_it_cannot_reach(tmp_path, monkeypatch):
    # An ordinary user runs the server as itself: there is no second user to reach anything.
    if os.geteuid() != 0:
        pytest.skip("only root has a service user")
    monkeypatch.setattr(places, "ROOT_HOME", tmp_path / "home")
    monkeypatch.setattr(places, "can_run", lambda *_: False)
    (tmp_path / "home").mkdir()

    first = places.binaries(places.service_identity())
    second = places.binaries(places.service_identity())

    assert first == second
    assert (first / "postgres").stat().st_mode & 0o777 == 0o755
    assert first.is_relative_to(tmp_path)


def test_a_tied_server_ends_with_its_supervisor(state):
    child = os.fork()
    if child == 0:
        Server(state, tied=True, durable=False).start()
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)

    data = places.places_for(state).data
    deadline = time.monotonic() + 20
    while processes.postmaster(data) and time.monotonic() < deadline:
        os.sched_yield()

    assert processes.postmaster(data) is None


def test_a_log_that_grew_is_put_aside(state, monkeypatch):
    monkeypatch.setattr(server_module, "LOG_LIMIT", -1)
    server = Server(state, durable=False)

    server.start()

    assert server.places.log.with_suffix(".log.1").exists()


def test_a_recovery_that_never_ends_is_given_up(state, monkeypatch):
    monkeypatch.setattr(server_module, "RECOVERY_SECONDS", -1)
    monkeypatch.setattr(server_module, "_TELL_AFTER_SECONDS", -1)

    with pytest.raises(PostgresError):
        Server(state, durable=False).start()


def test_a_server_that_does_not_stop_is_killed(state, monkeypatch):
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.2)
    server = Server(state, durable=False)
    server.start()
    process = processes.postmaster(server.places.data)
    process.suspend()

    server.stop()

    assert not server.alive()
