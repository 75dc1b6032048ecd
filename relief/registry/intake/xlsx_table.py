"""Workbooks, one sheet at a time."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path

import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from relief.registry.intake import tabular, workbook_guard
from relief.registry.intake.errors import FileFault, UnreadableFile
from relief.registry.intake.limits import Limits
from relief.registry.intake.tabular import OddRow

_CHUNK_ROWS = 20_000
_EXACT = 10**15
Cell = str | float | bool | date | datetime | time | timedelta


def open_sheets(path: Path, limits: Limits) -> list["XlsxTable"]:
    """Return the sheets that are to be seen and hold something. Raises UnreadableFile."""
    workbook_guard.check(path, limits)
    try:
        book = CalamineWorkbook.from_path(str(path))
        sheets = [
            book.get_sheet_by_name(sheet.name)
            for sheet in book.sheets_metadata
            if sheet.visible == SheetVisibleEnum.Visible
        ]
    except CalamineError:
        raise UnreadableFile(FileFault.BROKEN_WORKBOOK, workbook_guard.BROKEN) from None
    return [XlsxTable(sheet, limits) for sheet in sheets if sheet.height]


class XlsxTable:
    """One sheet. Calamine has it in memory, 1 kB a row; we take it out in chunks."""

    def __init__(self, sheet: CalamineSheet, limits: Limits) -> None:
        tabular.check_row_count(sheet.total_height, limits)
        tabular.check_width(sheet.width, limits)
        self.name = sheet.name
        self._sheet, self._limits = sheet, limits

    def first_rows(self, count: int) -> list[list[str]]:
        """Return the first rows."""
        return [[cell_text(cell) for cell in row] for row in islice(self.raw_rows(), count)]

    def raw_rows(self) -> Iterator[Sequence[Cell]]:
        """Yield every row from the sheet's first, in its own types."""
        return iter(self._sheet.iter_rows())

    def batches(self, *, heading_row: int, width: int) -> Iterator[pa.RecordBatch]:
        """Yield the rows below the headings. Raises UnreadableFile."""
        rows = islice(self.raw_rows(), heading_row, None)
        number = heading_row + 1
        form = tabular.schema(width)
        while chunk := list(islice(rows, _CHUNK_ROWS)):
            columns = [_column(cells) for cells in zip(*chunk, strict=True)]
            tabular.check_cells(columns, number, self._limits)
            numbers = pa.array(range(number, number + len(chunk)), pa.int32())
            yield pa.RecordBatch.from_arrays([numbers, *columns[:width]], schema=form)
            number += len(chunk)

    def odd_rows(self) -> Sequence[OddRow]:
        """Return nothing: every row of a sheet has the same cells."""
        return ()


def _column(cells: Sequence[Cell]) -> pa.Array:
    try:
        return pa.array(cells, pa.string())
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return pa.array([cell_text(cell) for cell in cells], pa.string())


def cell_text(cell: Cell) -> str:
    """Return a cell as text: numbers without a needless point, days in the ISO form."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float) and cell.is_integer():
        # Beyond 15 digits a spreadsheet has made the rest up: never tell it as a number.
        return str(int(cell)) if abs(cell) < _EXACT else f"{cell:.14E}"
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)
