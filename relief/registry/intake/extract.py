"""The child process that takes the rejected rows out of an original file.

It writes them in the file's own form: title rows, headings in the same order, the same
encoding, and behind the last column why each row came back.
"""

import csv
import json
import resource
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, TextIO

import pyarrow.parquet as pq
import xlsxwriter

from relief.core.cells import safe_row
from relief.registry.intake import layouts
from relief.registry.intake.child import open_table
from relief.registry.intake.csv_table import CsvTable
from relief.registry.intake.layouts import REASON_HEADING, Match, heading_key
from relief.registry.intake.limits import Limits
from relief.registry.intake.tabular import Table
from relief.registry.intake.xlsx_table import Cell, XlsxTable

WANTED = "wanted.parquet"
RESULT = "rejected"
_BOM = b"\xef\xbb\xbf"
_FIRST_DAY = date(1900, 3, 1)  # before it, spreadsheets disagree about days
_KEY = heading_key(REASON_HEADING)


def main(source: TextIO, target: TextIO) -> None:  # pragma: no cover  # as in child
    """Limit this process, do the job, tell that it is done."""
    job = json.load(source)
    limits = Limits(**job["limits"])
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 5))
    json.dump(run(job), target)


def run(job: Mapping[str, Any]) -> dict[str, Any]:
    """Write the file named `rejected` in the job's folder."""
    table, match = open_table(Path(job["path"]), job["scheme"], Limits(**job["limits"]))
    return write(table, match, Path(job["folder"]))


def write(table: Table, match: Match, folder: Path) -> dict[str, Any]:
    """Write the rows of a table that the folder's `WANTED` names, with their reasons."""
    wanted = pq.read_table(folder / WANTED)
    reasons = dict(
        zip(
            wanted.column("row_number").to_pylist(),
            wanted.column("reason").to_pylist(),
            strict=True,
        )
    )
    if isinstance(table, CsvTable):
        _write_csv(table, _csv_rows(table), match, reasons, folder / RESULT)
    elif isinstance(table, XlsxTable):
        _write_xlsx(_chosen(table.raw_rows(), match, reasons), folder / RESULT)
    return {}


def _chosen(
    rows: Iterator[Sequence[Cell]], match: Match, reasons: Mapping[int, str]
) -> Iterator[list[Cell]]:
    """Yield the title rows, the headings and the rejected rows, with their reasons."""
    # A file that came back once has the column already; its old reasons go.
    kept = [place for place, text in enumerate(match.headings) if heading_key(text) != _KEY]
    for number, row in enumerate(rows, start=1):
        if number < match.heading_row:
            yield list(row)
        elif number == match.heading_row:
            yield [*(match.headings[place] for place in kept), REASON_HEADING]
        elif number in reasons:
            yield [*_cells(row, kept, len(match.headings)), reasons[number]]


def _cells(row: Sequence[Cell], kept: Sequence[int], width: int) -> list[Cell]:
    return [*(row[place] if place < len(row) else "" for place in kept), *row[width:]]


def _csv_rows(table: CsvTable) -> Iterator[list[str]]:
    with table.path.open(encoding=table.encoding, newline="") as file:
        yield from csv.reader(file, delimiter=table.delimiter)


def _write_csv(
    table: CsvTable,
    rows: Iterator[Sequence[Cell]],
    match: Match,
    reasons: Mapping[int, str],
    target: Path,
) -> None:
    with table.path.open("rb") as original:
        has_mark = original.read(len(_BOM)) == _BOM
    encoding = "utf-8" if table.encoding == "utf-8-sig" and not has_mark else table.encoding
    with target.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=table.delimiter, lineterminator="\r\n")
        writer.writerows(safe_row(row) for row in _chosen(rows, match, reasons))


def _write_xlsx(rows: Iterator[Sequence[Cell]], target: Path) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(target), options) as book:
        sheet = book.add_worksheet(layouts.SHEET_NAME)
        form = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(rows):
            for place, cell in enumerate(safe_row(row)):
                _write_cell(sheet, form, number, place, cell)


def _write_cell(sheet: Any, form: Any, row: int, place: int, cell: Cell) -> None:
    if isinstance(cell, str):
        sheet.write_string(row, place, cell)
    elif isinstance(cell, bool | int | float):
        sheet.write(row, place, cell)
    elif isinstance(cell, datetime | date) and _day_of(cell) >= _FIRST_DAY:
        sheet.write_datetime(row, place, cell, form)
    else:
        sheet.write_string(row, place, str(cell))


def _day_of(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
