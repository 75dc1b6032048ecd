"""Runs a command as a whole process tree, and notes its time and the memory it needed."""

import json
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psutil

_SAMPLE_SECONDS = 0.1


class CommandFailed(Exception):
    """A measured command did not end well; the message holds what it said last."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Wall time, peak of the resident memory of the whole tree, and the JSON it printed."""

    seconds: float
    peak_mb: int
    answer: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return the figures without the answer."""
        return {"seconds": round(self.seconds, 2), "peak_mb": self.peak_mb}


def run(command: Sequence[str], env: Mapping[str, str]) -> Measured:
    """Run a command that prints one JSON object. Raises CommandFailed."""
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603  # our own commands
        command, env=dict(env), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    watch = _Watch(process.pid)
    watch.start()
    out, errors = process.communicate()
    seconds = time.perf_counter() - started
    watch.stop()
    if process.returncode:
        message = f"{' '.join(command)}: {errors[-2000:]}"
        raise CommandFailed(message)
    answer = json.loads(out) if out.strip().startswith("{") else {}
    return Measured(seconds, watch.peak // 2**20, answer)


class _Watch(threading.Thread):
    """Adds up the memory of a process and its children, ten times a second."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.peak = 0
        self._ended = threading.Event()

    def run(self) -> None:
        """Sample until stopped or the process is gone."""
        while not self._ended.wait(_SAMPLE_SECONDS):
            try:
                root = psutil.Process(self.pid)
                tree = [root, *root.children(recursive=True)]
            except psutil.NoSuchProcess:
                return
            self.peak = max(self.peak, sum(map(_resident, tree)))

    def stop(self) -> None:
        """End the sampling."""
        self._ended.set()
        self.join()


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0
