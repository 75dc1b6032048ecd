"""Which processes belong to a data folder. A process id alone is never believed."""

import contextlib
import signal
import time
from pathlib import Path

import psutil

_POLL_SECONDS = 0.02
STOP_SECONDS = 60.0


def postmaster(data: Path) -> psutil.Process | None:
    """Return the server that runs on `data`, if its process id and its command agree."""
    try:
        pid = int((data / "postmaster.pid").read_text("utf-8").split("\n", 1)[0])
        process = psutil.Process(pid)
    except (OSError, ValueError, psutil.NoSuchProcess):
        return None
    return process if is_postmaster(process, data) else None


def is_postmaster(process: psutil.Process, data: Path) -> bool:
    """Tell whether this process is `postgres -D data`, and not one that got its number."""
    try:
        command = process.cmdline()
        alive = process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
    return alive and bool(command) and Path(command[0]).name == "postgres" and str(data) in command


def orphans(data: Path) -> list[psutil.Process]:
    """Return the server processes that work inside `data`: all of them chdir there."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.name() == "postgres" and process.cwd() == str(data):
                found.append(process)
    return found


def end_orphans(data: Path, *, seconds: float = 20) -> int:
    """Kill what a killed server left behind, or its shared memory blocks the next start.

    Returns how many there were.
    """
    count = 0
    deadline = time.monotonic() + seconds
    while (left := orphans(data)) and time.monotonic() < deadline:
        count += len(left)
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(left, timeout=1)
    return count


def end_postmaster(process: psutil.Process, data: Path, *, how: signal.Signals) -> None:
    """Ask a server to stop and wait for it; what does not stop in time is killed.

    SIGINT: fast, clients are cut off. SIGQUIT: at once, the next start recovers.
    """
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(how)
    if not _gone(process, data, seconds=STOP_SECONDS):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
        _gone(process, data, seconds=5)
    end_orphans(data)


def _gone(process: psutil.Process, data: Path, *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while is_postmaster(process, data):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
