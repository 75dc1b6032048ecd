"""A workbook whose texts are short in the file and long in the cells."""

import dataclasses
import io
import zipfile

import pytest

from relief.registry.intake import workbook_guard
from relief.registry.intake.errors import FileFault, UnreadableFile
from relief.registry.intake.limits import DEFAULT_LIMITS
from relief.registry.intake.xlsx_table import open_sheets
from relief.visits.files import reading, task
from tests.support import workbooks

LIMITS = dataclasses.replace(DEFAULT_LIMITS, text_characters=1000, cell_characters=300)
SHEET = "xl/worksheets/sheet1.xml"


def cells(count, number=0, form='<c r="A{row}" t="s"><v>{number}</v></c>'):
    rows = (
        f'<row r="{row}">{form.format(row=row, number=number)}</row>'
        for row in range(1, count + 1)
    )  # fmt: skip
    inside = f"<sheetData>{''.join(rows)}</sheetData>"
    return f'<worksheet xmlns="{workbooks.SPREADSHEET}">{inside}</worksheet>'


def write(path, texts, sheet, name=SHEET):
    parts = workbooks.parts()
    relations = "xl/_rels/workbook.xml.rels"
    parts[relations] = parts[relations].replace(
        b"worksheets/sheet1.xml", name.removeprefix("xl/").encode()
    )
    items = "".join(f"<si><t>{text}</t></si>" for text in texts)
    parts["xl/sharedStrings.xml"] = f'<sst xmlns="{workbooks.SPREADSHEET}">{items}</sst>'.encode()
    parts[name] = sheet.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, content in parts.items():
            archive.writestr(place, content)
    return path


def refused(path, limits=LIMITS):
    with pytest.raises(UnreadableFile) as error:
        workbook_guard.check(path, limits)
    return error.value.fault, error.value.message


def test_one_text_longer_than_a_cell_is_refused(tmp_path):
    path = write(tmp_path / "a.xlsx", ["短", "长" * 301], cells(1))

    fault, message = refused(path)

    assert fault is FileFault.CELL_TOO_LONG
    assert "超过 300 个字" in message


@pytest.mark.parametrize(
    "form",
    [
        '<c r="A{row}" t="s"><v>{number}</v></c>',
        "<c r='A{row}' t = 's' ><v>{number}</v></c>",
        '<c t="s" r="A{row}">\n <v>{number}</v></c>',
        '<c r="A{row}" t="s"><!-- --><v>{number}</v></c>',
    ],
)
@pytest.mark.parametrize("name", [SHEET, "xl/other/part.dat"])
def test_a_text_that_too_many_cells_name_is_refused(tmp_path, form, name):
    texts = ["短", "长" * 300]

    fault, message = refused(write(tmp_path / "a.xlsx", texts, cells(4, 1, form), name))

    assert fault is FileFault.TOO_LARGE
    assert "合计超过" in message
    workbook_guard.check(write(tmp_path / "b.xlsx", texts, cells(3, 1, form), name), LIMITS)


def test_each_cell_counts_by_the_text_that_it_names_wherever_it_stands(tmp_path):
    many = 40_000  # more than one piece of the sheet
    limits = dataclasses.replace(LIMITS, text_characters=many)

    workbook_guard.check(write(tmp_path / "a.xlsx", ["短", "长" * 300], cells(many)), limits)

    fault, _ = refused(write(tmp_path / "b.xlsx", ["短", "长" * 300], cells(many + 1)), limits)
    assert fault is FileFault.TOO_LARGE


def test_a_text_with_characters_that_no_xml_may_hold_is_read_as_before(tmp_path):
    path = write(tmp_path / "a.xlsx", ["甲\x01乙&#x2;&amp;"], cells(2))

    [table] = open_sheets(path, LIMITS)

    assert table.first_rows(1) == [["甲\x01乙\x02&"]]


def test_shared_texts_that_are_no_xml_are_refused(tmp_path):
    assert refused(write(tmp_path / "a.xlsx", ["<b>"], cells(1)))[0] is FileFault.BROKEN_WORKBOOK


def test_a_sheet_by_another_name_is_looked_through_as_well(tmp_path):
    far = cells(1, 0, '<c r="XFD{row}" t="s"><v>{number}</v></c>')

    fault, _ = refused(write(tmp_path / "a.xlsx", ["短"], far, "xl/other/part.dat"))

    assert fault is FileFault.TOO_MANY_COLUMNS


def test_a_file_of_assignments_that_would_fill_the_memory_is_refused_with_the_reason(tmp_path):
    # 30,000 characters in 5,000 cells: 150 million, of a file of some kilobytes.
    path = write(tmp_path / "帮扶.xlsx", ["长" * 30_000], cells(5_000))
    job = {"path": str(path), "folder": "", "limits": dataclasses.asdict(task.LIMITS)}

    assert path.stat().st_size < 1 << 20
    assert "合计超过 1000 万字" in reading.run(job)["message"]


def test_what_is_no_xml_may_be_of_any_kind(tmp_path):
    sink = io.BytesIO(write(tmp_path / "a.xlsx", ["短"], cells(1)).read_bytes())
    with zipfile.ZipFile(sink, "a") as archive:
        archive.writestr("xl/media/a.png", b'\x89PNG"s"' * 1000)
    (tmp_path / "b.xlsx").write_bytes(sink.getvalue())

    workbook_guard.check(tmp_path / "b.xlsx", dataclasses.replace(LIMITS, text_characters=1))
