"""Files that were changed at random, knowing how they are built; a seed gives the same files."""

import io
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

from tests.support.files import S01, S04, TITLE, csv_bytes, s01, s04
from tests.support.workbooks import book, sheet

_CSV_PIECES = (
    b'"', b'""', b"\n", b"\r", b"\r\n", b"\0", b",", b",,,,", b"\t", b";", b"\xef\xbb\xbf", b"\xff",
    b"\x80\x80", "王".encode(), "王".encode("gb18030"), "\u202e".encode(), b"=1+1", b"'=", b"1E+99",
    "合计".encode("gb18030"), "共9条".encode("gb18030"), b"9" * 400, b"\x1e", b"\x1a", b"\\", b"-0",
)  # fmt: skip
_XML_PIECES = (
    b'<c r="XFD1048576"><v>1</v></c>', b'<c r="A0"><v>1</v></c>', b'<c r="ZZZ9"><v>1</v></c>',
    b'<row r="4294967296">', b'<row r="-1">', b"</row>", b"</sheetData>", b"<f>1+1</f>",
    b'<c t="s"><v>99999999</v></c>', b'<c t="e"><v>#REF!</v></c>', b'<c s="77"><v>1</v></c>',
    b'<c t="d"><v>2026-99-99</v></c>', b'<c t="b"><v>7</v></c>', b"<!DOCTYPE x>", b"&x;", b"&#0;",
    b'<mergeCell ref="A1:XFD9"/>', b"<![CDATA[", b"]]>", b"<a>" * 2000,
    b'<dimension ref="A1:ZZ9"/>',
    b"<v>1e308</v>", b"<v>NaN</v>", b"<v>-99999999</v>", b"\xff\xfe", b"<", b">", b'"', b"<?xml?>",
)  # fmt: skip


def _samples() -> list[tuple[str, bytes]]:
    people = [s01(姓名=f"王{n}", 发放月份=f"2026年{n % 12 + 1:02}月") for n in range(12)]
    table = [TITLE, S01, *people, ["合计", *[""] * 15]]
    cases = [S04, *(s04(家庭成员姓名=f"赵{n}") for n in range(8)), ["合计", "共8条"]]
    return [
        ("a.csv", csv_bytes(table, "gb18030")),
        ("a.csv", csv_bytes(table, "utf-8")),
        ("a.csv", csv_bytes(table, "utf-8-sig")),
        ("a.xlsx", book(sheet(cases))),
        ("a.xlsx", book(sheet([["统计表"], *cases]), sheet([["说明"]]), hidden=1)),
    ]


def write(folder: Path, seeds: range) -> list[Path]:
    """Write one changed file for each seed."""
    samples = _samples()
    paths = []
    for seed in seeds:
        chance = random.Random(seed)  # noqa: S311  # repeatable, not secret
        name, content = chance.choice(samples)
        for _ in range(chance.choice((1, 1, 2, 4))):
            content = _mutate(chance, content, is_book=name == "a.xlsx")
        path = folder / f"{seed}{Path(name).suffix}"
        path.write_bytes(content)
        paths.append(path)
    return paths


def _mutate(chance: random.Random, content: bytes, *, is_book: bool) -> bytes:
    if is_book and chance.random() < 0.75:
        return _in_member(chance, content)
    if not is_book and chance.random() < 0.7:
        return _in_text(chance, content)
    pieces = _XML_PIECES if is_book else _CSV_PIECES
    return chance.choice(_BYTES)(chance, content, pieces)


def _flip(chance: random.Random, content: bytes, _pieces: tuple[bytes, ...]) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice((1, 2, 8)) if changed else 0):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _cut(chance: random.Random, content: bytes, _pieces: tuple[bytes, ...]) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _insert(chance: random.Random, content: bytes, pieces: tuple[bytes, ...]) -> bytes:
    at = chance.randrange(len(content) + 1)
    return content[:at] + chance.choice(pieces) * chance.choice((1, 1, 3)) + content[at:]


def _drop(chance: random.Random, content: bytes, _pieces: tuple[bytes, ...]) -> bytes:
    at = chance.randrange(len(content) + 1)
    return content[:at] + content[at + chance.randrange(1, 60) :]


def _repeat(chance: random.Random, content: bytes, _pieces: tuple[bytes, ...]) -> bytes:
    at = chance.randrange(len(content) + 1)
    piece = content[at : at + chance.randrange(1, 200)]
    return content[:at] + piece * chance.choice((2, 5, 300)) + content[at:]


def _recode(_chance: random.Random, content: bytes, _pieces: tuple[bytes, ...]) -> bytes:
    half = len(content) // 2
    return content[:half] + content[half:].decode("gb18030", "ignore").encode("utf-8")


_BYTES: tuple[Callable[[random.Random, bytes, tuple[bytes, ...]], bytes], ...] = (
    _flip, _flip, _cut, _insert, _insert, _insert, _drop, _repeat, _recode,
)  # fmt: skip


def _in_text(chance: random.Random, content: bytes) -> bytes:
    """Change the cells and lines of a CSV file, in its own encoding."""
    for encoding in ("utf-8", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        break
    else:
        return _flip(chance, content, ())
    at = chance.choice([m.start() for m in re.finditer(r"[,\n]|(?<=,).", text)] or [0])
    piece = chance.choice(_CSV_PIECES).decode("utf-8", "ignore") * chance.choice((1, 1, 2))
    to = min(at + chance.choice((0, 0, 1, 5, 40)), len(text))
    return f"{text[:at]}{piece}{text[to:]}".encode(encoding, "ignore")


def _in_member(chance: random.Random, content: bytes) -> bytes:
    """Change one part of a workbook and close the archive again, so that the reader gets in."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [(name, archive.read(name)) for name in archive.namelist()]
    except Exception:  # noqa: BLE001  # it was broken by a change before; then change its bytes
        return _flip(chance, content, ())
    at = chance.choice([n for n, (name, _) in enumerate(parts) if "sheet1" in name] * 4 or [0])
    at = at if chance.random() < 0.7 else chance.randrange(len(parts))
    name, data = parts[at]
    match chance.randrange(10):
        case 0:
            del parts[at]
        case 1:
            parts[at] = (parts[chance.randrange(len(parts))][0], data)
        case 2 | 3:
            parts[at] = (name, _at_a_tag(chance, data))
        case 4:
            parts[at] = (name, re.sub(rb"<v>[^<]*</v>", chance.choice(_XML_PIECES), data, count=1))
        case _:
            parts[at] = (name, chance.choice(_BYTES)(chance, data, _XML_PIECES))
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in dict(parts).items():
            archive.writestr(name, data)
    return sink.getvalue()


def _at_a_tag(chance: random.Random, data: bytes) -> bytes:
    """Put a piece of XML where one may stand."""
    places = [match.start() for match in re.finditer(rb"<", data)] or [0]
    at = chance.choice(places)
    return data[:at] + chance.choice(_XML_PIECES) + data[at:]
