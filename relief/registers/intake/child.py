"""The child process that reads one file of a register: no keys, no database, limits.

A job comes in as one JSON object on standard input; the result goes out as another, and the
entries and rejected rows as Parquet files into the job's folder.
"""

import json
import resource
import sys
from datetime import date
from pathlib import Path
from typing import Any, TextIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from relief.registers.intake import layouts
from relief.registers.intake.describing import Describer
from relief.registers.types import Content, Register
from relief.registry.intake import faults, row_counts, tabular, values
from relief.registry.intake.child import guarded, open_with
from relief.registry.intake.errors import FileFault, UnreadableFile
from relief.registry.intake.faults import Fault
from relief.registry.intake.layouts import Match
from relief.registry.intake.limits import Limits
from relief.registry.intake.regions import RegionRow, Regions, Zone
from relief.registry.intake.tabular import Table

ENTRIES, REJECTS = "entries.parquet", "rejects.parquet"
REPEATED_ENTRY = "repeated_entry"
_REJECT_FORM = pa.schema(
    [
        ("row_number", pa.int32()),
        ("column", pa.string()),
        ("code", pa.string()),
        ("reason", pa.string()),
    ]
)


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


def _read(job: dict[str, Any], found: dict[str, Any]) -> None:
    """Fill in what is found, so that a refused file has its register if that is known."""
    limits = Limits(**job["limits"])
    wanted = Register(job["register"]) if job["register"] else None
    table, match = open_with(Path(job["path"]), limits, lambda rows: layouts.find(rows, wanted))
    layout = layouts.load_all()[match.layout.name]
    found |= {"layout": match.layout.name}
    rows = _rows(table, match)
    odd = [
        (row.number, faults.cell_count(len(row.cells), len(match.headings)))
        for row in table.odd_rows()
        if any(values.clean(cell) for cell in row.cells)
        and not row_counts.is_totals(row.cells, match.layout.totals_row)
    ]
    rows, said = _without_totals(rows, match)
    said = row_counts.in_odd_rows(table.odd_rows(), match.layout.totals_row) or said
    received = rows.num_rows + len(odd)
    row_counts.check(received, said=said, expected=job["expected_rows"])
    regions = Regions(
        (RegionRow(*row) for row in job["regions"]), (Zone(*zone) for zone in job["zones"])
    )
    describer = Describer(match, layout, regions, date.fromisoformat(job["today"]))
    entries, fault = describer.entries(rows)
    known = describer.faults.known
    numbers = rows.column(tabular.ROW_NUMBER).to_pylist()
    bad = [(numbers[place], known[fault[place] - 1]) for place in fault.nonzero()[0]]
    entries = entries.filter(pa.array(fault == 0))
    if layout.content is Content.WHOLE:
        entries, again = _without_repeated(entries)
        bad.extend(again)
    found |= {
        "received": received,
        "rejected": len(odd) + len(bad),
        "data_on": _data_day(entries, match, layout.content).isoformat(),
    }
    folder = Path(job["folder"])
    pq.write_table(describer.of_both(entries.drop_columns(["data_on"])), folder / ENTRIES)
    pq.write_table(_rejects([*odd, *bad]), folder / REJECTS)


def _rows(table: Table, match: Match) -> pa.Table:
    """Return the fields' texts of every row that is not empty, and all its text as `whole`."""
    width = len(match.headings)
    batches = list(table.batches(heading_row=match.heading_row, width=width))
    read = pa.Table.from_batches(batches, tabular.schema(width))
    cells = [read.column(f"c{place}") for place in range(width)]
    whole = pc.binary_join_element_wise(*cells, "")
    names, columns = ["whole", "first", tabular.ROW_NUMBER], [whole, cells[0], read.column(0)]
    for name, place in match.places.items():
        names.append(name)
        columns.append(cells[place])
    made = pa.Table.from_arrays(columns, names=names)
    return made.filter(pc.not_equal(pc.utf8_trim_whitespace(whole), ""))


def _without_totals(rows: pa.Table, match: Match) -> tuple[pa.Table, row_counts.Said | None]:
    """Leave out the rows of totals at the end; tell how many rows they speak of."""
    said = None
    while rows.num_rows:
        [last] = rows.slice(rows.num_rows - 1).to_pylist()
        if not row_counts.is_totals([last["first"], last["whole"]], match.layout.totals_row) and (
            not row_counts.is_totals([last["whole"]], None)
        ):
            break
        row = tabular.OddRow(last[tabular.ROW_NUMBER], (last["whole"],))
        said = said or row_counts.in_odd_rows([row], None)
        rows = rows.slice(0, rows.num_rows - 1)
    return rows, said


def _without_repeated(entries: pa.Table) -> tuple[pa.Table, list[tuple[int, Fault]]]:
    """Keep the first row of each thing: a whole register tells of a thing once."""
    first: dict[str, int] = {}
    kept, again = [], []
    for key, number in zip(
        entries.column("entry_key").to_pylist(),
        entries.column("row_number").to_pylist(),
        strict=True,
    ):
        earlier = first.setdefault(key, number)
        kept.append(earlier == number)
        if earlier != number:
            reason = f"与第 {earlier} 行是同一项登记。"
            again.append((number, Fault(None, REPEATED_ENTRY, reason)))
    return entries.filter(pa.array(kept, pa.bool_())), again


def _data_day(entries: pa.Table, match: Match, content: Content) -> date:
    """Return the day of the file. Raises UnreadableFile where it has none, or a whole one has two.

    An empty whole register would say that nobody is in it; that is taken for a mistake.
    """
    days = pc.unique(entries.column("data_on")).to_pylist()
    heading = match.heading_of("data_on")
    if not days:
        message = f"没有能够入库的行，无法从“{heading}”得知数据日期。"
        raise UnreadableFile(FileFault.NO_DATA_DATE, message)
    if content is Content.WHOLE and len(days) > 1:
        message = f"“{heading}”有 {len(days)} 个不同的日期，一份完整的登记数据只能是同一天的。"
        raise UnreadableFile(FileFault.SEVERAL_DATES, message)
    newest: date = max(days)
    return newest


def _rejects(rows: list[tuple[int, Fault]]) -> pa.Table:
    rows.sort(key=lambda row: row[0])
    return pa.Table.from_pylist(
        [
            {"row_number": number, "column": fault.column, "code": fault.code,
             "reason": fault.reason}
            for number, fault in rows
        ],
        schema=_REJECT_FORM,
    )  # fmt: skip


if __name__ == "__main__":  # pragma: no cover  # as `main`
    main(sys.stdin, sys.stdout)
