"""Small department files, as offices would export them."""

import csv
import dataclasses
import functools
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import xlsxwriter

import seeds
from relief.registry.intake import child
from relief.registry.intake.limits import DEFAULT_LIMITS, Limits
from tests.support import canaries

# The headings of seeds/layouts/S01.yml (CSV) and S04.yml (workbook).
S01 = [
    "县（市）区",
    "乡镇（街道）",
    "村（社区）",
    "低保证号",
    "户主姓名",
    "姓名",
    "与户主关系",
    "身份证号",
    "性别",
    "民族",
    "发放月份",
    "发放金额（元）",
    "开户账号",
    "联系电话",
    "家庭住址",
    "保障类别",
]
S04 = [
    "家庭编号",
    "申请人（户主）",
    "家庭成员姓名",
    "与申请人关系",
    "身份证号码",
    "县区",
    "镇街",
    "村居",
    "批准日期",
    "救助金额（元）",
    "救助类型",
    "联系方式",
]
TITLE = ["鞍山市城乡居民最低生活保障金发放明细表"]
NUMBER = canaries.citizen_id(0)  # a man's, born on 1980-03-04
PHONE, ACCOUNT = canaries.phone(0), canaries.account(0)
PERSON = {
    "县（市）区": "铁东区",
    "乡镇（街道）": "解放街道",
    "村（社区）": "解放社区",
    "低保证号": "D001",
    "户主姓名": "王建国",
    "姓名": "王建国",
    "与户主关系": "户主",
    "身份证号": NUMBER,
    "性别": "男",
    "民族": "满族",
    "发放月份": "2026年01月",
    "发放金额（元）": "612.50",
    "开户账号": ACCOUNT,
    "联系电话": PHONE,
    "家庭住址": "鞍山市铁东区解放街道解放社区1号",
    "保障类别": "A类",
}
APPLICANT = {
    "家庭编号": "L-1",
    "申请人（户主）": "赵丽",
    "家庭成员姓名": "赵丽",
    "与申请人关系": "本人",
    "身份证号码": "210381197512310025",
    "县区": "海城市",
    "批准日期": date(2026, 3, 4),
    "救助金额（元）": 1200.5,
    "救助类型": "医疗",
}


def s01(**changes: str) -> list[str]:
    """A row of the minimum allowance's file; names of headings are keyword arguments."""
    return [{**PERSON, **changes}.get(heading, "") for heading in S01]


def s04(**changes: Any) -> list[Any]:
    """A row of the workbook of temporary aid."""
    return [{**APPLICANT, **changes}.get(heading, "") for heading in S04]


def csv_bytes(
    rows: Sequence[Sequence[str]], encoding: str = "gb18030", delimiter: str = ","
) -> bytes:
    """The rows as a CSV file."""
    sink = io.StringIO(newline="")
    csv.writer(sink, delimiter=delimiter).writerows(rows)
    return sink.getvalue().encode(encoding)


def write_csv(path: Path, rows: Sequence[Sequence[str]], encoding: str = "gb18030") -> Path:
    """Write a CSV file: title, headings and these rows."""
    path.write_bytes(csv_bytes([TITLE, S01, *rows], encoding))
    return path


def write_xlsx(path: Path, *sheets: Sequence[Sequence[Any]], hidden: int | None = None) -> Path:
    """Write a workbook with these sheets, in real cell types."""
    with xlsxwriter.Workbook(str(path)) as book:
        form = book.add_format({"num_format": "yyyy-mm-dd"})
        for place, rows in enumerate(sheets):
            sheet = book.add_worksheet()
            if place == hidden:
                sheet.hide()
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, date | datetime):
                        sheet.write_datetime(number, column, cell, form)
                    else:
                        sheet.write(number, column, cell)
    return path


@functools.cache
def regions() -> list[tuple[int, str, str]]:
    with seeds.path("reference/regions.csv").open(encoding="utf-8") as file:
        return [(int(r["code"]), r["name"], r["level"]) for r in csv.DictReader(file)]


ZONES = [("鞍山高新技术产业开发区", 210302000000), ("千山风景名胜区", 210304000000)]


def read(path: Path, folder: Path, scheme: str | None = None, **limits: Any) -> Mapping[str, Any]:
    """Read a file as the child does, in this process; with the Parquet files as lists."""
    folder.mkdir(exist_ok=True)
    result = child.run(
        {
            "path": str(path),
            "scheme": scheme,
            "folder": str(folder),
            "today": "2026-11-23",
            "regions": regions(),
            "zones": ZONES,
            "limits": dataclasses.asdict(dataclasses.replace(DEFAULT_LIMITS, **limits)),
        }
    )
    found = {
        name: pq.read_table(folder / f"{name}.parquet").to_pylist()
        for name in ("identities", "records", "rejects")
        if (folder / f"{name}.parquet").exists()
    }
    return {**result, **found}


def small_limits(**changes: Any) -> Limits:
    """The usual limits but for some."""
    return dataclasses.replace(DEFAULT_LIMITS, **changes)
