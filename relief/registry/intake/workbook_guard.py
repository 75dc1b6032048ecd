"""Whether a workbook is safe to hand to the reader: looked through before anything is built.

A workbook is a zip file of XML. What its directory declares can be a lie, so every part is
unpacked once here, a piece at a time: the memory stays small whatever the file holds.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from xml.parsers import expat

from relief.registry.intake import shared_strings
from relief.registry.intake.errors import FileFault, UnreadableFile
from relief.registry.intake.limits import Limits

BROKEN = "xlsx 文件不完整或已损坏，请重新导出后导入。"
_WORKBOOK = "xl/workbook.xml"
_SHEETS = "xl/worksheets/"
_PIECE = 1 << 20
_OVERLAP = 64  # longer than anything looked for
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<")
_FORBIDDEN = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_WIDE_CELL = re.compile(rb'\br=["\']([A-Z]{2,3})([0-9]{1,7})["\']')
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_LETTERS = 26
_LARGE_ENTRY = 16 << 20
_IS_ENCRYPTED = 0x1
# What an archive that lies about itself, or was cut or changed, makes of the reading.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,  # zipfile's, of a compression it does not know
    RuntimeError,
    UnicodeError,
)


def check(path: Path, limits: Limits) -> None:
    """Refuse a workbook that would harm its reader or mislead it. Raises UnreadableFile."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_directory(entries, limits)
            named = sum(_check_entry(archive, entry, limits) for entry in entries)
            shared_strings.check(archive, named, limits)
    except UnreadableFile:
        raise
    except _DAMAGE:
        raise UnreadableFile(FileFault.BROKEN_WORKBOOK, BROKEN) from None


def _check_directory(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Judge by what is declared, before anything is unpacked."""
    if len(entries) > limits.zip_entries or _is_bomb(entries, limits):
        message = "xlsx 文件展开后的内容大得不正常，为保护系统未予读取。"
        raise UnreadableFile(FileFault.ZIP_BOMB, message)
    names = {entry.filename for entry in entries}
    if _WORKBOOK not in names:
        message = "压缩文件里没有工作簿，不是 xlsx 表格。"
        raise UnreadableFile(FileFault.NOT_A_TABLE, message)
    if len(names) < len(entries) or any(
        entry.compress_type not in _METHODS or entry.flag_bits & _IS_ENCRYPTED for entry in entries
    ):
        raise UnreadableFile(FileFault.BROKEN_WORKBOOK, BROKEN)


def _is_bomb(entries: list[zipfile.ZipInfo], limits: Limits) -> bool:
    size = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if size > limits.unzipped_bytes or size > limits.unzipped_ratio * max(packed, 1):
        return True
    # Ballast that does not shrink must not hide an entry that shrinks too well.
    return any(
        entry.file_size > _LARGE_ENTRY
        and entry.file_size > 2 * limits.unzipped_ratio * max(entry.compress_size, 1)
        for entry in entries
    )


def _check_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: Limits) -> int:
    """Unpack one part in pieces: its checksum and size must be those that it declares.

    Returns how many cells may name a shared text. What a part is follows from what it holds, too:
    the reader takes a sheet by any name.
    """
    is_xml = entry.filename.lower().endswith((".xml", ".rels"))
    is_sheet = entry.filename.startswith(_SHEETS)
    has_formula, named = False, 0
    with archive.open(entry) as source:
        for number, piece in enumerate(_pieces(source)):
            is_xml = is_xml or (number == 0 and _XML.match(piece) is not None)
            if not is_xml:
                continue
            _check_xml(piece)
            named += shared_strings.at_most_named(piece)
            is_sheet = is_sheet or b"sheetData" in piece
            if is_sheet:
                _check_places(piece, limits)
                has_formula = has_formula or b"<f" in piece or b":f>" in piece or b":f " in piece
    if has_formula:
        with archive.open(entry) as source:
            _Formulas().check(source)
    return named


def _pieces(source: IO[bytes]) -> Iterator[bytes]:
    """Yield the content, each piece with the end of the one before."""
    before = b""
    while piece := source.read(_PIECE):
        yield before + piece
        before = piece[-_OVERLAP:]


def _check_xml(piece: bytes) -> None:
    if _FORBIDDEN.search(piece):
        message = "xlsx 文件里有表格不该有的外部定义（DTD），为保护系统未予读取。"
        raise UnreadableFile(FileFault.UNSAFE_XML, message)
    if len(piece) > _PIECE and b"<" not in piece:
        message = "工作簿里有一个单元格的内容超过 1 MB，无法读取。"
        raise UnreadableFile(FileFault.CELL_TOO_LONG, message)


def _check_places(piece: bytes, limits: Limits) -> None:
    """Refuse a cell far to the right: the reader would build every cell up to it."""
    for letters, row in _WIDE_CELL.findall(piece):
        column = column_number(letters.decode())
        if column > limits.columns:
            message = (
                f"第 {int(row)} 行第 {column} 列（{letters.decode()}{int(row)}）有内容，"
                f"超过 {limits.columns} 列的上限；多半是误填，请删除后重新导入。"
            )
            raise UnreadableFile(FileFault.TOO_MANY_COLUMNS, message)


def column_number(letters: str) -> int:
    """Return the number of a column from its letters.

    >>> column_number("A"), column_number("AA"), column_number("XFD")
    (1, 27, 16384)
    """
    number = 0
    for letter in letters:
        number = number * _LETTERS + ord(letter) - ord("A") + 1
    return number


class _Formulas:
    """Looks for a formula without a result: it would be read as an empty cell, unnoticed."""

    def __init__(self) -> None:
        self._place = ""
        self._has_formula = self._has_value = False

    def check(self, source: IO[bytes]) -> None:
        """Read one sheet. Raises UnreadableFile."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        try:
            parser.ParseFile(source)
        except expat.ExpatError:
            raise UnreadableFile(FileFault.BROKEN_WORKBOOK, BROKEN) from None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        match name.rpartition(":")[2]:
            case "c":
                self._place = attributes.get("r", "")
                self._has_formula = self._has_value = False
            case "f":
                self._has_formula = True
            case "v" | "is":
                self._has_value = True

    def _end(self, name: str) -> None:
        if name.rpartition(":")[2] == "c" and self._has_formula and not self._has_value:
            raise UnreadableFile(FileFault.NO_RESULT, _without_result(self._place))


def _without_result(place: str) -> str:
    where = ""
    if match := re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})", place):
        where = f"第 {match[2]} 行第 {column_number(match[1])} 列（{place}）"
    return f"{where}的公式没有计算结果；请在表格软件中打开、保存后重新导入。"
