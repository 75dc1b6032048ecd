"""The processes that `relief run` starts, watches and stops."""

import http.client  # noqa: TID251  # asks its own children how they are
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from multiprocessing import get_context
from multiprocessing.context import ForkProcess
from pathlib import Path

from relief.core.processes import end_with

MAX_RESTARTS = 5
RESTART_WINDOW_SECONDS = 60.0
STOP_SECONDS = 15.0
START_SECONDS = 90.0
POLL_SECONDS = 0.1
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ChildFailed(Exception):
    """A process could not be kept running; the message says which, and where its log is."""


@dataclass
class Child:
    """One process in a group of its own, so that what it starts ends with it.

    It is forked and not started anew: the libraries are loaded once, and their memory shared.
    """

    name: str
    port: int
    work: Callable[[], None]
    log: Path
    health: str = "/healthz"
    process: "ForkProcess | None" = None
    deaths: list[float] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, at_fork: Callable[[], None]) -> None:
        """Start the process; its output goes to its log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.process = get_context("fork").Process(
            target=_live, args=(self.work, self.log, at_fork, os.getpid()), name=self.name
        )
        # A signal between fork and the child's own handlers would be taken by ours, and lost.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            self.process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def ended(self) -> bool:
        """Tell whether the process has ended."""
        return self.process is None or not self.process.is_alive()

    def healthy(self) -> bool:
        """Tell whether the process answers that it is well."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)  # noqa: TID251
        try:
            connection.request("GET", self.health)
            return connection.getresponse().status == HTTPStatus.OK
        except (OSError, http.client.HTTPException):  # noqa: TID251
            return False
        finally:
            connection.close()

    def signal_group(self, number: signal.Signals) -> None:
        """Send a signal to the process and all that it started."""
        if self.process is not None and self.process.pid is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                if self.process.is_alive():  # it has not made its group yet
                    os.kill(self.process.pid, number)

    def stop(self, deadline: float) -> None:
        """Wait until the process has ended, and kill what is left of its group."""
        if self.process is None:
            return
        self.process.join(max(0.0, deadline - time.monotonic()))
        self.signal_group(signal.SIGKILL)
        self.process.join()


def _live(work: Callable[[], None], log: Path, at_fork: Callable[[], None], parent: int) -> None:
    """Be a child: a group, an output and signals of its own, and an end with the parent."""
    os.setsid()
    end_with(parent)
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    at_fork()
    with log.open("ab") as out:
        os.dup2(out.fileno(), sys.stdout.fileno())
        os.dup2(out.fileno(), sys.stderr.fileno())
    work()


@dataclass
class Family:
    """All children; either all run, or the reason is told and all are stopped."""

    children: Sequence[Child]
    at_fork: Callable[[], None]
    tell: Callable[[str], None]
    stopping: bool = False

    def start(self) -> None:
        """Start all and wait until each says that it is well. Raises ChildFailed."""
        for child in self.children:
            child.start(self.at_fork)
        deadline = time.monotonic() + START_SECONDS
        waiting = list(self.children)
        while waiting and not self.stopping:
            self.check()
            waiting = [child for child in waiting if not child.healthy()]
            if waiting and time.monotonic() > deadline:
                raise ChildFailed(_reason(waiting[0], "没有在规定时间内就绪"))
            time.sleep(POLL_SECONDS if waiting else 0)

    def watch(self) -> None:
        """Return when someone asked to stop. Raises ChildFailed when one dies too often."""
        while not self.stopping:
            self.check()
            time.sleep(POLL_SECONDS)

    def check(self) -> None:
        """Start again what has died. Raises ChildFailed if that does not help."""
        for child in self.children:
            if child.ended() and not self.stopping:
                now = time.monotonic()
                child.deaths = [at for at in child.deaths if now - at < RESTART_WINDOW_SECONDS]
                child.deaths.append(now)
                child.signal_group(signal.SIGKILL)
                if len(child.deaths) > MAX_RESTARTS:
                    raise ChildFailed(_reason(child, "反复退出"))
                self.tell(f"进程 {child.name} 意外退出，正在重新启动（第 {len(child.deaths)} 次）")
                child.start(self.at_fork)

    def stop(self) -> None:
        """Ask all to stop together; what has not after a while is killed."""
        self.stopping = True
        for child in self.children:
            child.signal_group(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for child in self.children:
            child.stop(deadline)


def _reason(child: Child, what: str) -> str:
    try:
        tail = child.log.read_text("utf-8", "replace").splitlines()[-6:]
    except OSError:
        tail = []
    return "\n".join([f"进程 {child.name}（端口 {child.port}）{what}，日志 {child.log}：", *tail])
