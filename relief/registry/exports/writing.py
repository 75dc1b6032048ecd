"""Writes a list into a file, row by row: memory does not grow with the list.

The watermark says who took the list, when and what for. It is the first line of every table, and
the footer and the properties of a workbook. No cell acts as a formula.
"""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol, TextIO

import xlsxwriter

from relief.core.cells import guarded, safe_row
from relief.core.clock import CHINA
from relief.registry.types import ExportForm

MEDIA_TYPES = {
    ExportForm.CSV: "text/csv; charset=utf-8",
    ExportForm.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# Headings, each with its width in characters.
COLUMNS = (
    ("户编号", 16),
    ("户主", 12),
    ("人口", 6),
    ("所在区划", 30),
    ("住址", 44),
    ("联系电话", 14),
    ("困难类别", 14),
    ("在册项目", 30),
)
SHEET_ROWS = 1_048_576 - 2  # what a sheet holds below the watermark and the headings
_LONGEST_FOOTER = 240  # a workbook takes 255 characters, with the marks of its place


Row = Sequence[str | int]


class Table(Protocol):
    """What rows are written to."""

    def write(self, row: Row) -> None:
        """Add one row."""


@contextmanager
def table(
    path: Path,
    form: ExportForm,
    *,
    watermark: str,
    author: str,
    now: datetime,
    sheet_rows: int = SHEET_ROWS,
) -> Iterator[Table]:
    """Give an open table with watermark and headings; it is whole when the block has ended."""
    if form is ExportForm.CSV:
        # With the mark by which spreadsheets know UTF-8.
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            yield _Csv(file, watermark)
        return
    book = xlsxwriter.Workbook(
        str(path),
        {
            "constant_memory": True,
            "tmpdir": str(path.parent),
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties(
        {
            "title": "困难户名单",
            "author": author,
            "comments": watermark,
            "created": now.astimezone(CHINA).replace(tzinfo=None),
        }
    )
    try:
        yield _Xlsx(book, watermark, sheet_rows)
    finally:
        book.close()  # else its rows stay in open files


class _Csv:
    def __init__(self, file: TextIO, watermark: str) -> None:
        self._writer = csv.writer(file, lineterminator="\r\n")
        self._writer.writerow([guarded(watermark)])
        self._writer.writerow([heading for heading, _ in COLUMNS])

    def write(self, row: Row) -> None:
        self._writer.writerow(safe_row(row))


class _Xlsx:
    def __init__(self, book: xlsxwriter.Workbook, watermark: str, sheet_rows: int) -> None:
        self._book, self._watermark, self._sheet_rows = book, watermark, sheet_rows
        self._bold = book.add_format({"bold": True})
        self._at = self._left = 0
        self._begin_sheet()

    def write(self, row: Row) -> None:
        if not self._left:
            self._begin_sheet()
        for column, cell in enumerate(safe_row(row)):
            if isinstance(cell, int):
                self._sheet.write_number(self._at, column, cell)
            else:
                self._sheet.write_string(self._at, column, cell)
        self._at, self._left = self._at + 1, self._left - 1

    def _begin_sheet(self) -> None:
        number = len(self._book.worksheets()) + 1
        self._sheet = self._book.add_worksheet("名单" if number == 1 else f"名单{number}")
        # In a footer & begins a command.
        footer = self._watermark[:_LONGEST_FOOTER].replace("&", "＆")
        self._sheet.set_footer(f"&L{footer}")
        for column, (_, width) in enumerate(COLUMNS):
            self._sheet.set_column(column, column, width)
        self._sheet.freeze_panes(2, 0)
        self._sheet.write_string(0, 0, guarded(self._watermark))
        for column, (heading, _) in enumerate(COLUMNS):
            self._sheet.write_string(1, column, heading, self._bold)
        self._at, self._left = 2, self._sheet_rows
