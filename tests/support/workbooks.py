"""Workbooks written by hand, so that a test can say what no library would write."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_DAY_STYLE = 1
_FIRST_DAY = date(1899, 12, 30)


def letters(column: int) -> str:
    """The letters of a column, counted from 1, up to Z."""
    return chr(ord("A") + column - 1)


def cell(place: str, text: str, *, raw: bool = False) -> str:
    """A cell of text; `raw` text is XML already."""
    inside = text if raw else escape(text)
    return f'<c r="{place}" t="inlineStr"><is><t>{inside}</t></is></c>'


def _cell(place: str, value: Any, *, raw: bool) -> str:
    if isinstance(value, date):
        return f'<c r="{place}" s="{_DAY_STYLE}"><v>{(value - _FIRST_DAY).days}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value}</v></c>'
    return cell(place, value, raw=raw) if value else ""


def sheet(rows: Sequence[Sequence[Any]], *, raw: bool = False) -> str:
    """The XML of a sheet with these rows."""
    inside = "".join(
        f'<row r="{number}">'
        + "".join(_cell(f"{letters(n)}{number}", v, raw=raw) for n, v in enumerate(row, start=1))
        + "</row>"
        for number, row in enumerate(rows, start=1)
    )
    return f'<worksheet xmlns="{SPREADSHEET}"><sheetData>{inside}</sheetData></worksheet>'


def parts(count: int = 1, hidden: int | None = None) -> dict[str, bytes]:
    """What a workbook of so many sheets has beside them."""
    numbers = range(1, count + 1)
    state = {hidden + 1: ' state="hidden"'} if hidden is not None else {}
    sheets = "".join(
        f'<sheet name="Sheet{n}" sheetId="{n}" r:id="rId{n}"{state.get(n, "")}/>' for n in numbers
    )
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    styles = (
        f'<styleSheet xmlns="{SPREADSHEET}"><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'
    )
    texts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{SPREADSHEET}" xmlns:r="{_OFFICE}">'
        f"<sheets>{sheets}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'{relations}<Relationship Id="rId99" Type="{_OFFICE}/styles" Target="styles.xml"/>'
        "</Relationships>",
        "xl/styles.xml": styles,
    }
    return {name: text.encode() for name, text in texts.items()}


WORKBOOK_PARTS = parts()


def book(*sheets: str, hidden: int | None = None) -> bytes:
    """A workbook of these sheets."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts(len(sheets), hidden).items():
            archive.writestr(name, data)
        for number, xml in enumerate(sheets, start=1):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", xml)
    return sink.getvalue()
