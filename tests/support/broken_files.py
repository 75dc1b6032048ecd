"""Files as they should not be: each small on the disk, whatever it would become.

Each has the name it comes under, its bytes, and what must be told of it.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from tests.support.files import S01, S04, TITLE, csv_bytes, s01, s04
from tests.support.workbooks import WORKBOOK_PARTS, book, cell, parts, sheet

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Broken:
    """One file. `says`: a pattern of its message; `rejects`: the reasons of rows sent back."""

    file_name: str
    make: Callable[[], bytes]
    says: str | None = None
    loaded: int = 0
    rejects: tuple[tuple[int, str], ...] = ()
    scheme: str | None = None
    rows: int | None = None


def _table(rows, encoding="gb18030"):
    return csv_bytes([TITLE, S01, *rows], encoding)


def _good(*changes):
    return _table([s01(姓名=f"王{n}") for n in (changes or "甲乙丙")])


def _mixed(first, second):
    return _table([s01(姓名="王建国")], first) + csv_bytes(
        [s01(姓名=name) for name in ("李秀英", "张伟东方", "欧阳娜娜", "赵丽")], second
    )


def _deflated(entries: Mapping[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return sink.getvalue()


def _lying_zip() -> bytes:
    """A sheet of 64 MiB whose directory declares a few bytes."""
    content = book(sheet([S04, *[["x" * 1000] * 12] * 5000]))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        true = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    return content.replace(struct.pack("<L", true), struct.pack("<L", 1000))


def _ballast() -> bytes:
    """A bomb beside bytes that do not shrink, so that the whole looks harmless."""
    noise = b"".join(zlib.crc32(bytes([n % 256, n >> 8])).to_bytes(4, "big") for n in range(65536))
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in WORKBOOK_PARTS.items():
            archive.writestr(name, data)
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 20 * _MIB)
        archive.writestr("xl/media/a.bin", noise, zipfile.ZIP_STORED)
    return sink.getvalue()


def _one_long_cell(size: int) -> bytes:
    """One text of many MiB in a workbook, beside enough ballast to pass for a real one."""
    block = bytes((n * 7 + n // 256) % 94 + 33 for n in range(8192)).replace(b"<", b"-")
    block = block.replace(b"&", b"-").replace(b">", b"-")
    text = b"".join(block[n % 4096 :] + block[: n % 4096] for n in range(size // len(block)))
    return book(sheet([S04]).replace("</row>", cell("M1", text.decode()) + "</row>"))


def _laughs() -> str:
    entities = (f'<!ENTITY l{n} "' + f"&l{n - 1};" * 10 + '">' for n in range(1, 10))
    return f"""<!DOCTYPE worksheet [<!ENTITY l0 "ha">{"".join(entities)}]>"""


def _doctype(declaration: str, reference: str) -> bytes:
    xml = sheet([S04, [reference, *s04()[1:]]], raw=True)
    return book(xml.replace("<worksheet", f"{declaration}<worksheet", 1))


def _formula(form: str) -> bytes:
    """The amount of the second row is a formula in this form."""
    xml = sheet([S04, s04()])
    place = f'<c r="J2"><v>{s04()[9]}</v></c>'
    assert place in xml
    return book(xml.replace(place, form))


def _far_cell(place: str) -> bytes:
    row = "".join(filter(str.isdigit, place))
    xml = sheet([S04, s04()])
    return book(xml.replace("</sheetData>", f'<row r="{row}">{cell(place, "x")}</row></sheetData>'))


def _merged_heading() -> bytes:
    """A heading of two rows, whose upper cells are merged over several columns."""
    upper = ["家庭信息", "", "", "", "", "地址", "", "", "救助", "", "", ""]
    merged = '<mergeCells count="2"><mergeCell ref="A1:E1"/><mergeCell ref="F1:H1"/></mergeCells>'
    return book(sheet([upper, S04, s04()]).replace("</sheetData>", f"</sheetData>{merged}"))


def _heading_across() -> bytes:
    """The name's heading is merged over two columns, so that no heading is left for one."""
    heads = [text if text != "与申请人关系" else "" for text in S04]
    heads = [text if text != "家庭成员姓名" else "家庭成员姓名与申请人关系" for text in heads]
    return book(sheet([heads, s04()]))


def _dates_and_numbers() -> bytes:
    """A day kept as a number, a day as text, an amount that was made a day."""
    return book(
        sheet(
            [
                S04,
                s04(家庭成员姓名="甲", 批准日期=46085),
                s04(家庭成员姓名="乙", 批准日期="2026-03-04"),
                s04(家庭成员姓名="丙", **{"救助金额（元）": date(2026, 3, 4)}),
                s04(家庭成员姓名="丁", 身份证号码=210381197512310025.0),
            ]
        )
    )


