"""Writes the 33 files, each in the layout of its department."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import xlsxwriter

from devtools.sample.layouts import Layout, period_words
from devtools.sample.schedule import FIRST, YEAR_END
from devtools.sample.text import fen, of_face, of_row, written_money

_CHUNK = 1 << 22
_FETCH = 5_000
# A workbook says when it was made: always the same moment, so that it is always the same bytes.
_MADE = datetime(2026, 11, 1, tzinfo=UTC)
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def write(con: duckdb.DuckDBPyConnection, layout: Layout, folder: Path) -> int:
    """Write one file and return how many rows it holds, without headings and totals."""
    select = _prepare(con, layout)
    if layout.is_xlsx:
        return _write_xlsx(con, layout, select, folder / layout.file_name)
    return _write_csv(con, layout, select, folder)


def _prepare(con: duckdb.DuckDBPyConnection, layout: Layout) -> str:
    """Make the tables of one file and return the query of its rows, in order."""
    period = layout.column("period")
    words = period_words(period, range(FIRST, YEAR_END + 1)) if period else {}
    con.register("words", pa.table({"m": list(words), "word": list(words.values())}))
    face = [f"{of_face(column, layout)} AS c{i}" for i, column in enumerate(layout.columns)]
    columns = [of_row(column, layout, f"f.c{i}") for i, column in enumerate(layout.columns)]
    # All of it is made of our own layouts and constants.
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE text AS
        SELECT e, f.h, f.p, f.k, f.fen, f.born, f.died_on, f.mistyped_number, {", ".join(face)}
        FROM face f JOIN address a ON a.h = f.h AND a.variant = f.variant
            AND (f.variant <> 3 OR a.village = f.village) JOIN hh ON hh.h = f.household
        WHERE f.scheme = '{layout.scheme}'""")
    return f"""
        SELECT {", ".join(columns)} FROM row r JOIN text f USING (e) JOIN file USING (scheme)
        LEFT JOIN words w ON w.m = r.m WHERE r.scheme = '{layout.scheme}' ORDER BY r.n"""


def _write_csv(con: duckdb.DuckDBPyConnection, layout: Layout, select: str, folder: Path) -> int:
    body = folder / f".{layout.scheme}.part"
    written = con.execute(
        f"COPY ({select}) TO '{body}' (FORMAT csv, HEADER false, DELIMITER '{layout.delimiter}')"
    ).fetchall()
    # What comes out of the offices' own programs ends its lines as Windows does.
    newline = "\r\n" if layout.encoding == "gb18030" else "\n"
    target = folder / layout.file_name
    with (
        body.open(encoding="utf-8", newline="") as source,
        target.open("w", encoding=layout.encoding, newline=newline) as out,
    ):
        out.write(_lines(layout, _above(layout)))
        while chunk := source.read(_CHUNK):
            out.write(chunk)
        out.write(_lines(layout, _below(con, layout)))
    body.unlink()
    return int(written[0][0])


def _write_xlsx(con: duckdb.DuckDBPyConnection, layout: Layout, select: str, target: Path) -> int:
    book = xlsxwriter.Workbook(str(target), {"constant_memory": True, "tmpdir": str(target.parent)})
    book.set_properties({"created": _MADE.replace(tzinfo=None)})
    sheet = book.add_worksheet("Sheet1")
    put = _writers(sheet, book.add_format({"num_format": "yyyy-mm-dd"}), layout)
    line = 0
    for titles in _above(layout):
        sheet.write_row(line, 0, titles)
        line += 1
    rows = 0
    result = con.execute(select)
    while batch := result.fetchmany(_FETCH):
        for values in batch:
            for column, value in enumerate(values):
                if value:
                    put[column](line, column, value)
            line += 1
        rows += len(batch)
    for totals in _below(con, layout):
        sheet.write_row(line, 0, totals)
    book.close()
    return rows


def _writers(sheet: Any, dated: Any, layout: Layout) -> list[Callable[[int, int, Any], object]]:
    """Return, for each column, what writes a cell of it: as a date, a number, or a text."""

    def put_text(line: int, column: int, value: Any) -> None:
        sheet.write_string(line, column, str(value))

    def put_date(line: int, column: int, value: str) -> None:
        sheet.write_datetime(line, column, date.fromisoformat(value), dated)

    def put_number(line: int, column: int, value: str) -> None:
        if _NUMBER.fullmatch(value):
            sheet.write_number(line, column, float(value))
        else:
            put_text(line, column, value)

    known = {"date": put_date, "number": put_number}
    return [known.get(column.cell or "", put_text) for column in layout.columns]


def _above(layout: Layout) -> Iterator[list[str]]:
    """Yield the title rows and the headings."""
    titles = [layout.title, "填报单位：鞍山市　　制表日期：2026年11月1日　　单位：元"]
    for title in titles[: layout.title_rows]:
        yield [title, *[""] * (len(layout.columns) - 1)]
    yield [column.heading for column in layout.columns]


def _below(con: duckdb.DuckDBPyConnection, layout: Layout) -> Iterator[list[str]]:
    """Yield the row of totals, if the file has one."""
    amount = layout.column("amount")
    if layout.totals_row is None or amount is None:
        return
    total = con.execute(
        f"""SELECT {written_money(amount, "fen")} FROM (
            SELECT coalesce(sum(CASE WHEN r.fault = 'bad_amount' THEN 0 ELSE {fen(layout)} END), 0)
                ::BIGINT AS fen
            FROM row r JOIN text f USING (e))"""
    ).fetchall()
    cells = {0: layout.totals_row, layout.columns.index(amount): total[0][0]}
    yield [cells.get(i, "") for i in range(len(layout.columns))]


def _lines(layout: Layout, rows: Iterator[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=layout.delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()
