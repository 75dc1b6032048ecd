"""The child process that reads one file: it has limits, and no keys and no database.

A job comes in as one JSON object on standard input. Out go lines of JSON: the last is the
result, or the fault for which the file is refused.
"""

import json
import resource
import sys
import traceback
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TextIO, TypeVar

import duckdb
import pyarrow as pa

from relief.registry.intake import guard, layouts
from relief.registry.intake.csv_table import CsvTable
from relief.registry.intake.errors import FileFault, UnreadableFile
from relief.registry.intake.layouts import Match
from relief.registry.intake.limits import Limits
from relief.registry.intake.normalise import Normaliser
from relief.registry.intake.regions import RegionRow, Regions, Zone
from relief.registry.intake.tabular import Table
from relief.registry.intake.xlsx_table import open_sheets

M = TypeVar("M")


def main(
    source: TextIO, target: TextIO
) -> None:  # pragma: no cover  # limits hold for the whole process, so tests call `run`
    """Limit this process, do the job, tell the result."""
    job = json.load(source)
    limits = Limits(**job["limits"])
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    json.dump(run(job), target)


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Do one job and return its result: what was found, or `fault` and `message`."""
    return guarded(_read, job)


def guarded(
    work: Callable[[dict[str, Any], dict[str, Any]], None], job: dict[str, Any]
) -> dict[str, Any]:
    """Let `work` fill in what it finds; return that, with `fault` and `message` if it failed."""
    found: dict[str, Any] = {}
    try:
        work(job, found)
    except UnreadableFile as error:
        return {**found, "fault": error.fault.value, "message": error.message}
    except (MemoryError, duckdb.OutOfMemoryException, pa.ArrowMemoryError):
        return {
            "fault": FileFault.TOO_LARGE.value,
            "message": "文件内容过多，超过读取时的内存上限，请拆分后导入。",
        }
    except Exception as error:  # noqa: BLE001  # a bug of ours is told without any value
        lines = traceback.extract_tb(error.__traceback__)
        return {
            "fault": FileFault.READER_FAILED.value,
            "message": "读取文件时出现意外错误，请联系系统管理员。",
            "trace": [type(error).__name__, *(f"{x.filename}:{x.lineno} {x.name}" for x in lines)],
        }
    return found


def _read(job: dict[str, Any], found: dict[str, Any]) -> None:
    """Fill in what is found, so that a refused file has its scheme if that is known."""
    limits = Limits(**job["limits"])
    table, match = open_table(
        Path(job["path"]), job["scheme"], limits, delimiter=job.get("delimiter")
    )
    found |= {"scheme": match.layout.scheme, "layout": match.layout.id}
    regions = Regions(
        (RegionRow(*row) for row in job["regions"]), (Zone(*zone) for zone in job["zones"])
    )
    normaliser = Normaliser(
        match,
        regions,
        today=date.fromisoformat(job["today"]),
        folder=Path(job["folder"]),
        limits=limits,
        expected_rows=job.get("expected_rows"),
    )
    counts = normaliser.run(table)
    found |= {"received": counts.received, "rejected": counts.rejected}


def open_table(
    path: Path, scheme: str | None, limits: Limits, *, delimiter: str | None = None
) -> tuple[Table, Match]:
    """Open the one table in a file that has a layout. Raises UnreadableFile.

    `delimiter`: of the CSV that it is known to be; else it is told by what stands in the file.
    """
    return open_with(path, limits, lambda rows: layouts.find(rows, scheme), delimiter=delimiter)


def open_with(
    path: Path,
    limits: Limits,
    find: Callable[[Sequence[Sequence[str]]], M],
    *,
    delimiter: str | None = None,
) -> tuple[Table, M]:
    """Open the one table in a file of which `find` finds the layout. Raises UnreadableFile."""
    kind = guard.kind_of(path, limits)
    tables: list[Table] = []
    if kind == guard.XLSX:
        tables.extend(open_sheets(path, limits))
    else:
        tables.append(CsvTable(path, limits, delimiter=delimiter))
    found: list[tuple[Table, M]] = []
    faults: list[UnreadableFile] = []
    for table in tables:
        try:
            found.append((table, find(table.first_rows(limits.heading_rows))))
        except UnreadableFile as error:
            faults.append(error)
    if len(found) > 1:
        message = f"有 {len(found)} 个工作表都含有数据，请每个文件只保留一个工作表。"
        raise UnreadableFile(FileFault.SEVERAL_SHEETS, message)
    if not found:
        raise faults[0] if faults else UnreadableFile(FileFault.EMPTY, "工作簿里没有任何内容。")
    return found[0]


if __name__ == "__main__":  # pragma: no cover  # as `main`
    main(sys.stdin, sys.stdout)
