"""A large list taken away as a file: how long the worker needs, and how much memory."""

import time
from typing import Any

import psutil

from devtools.bench.load import BadAnswer, Client

_PURPOSE = "recheck"
_POLL_SECONDS = 0.2
_LIMIT_SECONDS = 600


def measure(
    port: int, username: str, password: str, *, worker: psutil.Process
) -> dict[str, dict[str, Any]]:
    """Ask for everything as CSV and as XLSX; return seconds, rows and what the worker needed.

    `seconds` runs from the question to the file that may be fetched; `more_mb` is how much the
    worker's memory grew above what it had before.
    """
    return {form: _one(port, username, password, form, worker) for form in ("csv", "xlsx")}


def _one(
    port: int, username: str, password: str, form: str, worker: psutil.Process
) -> dict[str, Any]:
    client = Client(port, username, password)  # signed in anew: an export asks for that
    before, peak = _megabytes(worker), 0
    started = time.perf_counter()
    asked = client.ask(("POST", "/v1/exports", {"form": form, "purpose": _PURPOSE}))
    while (told := client.ask(("GET", f"/v1/exports/{asked['id']}", None)))["status"] != "ready":
        peak = max(peak, _megabytes(worker))
        if told["status"] == "failed" or time.perf_counter() - started > _LIMIT_SECONDS:
            message = f"the export was not made: {told}"
            raise BadAnswer(message)
        time.sleep(_POLL_SECONDS)
    seconds = time.perf_counter() - started
    client.close()
    return {
        "seconds": round(seconds, 1),
        "rows": told["row_count"],
        "more_mb": max(peak - before, 0),
    }


def _megabytes(process: psutil.Process) -> int:
    tree = [process, *process.children(recursive=True)]
    return sum(int(one.memory_info().rss) for one in tree) // 2**20
