"""Rejected rows, given back to be mended."""

import csv
import io
from datetime import date

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from relief.core.ids import new_id
from relief.registry.intake import rejects
from relief.registry.intake.errors import (
    BatchNotFound,
    NothingRejected,
    UnreadableFile,
)
from relief.registry.models import SourceIdentity, SourceRecord
from tests.support.files import (
    S01,
    S04,
    TITLE,
    s01,
    s04,
    small_limits,
    write_csv,
    write_xlsx,
)
from tests.support.settings import START


def test_rejected_rows_come_back_mended_from_csv(session, cipher, storage, load, tmp_path):
    rows = [
        s01(),
        s01(姓名="", 家庭住址='=HYPERLINK("x")', 发放月份="2026年02月"),
        s01(姓名="赵\n丽", **{"发放金额（元）": "-5.00x"}),
        s01()[:4],
        ["合计", *[""] * 15],
    ]
    report = load(write_csv(tmp_path / "低保.csv", rows))

    made = rejects.workbook(session, report.batch_id, cipher=cipher, storage=storage)

    assert (made.name, made.media_type) == ("低保_退回行.csv", "text/csv")
    table = list(csv.reader(io.StringIO(made.content.decode("gb18030"), newline="")))
    assert table[0] == TITLE
    assert table[1] == [*S01, "退回原因"]
    assert table[2][14:] == ['\'=HYPERLINK("x")', "A类", "“姓名”为空，这一列必须填写。"]
    assert table[3][5] == "赵\n丽"
    assert table[3][11] == "'-5.00x"
    assert table[4][-1] == "这一行有 4 个单元格，表头有 16 个。"
    assert len(table) == 5

    table[2][5], table[3][11] = "孙明", "'-5.00"
    mended = tmp_path / "mended.csv"
    with mended.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows([*table[:4], table[2]])
    second = load(mended)
    assert (second.received, second.loaded) == (3, 2)
    people = session.scalars(
        select(SourceIdentity).where(SourceIdentity.batch_id == second.batch_id)
    ).all()
    assert {person.address for person in people} >= {'=HYPERLINK("x")'}
    assert session.scalar(select(func.min(SourceRecord.amount_fen))) == -500
    # A file that came back twice has the column once.
    again = rejects.workbook(session, second.batch_id, cipher=cipher, storage=storage)
    table = list(csv.reader(io.StringIO(again.content.decode("gb18030"), newline="")))
    assert table[1] == [*S01, "退回原因"]
    assert table[2][-1] == "与第 3 行完全相同。"


def test_rejected_rows_come_back_from_a_workbook(session, cipher, storage, load, tmp_path):
    rows = [
        ["统计表"],
        S04,
        s04(),
        s04(家庭成员姓名="", 救助类型="=1+1x", 身份证号码=True),
        s04(**{"救助金额（元）": "若干", "批准日期": date(1900, 1, 15)}),
    ]
    report = load(write_xlsx(tmp_path / "a.xlsx", rows))
    made = rejects.workbook(session, report.batch_id, cipher=cipher, storage=storage)
    assert made.name == "a_退回行.xlsx"
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(made.content)).get_sheet_by_index(0)
    table = sheet.to_python()
    assert table[0][0] == "统计表"
    assert table[1] == [*S04, "退回原因"]
    assert [row[-1] for row in table[2:]] == [
        "“家庭成员姓名”为空，这一列必须填写。",
        "“救助金额（元）”的内容无法识别。",
    ]
    assert table[2][8:10] == [date(2026, 3, 4), 1200.5]
    assert table[2][4] is True


def test_a_utf_8_file_comes_back_as_it_was(session, cipher, storage, load, tmp_path):
    for encoding, mark in (("utf-8-sig", b"\xef\xbb\xbf"), ("utf-8", TITLE[0].encode())):
        row = s01(姓名="", 保障类别=encoding)
        report = load(write_csv(tmp_path / f"{encoding}.csv", [row], encoding))
        made = rejects.workbook(session, report.batch_id, cipher=cipher, storage=storage)
        assert made.content.startswith(mark)
        assert encoding in made.content.decode("utf-8")


def test_only_batches_with_rejected_rows_give_them_back(session, cipher, storage, load, tmp_path):
    report = load(write_csv(tmp_path / "a.csv", [s01()]))
    with pytest.raises(NothingRejected):
        rejects.workbook(session, report.batch_id, cipher=cipher, storage=storage)
    with pytest.raises(BatchNotFound):
        rejects.workbook(session, new_id(START), cipher=cipher, storage=storage)


def test_an_original_that_no_longer_opens_is_told(session, cipher, storage, load, tmp_path):
    report = load(write_csv(tmp_path / "a.csv", [s01(姓名="")]))
    with pytest.raises(UnreadableFile):
        rejects.workbook(
            session,
            report.batch_id,
            cipher=cipher,
            storage=storage,
            limits=small_limits(file_bytes=1),
        )
