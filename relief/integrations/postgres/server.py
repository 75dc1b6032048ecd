"""Start, recover and stop one PostgreSQL server of our own.

A server found running on our data was left by a supervisor that was killed: it is stopped, and
what outlived it is ended, before a new one starts. Recovery after a kill may take minutes and is
waited for.
"""

import contextlib
import ctypes
import fcntl
import os
import secrets
import shutil
import signal
import socket  # noqa: TID251  # finds a free port on this machine
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from relief.integrations.postgres import places as layout
from relief.integrations.postgres import processes, settings

SUPERUSER = "postgres"
DATABASE = "relief"
RECOVERY_SECONDS = 600
LOG_LIMIT = 16 * 2**20
_PR_SET_PDEATHSIG = 1
_POLL_SECONDS = 0.03
_TELL_AFTER_SECONDS = 5.0

# Kept until the server ends: a forgotten Popen of a running process is a warning.
_children: dict[Path, "subprocess.Popen[bytes]"] = {}


class PostgresError(Exception):
    """The server could not be started; the message says why."""


class Server:
    """One server on one state folder.

    `tied` servers stop when the thread that started them ends, however it ends. `durable` False
    trades safety for speed, for tests; so does a `home` for the data that lies in memory. `tell`
    is told, in Chinese, when something takes long.
    """

    def __init__(
        self,
        state: Path,
        *,
        tied: bool = False,
        durable: bool = True,
        home: Path | None = None,
        tell: Callable[[str], None] = lambda _message: None,
    ) -> None:
        self.places = layout.places_for(state, home=home)
        self._tied = tied
        self._durable = durable
        self._tell = tell
        self._password = ""

    def start(self) -> str:
        """Start the server and return the superuser's URL of its database."""
        with _locked(self.places.state):
            self.places = layout.prepare(self.places)
            programs = layout.binaries(self.places.identity)
            self._password = self._read_password()
            self._clear_the_field()
            if not (self.places.data / "PG_VERSION").exists():
                self._create(programs)
            self._check_version(programs)
            port = self._launch(programs)
            self._ensure_database(port)
        return self.url(port)

    def stop(self) -> None:
        """Stop the server: connections are cut, everything committed is on disk."""
        with _locked(self.places.state):
            _stop(self.places.data, signal.SIGINT)

    def alive(self) -> bool:
        """Tell whether the server's process runs."""
        return processes.postmaster(self.places.data) is not None

    def url(self, port: int) -> str:
        """Return the superuser's address of the database."""
        return f"postgresql://{SUPERUSER}:{self._password}@127.0.0.1:{port}/{DATABASE}"

    def _read_password(self) -> str:
        file = self.places.state / "password"
        if not file.exists():
            self._set_aside()
            fresh = file.with_suffix(".new")
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(32))
            fresh.rename(file)
        return file.read_text("ascii").strip()

    def _set_aside(self) -> None:
        """Put data away that nobody has the password of: the state folder was deleted."""
        data = self.places.data
        if data.exists():
            _stop(data, signal.SIGINT)
            aside = data.with_name("data.old")
            shutil.rmtree(aside, ignore_errors=True)
            data.rename(aside)
            self._tell(f"发现没有密码的旧数据，已移到 {aside}")

    def _clear_the_field(self) -> None:
        data = self.places.data
        if processes.postmaster(data):
            self._tell("发现上次遗留的数据库进程，正在关闭……")
        _stop(data, signal.SIGINT)
        # Not ours any more, and its number may by now belong to another program of this user.
        (data / "postmaster.pid").unlink(missing_ok=True)

    def _create(self, programs: Path) -> None:
        # Beside its place and then moved: an interrupted initdb leaves nothing half done.
        fresh = self.places.home / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        pwfile = self.places.home / "pwfile"
        pwfile.unlink(missing_ok=True)
        pwfile.touch(mode=0o600)
        pwfile.write_text(self._password)
        if self.places.identity:
            os.chown(pwfile, self.places.identity.uid, self.places.identity.gid)
        command = [str(programs / "initdb"), "-D", str(fresh), "-U", "postgres", "-E", "UTF8"]
        # Under "C" Chinese text has no trigrams; the system's own locale may not exist.
        command += ["--locale=C.UTF-8", "--data-checksums", "-A", "scram-sha-256"]
        command += [f"--pwfile={pwfile}", "--no-instructions"]
        command += [] if self._durable else ["--no-sync"]
        try:
            done = subprocess.run(  # noqa: S603  # PostgreSQL's own
                command, check=False, capture_output=True, text=True, **self._as_service()
            )
        finally:
            pwfile.unlink(missing_ok=True)
        if done.returncode:
            message = f"initdb 失败：\n{done.stderr.strip()}"
            raise PostgresError(message)
        fresh.rename(self.places.data)

    def _check_version(self, programs: Path) -> None:
        told = subprocess.run(  # noqa: S603  # PostgreSQL's own
            [programs / "postgres", "--version"],
            check=True,
            capture_output=True,
            text=True,
            **self._as_service(),
        ).stdout
        major = told.split()[-1].split(".", 1)[0]
        data_major = (self.places.data / "PG_VERSION").read_text("ascii").strip()
        if major != data_major:
            message = (
                f"{self.places.data} 由 PostgreSQL {data_major} 建立，当前程序是 {major};"
                "请先用旧版本导出数据（见 docs/runbook.md）。"
            )
            raise PostgresError(message)

    def _launch(self, programs: Path) -> int:
        port = self._remembered_port()
        for _attempt in range(5):
            self._write_settings(port)
            process = self._spawn(programs)
            if self._wait_until_ready(process, port):
                (self.places.state / "port").write_text(str(port))
                return port
            # It ended. The port may have been taken between the look and the start.
            if _port_is_free(port):
                break
            port = _free_port()
        message = f"PostgreSQL 未能启动，日志 {self.places.log}:\n{self._log_tail()}"
        raise PostgresError(message)

    def _remembered_port(self) -> int:
        try:
            port = int((self.places.state / "port").read_text("ascii"))
        except (OSError, ValueError):
            return _free_port()
        return port if _port_is_free(port) else _free_port()

    def _write_settings(self, port: int) -> None:
        texts = {
            "postgresql.conf": settings.conf(settings.look(), port=port, durable=self._durable),
            "pg_hba.conf": settings.HBA,
        }
        for name, text in texts.items():
            file = self.places.data / name
            file.write_text(text, "utf-8")
            if self.places.identity:
                os.chown(file, self.places.identity.uid, self.places.identity.gid)

    def _spawn(self, programs: Path) -> "subprocess.Popen[bytes]":
        if self.places.log.exists() and self.places.log.stat().st_size > LOG_LIMIT:
            self.places.log.replace(self.places.log.with_suffix(".log.1"))
        with self.places.log.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603  # PostgreSQL's own
                [programs / "postgres", "-D", str(self.places.data)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in the terminal is ours to pass on
                preexec_fn=_stop_with_parent if self._tied else None,  # noqa: PLW1509  # one call
                **self._as_service(),
            )
        _children[self.places.data] = process
        return process

    def _wait_until_ready(self, process: "subprocess.Popen[bytes]", port: int) -> bool:
        began = time.monotonic()
        told = False
        while process.poll() is None:
            try:
                self._connect(port, "postgres").close()
            except psycopg.OperationalError:
                waited = time.monotonic() - began
                if waited > RECOVERY_SECONDS:
                    process.send_signal(signal.SIGINT)
                    return False
                if waited > _TELL_AFTER_SECONDS and not told:
                    told = True
                    self._tell("数据库正在恢复上次未写完的数据，可能需要几分钟……")
                time.sleep(_POLL_SECONDS)
            else:
                return True
        return False

    def _connect(self, port: int, database: str) -> "psycopg.Connection[Any]":
        return psycopg.connect(
            host="127.0.0.1",
            port=port,
            user=SUPERUSER,
            password=self._password,
            dbname=database,
            connect_timeout=5,
            autocommit=True,
        )

    def _ensure_database(self, port: int) -> None:
        with self._connect(port, "postgres") as connection:
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            if not connection.execute(query, [DATABASE]).rowcount:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    def _as_service(self) -> dict[str, Any]:
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.places.home),
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
        }
        options: dict[str, Any] = {"env": environment, "cwd": str(self.places.home)}
        if identity := self.places.identity:
            options |= {"user": identity.uid, "group": identity.gid, "extra_groups": []}
        return options

    def _log_tail(self) -> str:
        try:
            return "\n".join(self.places.log.read_text("utf-8", "replace").splitlines()[-8:])
        except OSError:
            return ""


def destroy(state: Path, home: Path | None = None) -> None:
    """End the server of a state folder at once and remove its data for ever (tests)."""
    places = layout.places_for(state, home=home)
    _stop(places.data, signal.SIGQUIT)
    shutil.rmtree(places.home, ignore_errors=True)
    shutil.rmtree(places.state, ignore_errors=True)


def _stop(data: Path, how: signal.Signals) -> None:
    if process := processes.postmaster(data):
        processes.end_postmaster(process, data, how=how)
    processes.end_orphans(data)
    if child := _children.pop(data, None):
        child.wait()


def _stop_with_parent() -> None:
    # Runs in the child between fork and exec, after the change of user, which would undo it.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextlib.contextmanager
def _locked(state: Path) -> Iterator[None]:
    state.mkdir(parents=True, exist_ok=True)
    with (state / "supervisor.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
