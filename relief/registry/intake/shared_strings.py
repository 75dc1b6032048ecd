"""What a workbook's texts come to when each cell has a copy of its own.

A workbook keeps a text once and names it in any number of cells; the reader writes it out in each.
So a small file can fill any memory. How long each shared text is and which cells name it is known
before the reader begins.
"""

import re
import zipfile
from array import array
from collections.abc import Iterator
from typing import IO
from xml.parsers import expat

from relief.registry.intake.errors import FileFault, UnreadableFile
from relief.registry.intake.limits import Limits

_PLACE = "xl/sharedstrings.xml"  # the one place where the reader looks, in letters of any size
_PIECE = 1 << 20
_OVERLAP = 256  # longer than the head of a cell
# A cell that names a shared text, and the number of that text if it stands in the usual form.
_NAMES = re.compile(
    rb"\bt\s*=\s*[\"']s[\"']"
    rb"(?:[^<>]{0,99}>\s{0,9}<(?:[\w.-]{1,20}:)?v\s{0,9}>\s{0,9}([0-9]{1,9})\s{0,9}<)?"
)
# Characters that no XML may hold, and some reader lets pass: they are measured as spaces.
_CONTROL = bytes(b if b >= ord(" ") or b in b"\t\n\r" else ord(" ") for b in range(256))
_CONTROL_BY_NUMBER = re.compile(rb"&#(?:x0*1?[0-9a-fA-F]|0*[12]?[0-9]|0*3[01]);")


def is_shared(entry: zipfile.ZipInfo) -> bool:
    """Tell whether a part of a workbook holds its shared texts."""
    return entry.filename.lower() == _PLACE


def at_most_named(piece: bytes) -> int:
    """Return how many cells of a piece of XML may name a shared text, counted fast."""
    return piece.count(b'"s"') + piece.count(b"'s'")


def check(archive: zipfile.ZipFile, named: int, limits: Limits) -> None:
    """Refuse shared texts that are too long, or come to too much. Raises UnreadableFile.

    `named`: how many cells name one at most. The parts of the archive have been looked through.
    """
    lengths: array[int] = array("I")
    for entry in filter(is_shared, archive.infolist()):
        with archive.open(entry) as source:
            lengths.extend(_Lengths(limits).of(source))
    longest = max(lengths, default=0)
    if named * longest <= limits.text_characters:
        return
    total = 0
    for number in _named(archive):
        # In another form than usual it may be any of them.
        total += lengths[number] if 0 <= number < len(lengths) else longest
        if total > limits.text_characters:
            message = (
                f"工作簿各单元格的文字合计超过 {limits.text_characters // 10_000} 万字，为保护系统"
                "未予读取；请检查是否有很长的文字重复了很多次，或拆分后导入。"
            )
            raise UnreadableFile(FileFault.TOO_LARGE, message)


def _named(archive: zipfile.ZipFile) -> Iterator[int]:
    """Yield the number of the text that each cell names; -1 if it is written in another form."""
    for entry in archive.infolist():
        if is_shared(entry):
            continue
        with archive.open(entry) as source:
            for match in _found(source):
                yield int(match[1] or -1)


def _found(source: IO[bytes]) -> Iterator[re.Match[bytes]]:
    """Yield what is found in a stream, each once, also where two pieces meet."""
    rest, is_more = b"", True
    while is_more:
        piece = source.read(_PIECE)
        window, is_more = rest + piece, bool(piece)
        # What begins in the last bytes is whole with the next piece.
        end = max(len(window) - _OVERLAP, 0) if is_more else len(window)
        done = 0
        for match in _NAMES.finditer(window):
            if match.start() >= end:
                break
            yield match
            done = match.end()
        rest = window[max(end, done) :]


class _Lengths:
    """Measures each shared text."""

    def __init__(self, limits: Limits) -> None:
        self._most = limits.cell_characters
        self._found: array[int] = array("I")
        self._length = 0

    def of(self, source: IO[bytes]) -> "array[int]":
        """Return how many characters each text has, in order. Raises UnreadableFile."""
        parser = expat.ParserCreate()
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            while piece := source.read(_PIECE):
                parser.Parse(_CONTROL_BY_NUMBER.sub(b" ", piece.translate(_CONTROL)), False)  # noqa: FBT003  # expat's own
            parser.Parse(b"", True)  # noqa: FBT003  # expat's own
        except expat.ExpatError:
            message = "xlsx 文件不完整或已损坏，请重新导出后导入。"
            raise UnreadableFile(FileFault.BROKEN_WORKBOOK, message) from None
        return self._found

    def _text(self, text: str) -> None:
        self._length += len(text)
        if self._length > self._most:
            message = f"工作簿里有一个单元格的内容超过 {self._most} 个字，无法读取。"
            raise UnreadableFile(FileFault.CELL_TOO_LONG, message)

    def _end(self, name: str) -> None:
        if name.rpartition(":")[2] == "si":
            self._found.append(self._length)
            self._length = 0
