"""What CSV files and workbooks have in common when they are read.

Rows are counted as a spreadsheet shows them: a line break inside a cell starts no new row,
and an empty row counts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from relief.registry.intake.errors import FileFault, UnreadableFile
from relief.registry.intake.limits import Limits

ROW_NUMBER = "row_number"
_BYTES_OF_CHARACTER = 4


@dataclass(frozen=True, slots=True)
class OddRow:
    """A row with more or fewer cells than the headings."""

    number: int
    cells: tuple[str, ...]


class Table(Protocol):
    """A table that is open for reading: a CSV file, or one sheet of a workbook."""

    def first_rows(self, count: int) -> list[list[str]]:
        """Return the first rows."""

    def batches(self, *, heading_row: int, width: int) -> Iterator[pa.RecordBatch]:
        """Yield the rows below the headings, in the form of `schema`."""

    def odd_rows(self) -> Sequence[OddRow]:
        """Return the rows that did not fit; complete when the batches are."""


def schema(width: int) -> pa.Schema:
    """Return the form of the batches: the row's number, then its cells from `c0` on."""
    cells = ((f"c{place}", pa.string()) for place in range(width))
    return pa.schema([(ROW_NUMBER, pa.int32()), *cells])


def check_cells(columns: Sequence[pa.Array], first_number: int, limits: Limits) -> None:
    """Refuse a cell longer than any spreadsheet can hold."""
    most = limits.cell_characters * _BYTES_OF_CHARACTER
    for place, column in enumerate(columns, start=1):
        lengths = pc.binary_length(column)
        if (pc.max(lengths).as_py() or 0) > most:
            row = first_number + pc.index(pc.greater(lengths, most), value=True).as_py()
            message = f"第 {row} 行第 {place} 列的单元格内容过长，无法读取。"
            raise UnreadableFile(FileFault.CELL_TOO_LONG, message)


def check_row_count(count: int, limits: Limits) -> None:
    """Refuse a file with too many rows."""
    if count > limits.rows:
        message = f"文件超过 {limits.rows} 行的上限，请拆分后分别导入。"
        raise UnreadableFile(FileFault.TOO_MANY_ROWS, message)


def check_width(width: int, limits: Limits) -> None:
    """Refuse a file with too many columns."""
    if width > limits.columns:
        message = f"文件有 {width} 列，超过 {limits.columns} 列的上限。"
        raise UnreadableFile(FileFault.TOO_MANY_COLUMNS, message)
