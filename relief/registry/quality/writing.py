"""Writes the lines of a department's faults as CSV or XLSX, marked with who took them and when."""

import csv
import enum
import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import xlsxwriter

from relief.core.cells import safe_row
from relief.core.clock import CHINA
from relief.registry.quality.lines import Line

HEADINGS = ("文件", "收到时间", "行号", "同样情况的行数", "列", "问题", "说明")
# A sheet of a workbook holds a little more; who has more faults begins with these.
MOST_LINES = 1_000_000
Row = Sequence[str | int]
_FOOTER = 120
_WIDTHS = (40, 17, 10, 14, 18, 14, 44)


class Form(enum.StrEnum):
    """What kind of file it is."""

    CSV = "csv"
    XLSX = "xlsx"


MEDIA_TYPES = {
    Form.CSV: "text/csv",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def write(path: Path, form: Form, *, mark: str, count: int, lines: Iterable[Line]) -> None:
    """Write the mark, the headings and the lines; each cell is safe to open."""
    rows = _rows(mark, count, lines)
    if form is Form.CSV:
        _write_csv(path, rows)
    else:
        _write_xlsx(path, mark, rows)


def _rows(mark: str, count: int, lines: Iterable[Line]) -> Iterator[Row]:
    yield safe_row([mark])
    yield list(HEADINGS)
    for line in itertools.islice(lines, MOST_LINES):
        received = f"{line.received_at.astimezone(CHINA):%Y-%m-%d %H:%M}"
        row: list[str | int] = [line.file_name, received, line.row_number, line.rows]
        row += [line.column, line.kind, line.what]
        safe = safe_row(row)
        yield safe
    if count > MOST_LINES:
        yield [f"另有 {count - MOST_LINES} 条没有列出，请先改正以上内容。"]


def _write_csv(path: Path, rows: Iterable[Row]) -> None:
    # With a mark at the beginning spreadsheets read it as UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, lineterminator="\r\n").writerows(rows)


def _write_xlsx(path: Path, mark: str, rows: Iterable[Row]) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet("问题清单")
        sheet.set_footer(f"&C{mark[:_FOOTER].replace('&', '&&')}")
        for place, width in enumerate(_WIDTHS):
            sheet.set_column(place, place, width)
        sheet.freeze_panes(2, 0)
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, place, cell)
                else:
                    sheet.write_number(number, place, cell)
