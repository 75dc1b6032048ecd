"""Layouts of outside registers: what a wrong one is refused for; which file is which."""

import csv
import dataclasses
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

import seeds
from relief.organisation import seeding
from relief.registers.intake import child, describing, layouts
from relief.registers.intake.child import ENTRIES, REJECTS
from relief.registers.types import Content, Register
from relief.registry.intake.layouts import BadLayout
from relief.registry.intake.limits import DEFAULT_LIMITS
from tests.support.register_files import write
from tests.support.source import number

NOBODY = {"register": "deaths", "version": 1, "title": "死亡", "office": "公安局",
          "department": "D01", "file_name": "x.csv", "key": ["number"]}  # fmt: skip
NUMBER = {"heading": "身份证号", "field": "number", "required": True}
NAME = {"heading": "姓名", "field": "name"}
COMMON = {
    "whole": [{"heading": "数据截止日期", "field": "data_on", "format": "%Y", "required": True}],
    "changes": [],
}


def loaded(folder: Path, *columns, content=Content.WHOLE, **instead):
    file = folder / "R99.yml"
    file.write_text(yaml.safe_dump({**NOBODY, "columns": [NUMBER, NAME, *columns], **instead}))
    return layouts.load(file, COMMON, {}, content)


def test_every_register_has_a_layout_for_whole_files_and_for_changes():
    found = {(one.register, one.content) for one in layouts.load_all().values()}

    assert found == {(register, content) for register in Register for content in Content}


def test_each_layout_is_described_for_the_office_that_sends_it():
    text = seeds.path("registers").parents[1].joinpath("docs/registers.md").read_text("utf-8")
    for one in layouts.load_all().values():
        for column in one.layout.columns:
            assert column.heading in text
            if column.required and one.content is Content.WHOLE and column.field != "data_on":
                assert f"**{column.heading}**" in text


@pytest.mark.parametrize(
    ("column", "fault"),
    [
        ({"heading": "死亡日期", "field": "from_on"}, "死亡日期: no date format"),
        ({"heading": "金额", "field": "amount", "format": "dollar"}, "unknown form of money"),
        ({"heading": "类别", "field": "kind"}, "类别: no codes"),
        ({"heading": "电话", "field": "phone"}, "unknown field"),
        ({"heading": "姓名二", "field": "name"}, "a field has two columns"),
        ({"heading": "姓 名", "field": "place"}, "two columns share a heading"),
    ],
)
def test_a_wrong_column_is_named(tmp_path, column, fault):
    with pytest.raises(BadLayout, match=fault):
        loaded(tmp_path, column)


def test_a_layout_must_say_what_an_entry_is_of_and_whose(tmp_path):
    with pytest.raises(BadLayout, match="a part of the key may be missing"):
        loaded(tmp_path, key=["number", "place"])
    with pytest.raises(BadLayout, match="no required number"):
        loaded(tmp_path, columns=[NAME], key=["name"])
    with pytest.raises(BadLayout, match=r"R99\.yml: .*moon"):
        loaded(tmp_path, register="moon")
    assert loaded(tmp_path).layout.id == "R99@1"
    assert loaded(tmp_path, content=Content.CHANGES).layout.id == "R99-changes@1"


def read(folder: Path, path: Path, **instead):
    regions, zones = seeding.places()
    job = {
        "path": str(path), "register": None, "folder": str(folder), "today": "2026-11-23",
        "regions": regions, "zones": zones, "expected_rows": None,
        "limits": dataclasses.asdict(DEFAULT_LIMITS),
    }  # fmt: skip
    return child.run({**job, **instead})


def reasons(folder: Path):
    return [row["reason"] for row in pq.read_table(folder / REJECTS).to_pylist()]


def entries(folder: Path):
    return pq.read_table(folder / ENTRIES).to_pylist()


def test_a_place_that_is_not_of_the_city_sends_its_row_back(tmp_path):
    row = {"number": number(), "place": "某村", "from_on": "2021.03.01"}
    path = write(tmp_path, Register.CADRES, row | {"county": "铁东区"},
                 row | {"county": "沈河区", "place": "另一村"})  # fmt: skip

    found = read(tmp_path, path)

    assert (found["received"], found["rejected"]) == (2, 1)
    assert reasons(tmp_path) == ["“县（市）区”不是本市的区划。"]
    assert [one["region_code"] for one in entries(tmp_path)] == [210302000000]


def test_an_area_or_a_certificate_that_cannot_be_sends_its_row_back(tmp_path):
    house = {"number": number(), "group": "U1", "kind": "住宅", "from_on": "2020/01/02",
             "state": "现势"}  # fmt: skip
    areas = ["89.5", "60平方米", "0", "很大", "NaN", "1E9"]
    rows = [house | {"thing": f"Z{place}", "area": area} for place, area in enumerate(areas)]
    read(tmp_path, write(tmp_path, Register.REAL_ESTATE, *rows))
    assert [one["area_dm2"] for one in entries(tmp_path)] == [8_950, 6_000]

    card = {"number": number(), "from_on": "2020-01-02", "state": "有效"}
    texts = [f"{number()}42", f"{number(sequence=3)}99b1", "残疾证", f"{number()}42B12"]
    read(tmp_path, write(tmp_path, Register.DISABILITY_CERTIFICATES,
                         *(card | {"certificate": text} for text in texts)))  # fmt: skip
    told = [(one["agrees"], one["kind"], one["grade"]) for one in entries(tmp_path)]
    assert told == [(True, "4", "2"), (False, "9", "9")]


def test_where_a_register_tells_no_state_the_last_day_does(tmp_path):
    row = {"group": "0012", "relation": "子"}
    path = write(tmp_path, Register.HOUSEHOLD_REGISTER, row | {"number": number()},
                 row | {"number": number(sequence=3), "to_on": "20260101"})  # fmt: skip

    read(tmp_path, path)

    assert [one["state"] for one in entries(tmp_path)] == ["valid", "ended"]
    assert {one["born_on"] for one in entries(tmp_path)} == {date(1980, 3, 4)}


def test_a_last_day_that_cannot_be_read_leaves_no_marriage_standing(tmp_path):
    couple = {"other_name": "李四", "other_number": number(sequence=3), "from_on": "2010-10-10"}
    days = ["2019年8月8日", "", "无", "9999-12-31"]
    rows = [
        couple | {"thing": f"J{place}", "number": number(), "to_on": day}
        for place, day in enumerate(days)
    ]

    found = read(tmp_path, write(tmp_path, Register.MARRIAGES, *rows))

    assert (found["received"], found["rejected"]) == (4, 1)
    assert reasons(tmp_path) == ["“离婚日期”的内容无法识别。"]
    assert {one["state"] for one in entries(tmp_path)} == {"valid"}


def test_a_whole_file_without_its_day_is_taken_for_no_change_file(tmp_path):
    path = write(tmp_path, Register.DEATHS, {"number": number(), "kind": "火化登记",
                                             "from_on": "2026-09-09"})  # fmt: skip
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(row[1:] for row in rows)

    assert read(tmp_path, path)["fault"] == "no_layout"
    assert "请对照“死亡人员信息”的模板" in read(tmp_path, path, register="deaths")["message"]


@pytest.mark.parametrize(
    ("text", "square_decimetres"),
    [("89.5平方米", 8950), ("0", None), ("nan", None), ("不详", None), ("1e999999", None)],
)
def test_an_area_is_read_or_refused_whatever_is_written(text, square_decimetres):
    assert describing._area(text) == square_decimetres  # noqa: SLF001  # one cell's reader
