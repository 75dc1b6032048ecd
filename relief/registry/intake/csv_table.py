"""CSV files in any of the encodings that offices use."""

import codecs
import contextlib
import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from relief.registry.intake import tabular
from relief.registry.intake.errors import FileFault, UnreadableFile
from relief.registry.intake.limits import Limits
from relief.registry.intake.tabular import OddRow

_CHUNK = 1 << 20
_PREVIEW = 1 << 18  # characters that surely hold the first rows
_DELIMITERS = (",", "\t", ";", "|")
# A row of our own behind the last. If it is not read as one, a quote was never closed.
_MARK = "\x1eend-of-file"
_MOST_ODD_ROWS = 200_000
_CHINESE_RUN = re.compile(r"[\u4e00-\u9fff]{2}")


class CsvTable:
    """A CSV file, read as a stream; the text never stands in memory whole."""

    def __init__(self, path: Path, limits: Limits, *, delimiter: str | None = None) -> None:
        self.path, self._limits = path, limits
        self.encoding = detect_encoding(path)
        preview = self._preview()
        self.delimiter = delimiter or max(_DELIMITERS, key=preview.count)
        self._odd: list[tuple[int, str]] = []
        self._cut: list[OddRow] = []

    def _preview(self) -> str:
        with self.path.open(encoding=self.encoding, errors="ignore", newline="") as file:
            return file.read(_PREVIEW)

    def first_rows(self, count: int) -> list[list[str]]:
        """Return the first rows."""
        reader = csv.reader(io.StringIO(self._preview(), newline=""), delimiter=self.delimiter)
        rows: list[list[str]] = []
        with contextlib.suppress(csv.Error):  # a cell too long; reading the rest tells of it
            rows.extend(islice(reader, count))
        return rows

    def batches(self, *, heading_row: int, width: int) -> Iterator[pa.RecordBatch]:
        """Yield the rows below the headings. Raises UnreadableFile."""
        tabular.check_width(width, self._limits)
        number = heading_row + 1
        is_whole = False
        stream = pa.PythonFile(io.BufferedReader(_Chunks(self._bytes(width)), _CHUNK), mode="r")
        try:
            for batch in self._reader(stream, heading_row, width):
                numbers = self._numbers(number, batch.num_rows)
                number = int(numbers[-1]) + 1 if len(numbers) else number
                tabular.check_row_count(number - heading_row, self._limits)
                tabular.check_cells(batch.columns, number - batch.num_rows, self._limits)
                is_whole = bool(batch.num_rows) and batch.column(0)[-1].as_py() == _MARK
                yield self._batch(numbers, batch, is_whole=is_whole)
        except pa.ArrowInvalid:
            self._refuse_too_many_odd_rows()
            message = f"第 {number - 1} 行之后有过长的行或单元格，无法读取；请检查引号是否配对。"
            raise UnreadableFile(FileFault.ROW_TOO_LONG, message) from None
        if not is_whole:
            swallowed = (row for row, text in self._odd if _MARK in text)
            message = f"第 {next(swallowed, number)} 行起有双引号没有配对，后面的内容无法分行。"
            raise UnreadableFile(FileFault.OPEN_QUOTE, message)
        yield from self._tidied(width)

    def odd_rows(self) -> Sequence[OddRow]:
        """Return the rows that have too few cells, or too many with something in them."""
        return self._cut

    def _reader(self, stream: pa.NativeFile, heading_row: int, width: int) -> pa.RecordBatchReader:
        names = [f"c{place}" for place in range(width)]
        return arrow_csv.open_csv(
            stream,
            arrow_csv.ReadOptions(
                use_threads=False,  # only then are the odd rows told with their numbers
                block_size=self._limits.row_bytes,
                column_names=names,
                skip_rows_after_names=heading_row,
            ),
            arrow_csv.ParseOptions(
                delimiter=self.delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=self._note_odd,
            ),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )

    def _note_odd(self, row: arrow_csv.InvalidRow) -> str:
        if len(self._odd) >= _MOST_ODD_ROWS:
            return "error"
        self._odd.append((row.number, row.text))
        return "skip"

    def _refuse_too_many_odd_rows(self) -> None:
        if len(self._odd) >= _MOST_ODD_ROWS:
            message = (
                f"到第 {self._odd[-1][0]} 行为止，已有 {_MOST_ODD_ROWS} 行的单元格数与表头不同，"
                "请检查文件的分隔符和表头。"
            )
            raise UnreadableFile(FileFault.CELL_COUNT, message)

    def _numbers(self, first: int, count: int) -> np.ndarray:
        """Return the numbers of the next `count` rows: those that are not of odd rows."""
        odd = np.array([row for row, _ in self._odd if row >= first], dtype=np.int32)
        return np.setdiff1d(np.arange(first, first + count + len(odd), dtype=np.int32), odd)[:count]

    def _batch(
        self, numbers: np.ndarray, batch: pa.RecordBatch, *, is_whole: bool
    ) -> pa.RecordBatch:
        columns = [pa.array(numbers, pa.int32()), *batch.columns]
        made = pa.RecordBatch.from_arrays(columns, schema=tabular.schema(batch.num_columns))
        return made.slice(0, made.num_rows - 1) if is_whole else made

    def _tidied(self, width: int) -> Iterator[pa.RecordBatch]:
        """Take in the odd rows whose cells beyond the last heading are empty."""
        rows = [OddRow(number, self._cells(number, text)) for number, text in self._odd]
        fitting = [r for r in rows if len(r.cells) > width and not any(r.cells[width:])]
        taken = {row.number for row in fitting}
        self._cut = [row for row in rows if row.number not in taken]
        if fitting:
            cells = zip(*(row.cells[:width] for row in fitting), strict=True)
            numbers = pa.array([row.number for row in fitting], pa.int32())
            yield pa.RecordBatch.from_arrays(
                [numbers, *(pa.array(column, pa.string()) for column in cells)],
                schema=tabular.schema(width),
            )

    def _cells(self, number: int, text: str) -> tuple[str, ...]:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=self.delimiter)
        try:
            return tuple(next(rows, ()))
        except csv.Error:
            message = f"第 {number} 行的单元格内容过长，无法读取；请检查引号是否配对。"
            raise UnreadableFile(FileFault.CELL_TOO_LONG, message) from None

    def _bytes(self, width: int) -> Iterator[bytes]:
        """Yield the file in UTF-8 and the mark behind it."""
        with self.path.open(encoding=self.encoding, newline="") as file:
            while text := file.read(_CHUNK):
                yield text.encode()
        yield f"\n{_MARK}{self.delimiter * (width - 1)}\n".encode()


