"""Has a child process read a file, and takes what it found."""

import dataclasses
import json
import logging
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import relief
from relief.registry.intake import child
from relief.registry.intake.errors import FileFault
from relief.registry.intake.limits import Limits
from relief.registry.intake.places import Places

logger = logging.getLogger(__name__)

_ROOT = Path(relief.__file__).resolve().parents[1]
# -I keeps the environment and the working folder out of the child's imports; so it must be
# told where the program is.
_BOOT = (
    "import importlib, sys; root, module = sys.argv[1:]; sys.path.insert(0, root);"
    " importlib.import_module(module).main(sys.stdin, sys.stdout)"
)
_READER = "relief.registry.intake.child"
_FAILED = "读取文件时超出了内存上限或内容已损坏，请检查文件，或拆分后导入。"
_TOO_LONG = "读取文件用时过长，已停止，请拆分后导入。"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the child found in a file; the rows are Parquet files in `folder`."""

    folder: Path
    scheme: str | None
    layout: str | None
    received: int
    rejected: int
    fault: str | None


def read(
    path: Path,
    *,
    scheme: str | None,
    places: Places,
    today: date,
    folder: Path,
    limits: Limits,
    expected_rows: int | None = None,
    is_ours: bool = False,
) -> Reading:
    """Read one file in a child process with limits, without keys and without a database.

    `expected_rows`: how many rows the sender says there are; a file with others is refused.
    `is_ours`: this program wrote it, and it is short; no child is started for it.
    """
    job = {
        "path": str(path.resolve()),
        "scheme": scheme,
        "folder": str(folder),
        "today": today.isoformat(),
        "regions": places.regions,
        "zones": places.zones,
        "expected_rows": expected_rows,
        "delimiter": "," if is_ours else None,
        "limits": dataclasses.asdict(limits),
    }
    if is_ours:
        result = _without_trace(child.run(job))
    else:
        result = run_child(_READER, job, folder=folder, limits=limits)
    return Reading(
        folder=folder,
        scheme=result.get("scheme") or scheme,
        layout=result.get("layout"),
        received=result.get("received", 0),
        rejected=result.get("rejected", 0),
        fault=result.get("message"),
    )


def run_child(module: str, job: dict[str, Any], *, folder: Path, limits: Limits) -> dict[str, Any]:
    """Run one job in a child process and return its result, or a fault in its place."""
    try:
        process = subprocess.run(  # noqa: S603  # our own interpreter and module
            [sys.executable, "-I", "-c", _BOOT, str(_ROOT), module],
            check=False,
            input=json.dumps(job),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # an exception's text may hold what stands in a cell
            env=_environment(folder),
            cwd=folder,
            text=True,
            timeout=limits.wall_seconds,
        )
    except subprocess.TimeoutExpired:
        return _fault(FileFault.TOOK_TOO_LONG, _TOO_LONG)
    if process.returncode == -signal.SIGXCPU:
        return _fault(FileFault.TOOK_TOO_LONG, _TOO_LONG)
    if process.returncode != 0:
        logger.warning("a reader ended badly", extra={"code": process.returncode})
        return _fault(FileFault.READER_FAILED, _FAILED)
    return _without_trace(json.loads(process.stdout.splitlines()[-1]))


def _without_trace(result: dict[str, Any]) -> dict[str, Any]:
    if trace := result.pop("trace", None):
        logger.error("a reader failed", extra={"trace": trace})
    return result


def _fault(fault: FileFault, message: str) -> dict[str, Any]:
    return {"fault": fault.value, "message": message}


def _environment(folder: Path) -> dict[str, str]:
    """Return the child's environment: nothing of ours, above all no keys and no address."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "TMPDIR": str(folder),
        "HOME": str(folder),
        # One heap instead of one for each thread: the limit counts addresses, not use.
        "MALLOC_ARENA_MAX": "2",
        "OMP_NUM_THREADS": "1",
    }
