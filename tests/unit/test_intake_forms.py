"""Reading and writing tables directly, and taking rejected rows out of an original."""

import csv
import dataclasses
import io
from datetime import date, datetime, time, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from relief.registry.intake import child, csv_table, extract
from relief.registry.intake.csv_table import CsvTable
from relief.registry.intake.errors import UnreadableFile
from relief.registry.intake.limits import DEFAULT_LIMITS
from relief.registry.intake.xlsx_table import cell_text
from tests.support.files import S01, S04, TITLE, read, s01, s04, write_csv, write_xlsx

S28 = (
    "监测年度,行政区划代码,户编号,户主姓名,姓名,与户主关系代码,证件号码,性别,出生日期,民族,"
    "监测对象类别,当年帮扶资金（元）,住址,联系电话"
)


def rows_of(text, tmp_path, width=3, heading_row=1):
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode())
    table = CsvTable(path, DEFAULT_LIMITS)
    found = [
        tuple(row.values())
        for batch in table.batches(heading_row=heading_row, width=width)
        for row in batch.to_pylist()
    ]
    return found, [(row.number, row.cells) for row in table.odd_rows()]


def test_odd_rows_keep_their_numbers_among_the_others(tmp_path):
    text = 'a,b,c\n1,2,3\n\n4,"x\ny",5\n6,7\n8,9,10,\n8,9,10,11\n12,13,14'
    found, odd = rows_of(text, tmp_path)
    assert found == [
        (2, "1", "2", "3"),
        (3, "", "", ""),
        (4, "4", "x\ny", "5"),
        (8, "12", "13", "14"),
        (6, "8", "9", "10"),
    ]
    assert odd == [(5, ("6", "7")), (7, ("8", "9", "10", "11"))]


def test_too_many_odd_rows_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_table, "_MOST_ODD_ROWS", 1)
    with pytest.raises(UnreadableFile):
        rows_of("a,b,c\n1,2\n1,2\n", tmp_path)


def test_quotes_inside_cells_are_text(tmp_path):
    found, _ = rows_of('a,b,c\n"q"" z",mid"quote"x,"end"tail\n', tmp_path)
    assert found[0] == (2, 'q" z', 'mid"quote"x', "endtail")


def test_a_roster_with_region_codes_is_resolved(tmp_path):
    path = tmp_path / "a.csv"
    person = '2025,{},H1,王建国,王建国,02,,男,19800304,汉族,脱贫不稳定户,"1,200.00",,'
    codes = ["210302002001", "", "210881001001"]
    lines = [S28, *(person.format(code) for code in codes)]
    path.write_text("\n".join(lines), "utf-8-sig")
    found = read(path, tmp_path / "out")
    assert [row["region_code"] for row in found["identities"]] == [210302002001, 210300000000]
    assert [(r["row_number"], r["column"]) for r in found["rejects"]] == [(4, "行政区划代码")]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("x", "x"),
        (3.0, "3"),
        (3.25, "3.25"),
        (True, "True"),
        (date(2026, 3, 4), "2026-03-04"),
        (datetime(2026, 3, 4), "2026-03-04"),  # noqa: DTZ001  # a cell has no zone
        (datetime(2026, 3, 4, 5, 6), "2026-03-04T05:06:00"),  # noqa: DTZ001
        (time(5, 6), "05:06:00"),
        (timedelta(hours=1), "1:00:00"),
    ],
)
def test_cells_of_a_workbook_become_text(cell, text):
    assert cell_text(cell) == text


@pytest.fixture
def take_out(tmp_path):
    """Take rows out of an original, by number and reason; the file's bytes."""

    def take_out(path, scheme, reasons):
        wanted = pa.table(
            {"row_number": pa.array(list(reasons)), "reason": pa.array(list(reasons.values()))}
        )
        pq.write_table(wanted, tmp_path / extract.WANTED)
        job = {
            "path": str(path),
            "scheme": scheme,
            "folder": str(tmp_path),
            "limits": dataclasses.asdict(DEFAULT_LIMITS),
        }
        assert extract.run(job) == {}
        return (tmp_path / extract.RESULT).read_bytes()

    return take_out


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig"])
def test_rows_come_out_of_a_csv_file_in_its_own_form(tmp_path, take_out, encoding):
    rows = [s01(), s01(姓名="＝1"), s01()[:3], [*s01(), "@多"]]
    path = write_csv(tmp_path / "a.csv", rows, encoding)
    content = take_out(path, "S01", {4: "甲", 5: "乙", 6: "丙"})
    assert content.startswith(TITLE[0].encode(encoding))
    table = list(csv.reader(io.StringIO(content.decode(encoding), newline="")))
    assert table[1] == [*S01, "退回原因"]
    assert (table[2][5], table[2][-1]) == ("'＝1", "甲")
    assert table[3] == [*s01()[:3], *[""] * 13, "乙"]
    assert table[4][-2:] == ["'@多", "丙"]


def test_rows_come_out_of_a_workbook_in_their_own_types(tmp_path, take_out):
    odd = s04(批准日期=date(1900, 1, 15), 县区=True, 镇街="-x")
    path = write_xlsx(tmp_path / "a.xlsx", [S04, s04(), odd])
    content = take_out(path, "S04", {2: "甲", 3: "乙"})
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    assert sheet.name == "退回行"
    head, first, second = sheet.to_python()
    assert head == [*S04, "退回原因"]
    assert (first[8], first[9], first[-1]) == (date(2026, 3, 4), 1200.5, "甲")
    assert (second[5], second[6], second[8]) == (True, "'-x", "1900-01-15")


def test_too_little_memory_for_the_engine_is_a_fault(tmp_path):
    path = write_csv(tmp_path / "a.csv", [s01()])
    assert read(path, tmp_path / "out", engine_memory="1KB")["fault"] == "too_large"


def test_a_bug_is_told_by_its_place_only():
    found = child.run({"limits": {}})
    assert found["fault"] == "reader_failed"
    assert found["trace"][0] == "KeyError"