BROKEN: dict[str, Broken] = {
    # Nothing, or of another kind
    "empty": Broken("低保.csv", lambda: b"", "文件是空的"),
    "empty workbook": Broken("a.xlsx", lambda: book(sheet([])), "工作簿里没有任何内容"),
    "headings only": Broken("低保.csv", lambda: _table([])),
    "headings only, workbook": Broken("a.xlsx", lambda: book(sheet([S04]))),
    "pdf": Broken("低保.xlsx", lambda: b"%PDF-1.7\n" + "低保".encode() * 99, "是 PDF"),
    "jpeg": Broken(
        "低保.csv", lambda: b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(99), "不是 xlsx 或 csv"
    ),
    "exe": Broken("低保.xlsx", lambda: b"MZ\x90\0\3" + bytes(500), "不是 xlsx 或 csv 表格"),
    "html": Broken(
        "低保.xlsx",
        lambda: "\n<HTML><table><tr><td>姓名</table>".encode("gb18030"),
        r"网页（HTML）",
    ),
    "xml": Broken("低保.csv", lambda: b"<?xml version='1.0'?><Workbook/>", "文件是 XML"),
    "old xls": Broken(
        "a.xls", lambda: _OLE + bytes(600) + "Workbook".encode("utf-16-le"), "旧版 xls 格式"
    ),
    "password": Broken(
        "a.xlsx", lambda: _OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "打开密码"
    ),
    "unknown ole": Broken("a.doc", lambda: _OLE + bytes(600), "打开密码，或是旧版"),
    "workbook named csv": Broken("低保.csv", lambda: book(sheet([S04, s04()])), loaded=1),
    "csv named workbook": Broken("低保.xlsx", _good, loaded=3),
    # Encodings
    "utf-16": Broken("a.csv", lambda: _table([s01()], "utf-16"), "UTF-16 编码"),
    "utf-16 without a mark": Broken("a.csv", lambda: _table([s01()], "utf-16-le"), "无法读取"),
    "big5": Broken(
        "a.csv", lambda: "姓名,身分證號,金額\n王建國,1,2\n".encode("big5"), "没有找到任何项目的表头"
    ),
    "latin-1": Broken(
        "a.csv", lambda: "Prénom,Größe\nJosé,1\n".encode("latin-1"), "第 2 行附近有无法识别"
    ),
    "gb18030, then utf-8": Broken(
        "a.csv", lambda: _mixed("gb18030", "utf-8"), r"第 \d 行附近.*UTF-8"
    ),
    "utf-8, then gb18030": Broken(
        "a.csv", lambda: _mixed("utf-8", "gb18030"), r"第 \d 行附近.*UTF-8"
    ),
    "marked utf-8, then gb18030": Broken(
        "a.csv", lambda: _mixed("utf-8-sig", "gb18030"), "第 4 行附近有无法识别的字符"
    ),
    "byte order mark": Broken("a.csv", lambda: _table([s01()], "utf-8-sig"), loaded=1),
    "nul": Broken(
        "a.csv",
        lambda: _table([s01(姓名=f"王{n:03}") for n in range(60)]) + b"a\0b,c\n",
        "第 63 行有空字符",
    ),
    # Cut off
    "cut workbook": Broken("a.xlsx", lambda: book(sheet([S04, s04()]))[:-200], "不完整或已损坏"),
    "cut in the middle": Broken("a.xlsx", lambda: book(sheet([S04, s04()]))[:700], "不完整"),
    "cut csv": Broken(
        "a.csv", lambda: _good()[:-40], loaded=2, rejects=((5, "单元格，表头有 16 个"),)
    ),
    "cut csv, rows told by the sender": Broken(
        "a.csv", lambda: _good("甲", "乙"), "填写的数据行数是 3，文件里实际有 2 行", rows=3
    ),
    "as many rows as the sender tells": Broken("a.csv", _good, loaded=3, rows=3),
    "fewer rows than its totals say": Broken(
        "a.csv", lambda: _table([s01(), ["合计：共 3 条"]]), "第 4 行写明共 3 条，实际读到 1 条"
    ),
    "fewer rows than its totals cell says": Broken(
        "a.xlsx", lambda: book(sheet([S04, s04(), ["合计", "共2笔"]])), "第 3 行写明共 2 条"
    ),
    "as many rows as its last line says": Broken(
        "a.csv", lambda: _table([s01(), ["共1条记录"]]), loaded=1
    ),
    "totals of people count no rows": Broken(
        "a.csv", lambda: _table([s01(), ["合计", "共3户", *[""] * 14]]), loaded=1
    ),
    # Bombs
    "zip bomb": Broken(
        "a.xlsx",
        lambda: _deflated({**parts(), "xl/worksheets/sheet1.xml": b"0" * 30 * _MIB}),
        "大得不正常",
    ),
    "zip bomb with ballast": Broken("a.xlsx", _ballast, "大得不正常"),
    "zip that lies": Broken("a.xlsx", _lying_zip, "不完整或已损坏|大得不正常"),
    "nested zip": Broken(
        "a.xlsx", lambda: _deflated({"a.zip": _deflated({"b.zip": b"0" * _MIB})}), "没有工作簿"
    ),
    "many entries": Broken(
        "a.xlsx", lambda: _deflated({**parts(), **{f"x/{n}": b"" for n in range(300)}}), "不正常"
    ),
    "entity bomb": Broken("a.xlsx", lambda: _doctype(_laughs(), "&l9;"), "外部定义（DTD）"),
    "quadratic entity bomb": Broken(
        "a.xlsx",
        lambda: _doctype('<!DOCTYPE w [<!ENTITY a "' + "a" * 9999 + '">]>', "&a;" * 999),
        "外部定义（DTD）",
    ),
    "external entity": Broken(
        "a.xlsx",
        lambda: _doctype('<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]>', "&a;"),
        "外部定义（DTD）",
    ),
    "long cell in a workbook": Broken(
        "a.xlsx", lambda: _one_long_cell(16 * _MIB), "超过 1 MB|大得不正常"
    ),
    "400 mb in one cell": Broken(
        "a.xlsx",
        lambda: _deflated({**parts(), "xl/sharedStrings.xml": b"x" * 400 * _MIB}),
        "大得不正常",
    ),
    "long cell in a csv": Broken(
        "a.csv", lambda: _table([s01(), s01(家庭住址="长" * 3_000_000)]), "第 3 行之后有过长的行"
    ),
    "3 million quotes": Broken(
        "a.csv", lambda: _table([s01()]) + b'"' * 3_000_001, "第 4 行起有双引号没有配对"
    ),
    "3 million quotes in pairs": Broken(
        "a.csv",
        lambda: _table([s01()]) + b'"' * 3_000_000 + b"\n",
        "第 4 行的单元格内容过长",
    ),
    "3 million quotes on lines": Broken(
        "a.csv", lambda: _table([s01()]) + b'""\n' * 1_500_000, "已有 200000 行的单元格数与表头不同"
    ),
    "open quote": Broken(
        "a.csv", lambda: _good() + '铁东区,"解放街道\n1,2\n'.encode("gb18030"), "第 6 行起有双引号"
    ),
    # Cells
    "last cell of a sheet": Broken(
        "a.xlsx", lambda: _far_cell("XFD1048576"), "第 1048576 行第 16384 列"
    ),
    "last row of a sheet": Broken(
        "a.xlsx",
        lambda: _far_cell("A1048576"),
        loaded=1,
        rejects=((1048576, "“申请人（户主）”为空|“家庭成员姓名”为空"),),
    ),
    "formula with its result": Broken(
        "a.xlsx", lambda: _formula('<c r="J2"><f>600*2</f><v>1200</v></c>'), loaded=1
    ),
    "formula without a result": Broken(
        "a.xlsx", lambda: _formula('<c r="J2"><f>600*2</f></c>'), "第 2 行第 10 列（J2）的公式"
    ),
    "formula that failed": Broken(
        "a.xlsx",
        lambda: _formula('<c r="J2" t="e"><f>1/0</f><v>#DIV/0!</v></c>'),
        rejects=((2, "“救助金额（元）”"),),
    ),
    "formula as text": Broken(
        "a.csv",
        lambda: _table([s01(**{"发放金额（元）": "=600*2"})]),
        rejects=((3, "“发放金额（元）”的内容无法识别"),),
    ),
    "days and numbers": Broken(
        "a.xlsx",
        _dates_and_numbers,
        loaded=1,
        rejects=(
            (2, "“批准日期”的内容无法识别"),
            (4, "“救助金额（元）”的内容无法识别"),
            (5, "“身份证号码”被存成了数字"),
        ),
    ),
    "account kept as a quantity": Broken(
        "a.csv",
        lambda: _table([s01(开户账号="6.217E+18")]),
        rejects=((3, "“开户账号”被存成了数字"),),
    ),
    # Forms
    "wrong layout": Broken("a.csv", "品名,单价\n苹果,3\n".encode, "没有找到任何项目的表头"),
    "missing heading": Broken(
        "a.csv", lambda: csv_bytes([S01[:5], s01()[:5]]), "缺少必需的列：姓名", scheme="S01"
    ),
    "duplicate heading": Broken(
        "a.csv",
        lambda: csv_bytes([[*S01, "姓名"], [*s01(), ""]]),
        "第 1 行表头中“姓名”出现了不止一次",
    ),
    "merged title above the headings": Broken("a.xlsx", _merged_heading, loaded=1),
    "merged headings": Broken("a.xlsx", _heading_across, "缺少必需的列：", scheme="S04"),
    "two sheets of data": Broken(
        "a.xlsx", lambda: book(sheet([S04, s04()]), sheet([S04, s04()])), "有 2 个工作表都含有数据"
    ),
    "hidden sheet": Broken(
        "a.xlsx", lambda: book(sheet([S04, s04()]), sheet([S04, s04()]), hidden=1), loaded=1
    ),
    "line ends of every kind": Broken(
        "a.csv",
        lambda: (
            b"\r\n".join(_good().splitlines()[:3])
            + b"\r"
            + b"\n".join(_table([s01(姓名="丁"), s01(姓名="戊")]).splitlines()[2:])
        ),
        loaded=3,
    ),
    "only carriage returns": Broken("a.csv", lambda: _good().replace(b"\r\n", b"\r"), loaded=3),
}