class _Chunks(io.RawIOBase):
    """Makes a file of what an iterator yields."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._rest = chunks, memoryview(b"")

    def readable(self) -> bool:
        """Say that this can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any buffer is meant
        """Fill the buffer as far as the present chunk goes."""
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        taken = min(len(buffer), len(self._rest))
        buffer[:taken] = self._rest[:taken]
        self._rest = self._rest[taken:]
        return taken


def detect_encoding(path: Path) -> str:
    """Return the encoding in which the whole file can be read. Raises UnreadableFile."""
    with path.open("rb") as file:
        is_marked = file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8
    position = _first_fault(path, "utf-8")  # the mark is a character there, and counts
    if position is None:
        return "utf-8-sig"
    # A file that says of itself that it is UTF-8 is not tried as anything else.
    if not is_marked and (position := _first_fault(path, "gb18030")) is None:
        _refuse_mixed(path)
        return "gb18030"
    message = f"第 {_line_of(path, position)} 行附近有无法识别的字符，请另存为 UTF-8 编码后导入。"
    raise UnreadableFile(FileFault.ENCODING, message)


def _first_fault(path: Path, encoding: str) -> int | None:
    """Return about where the first bytes stand that are not text, or None."""
    decoder = codecs.getincrementaldecoder(encoding)()
    position = 0
    with path.open("rb") as file:
        for chunk in chain(iter(lambda: file.read(_CHUNK), b""), (b"",)):
            if b"\0" in chunk:
                row = _line_of(path, position + chunk.index(b"\0"))
                message = f"第 {row} 行有空字符（NUL），文件可能已损坏，请重新导出后导入。"
                raise UnreadableFile(FileFault.ENCODING, message)
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                return position + error.start
            position += len(chunk)
    return None


def _refuse_mixed(path: Path) -> None:
    """Refuse UTF-8 lines among others: many can be read as GB18030 too, as quite other words.

    A line of GB18030 that is by chance UTF-8 as well makes no run of common Chinese characters.
    """
    with path.open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(_CHUNK), b""), start=1):
            if line.isascii():
                continue
            try:
                text = line.decode("utf-8")
            except UnicodeDecodeError:
                continue
            if _CHINESE_RUN.search(text):
                message = (
                    f"第 {number} 行附近是 UTF-8 编码，与文件的其他部分不同；"
                    "请把全部内容统一另存为 UTF-8 编码后导入。"
                )
                raise UnreadableFile(FileFault.ENCODING, message)


def _line_of(path: Path, position: int | None) -> int:
    with path.open("rb") as file:
        return file.read(position).count(b"\n") + 1
