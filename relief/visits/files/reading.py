"""The child process that reads one file of assignments: no keys, no database, limits.

A job comes in as one JSON object; the result goes out as another, with the texts of every row.
"""

import json
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from relief.registry.intake import faults, tabular, values
from relief.registry.intake.child import guarded, open_with
from relief.registry.intake.limits import Limits
from relief.registry.intake.tabular import Table
from relief.visits.files import columns
from relief.visits.files.columns import Found


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
    """Do one job and return its result: `rows` and `odd`, or `fault` and `message`."""
    return guarded(_read, job)


def _read(job: dict[str, Any], found: dict[str, Any]) -> None:
    limits = Limits(**job["limits"])
    table, heads = open_with(Path(job["path"]), limits, columns.find)
    rows = []
    for row in _rows(table, heads):
        rows.append(row)
        tabular.check_row_count(len(rows), limits)
    found["rows"] = rows
    found["odd"] = [
        [row.number, faults.cell_count(len(row.cells), heads.width).reason]
        for row in table.odd_rows()
        if any(values.clean(cell) for cell in row.cells)
    ]


def _rows(table: Table, heads: Found) -> Iterator[dict[str, Any]]:
    """Yield the number and the texts of each row that is not empty."""
    for batch in table.batches(heading_row=heads.row, width=heads.width):
        for cells in batch.to_pylist():
            said = {
                field: values.clean(cells[f"c{place}"] or "")
                for field, place in heads.places.items()
            }
            if any(said.values()):
                yield {"row": cells[tabular.ROW_NUMBER], **said}


if __name__ == "__main__":  # pragma: no cover  # as `main`
    main(sys.stdin, sys.stdout)
