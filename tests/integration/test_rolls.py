"""Rolls and change files on their way in."""

from datetime import date

import pytest
from sqlalchemy import select

from relief.registry.intake import rejects, uploads
from relief.registry.intake.errors import UnknownRegion
from relief.registry.merging.service import merge
from relief.registry.models import Enrolment, ImportBatch, SourceRecord
from relief.registry.types import BatchStatus, FileContent
from tests.support.files import s01, write_csv
from tests.support.loading import count, rejected
from tests.support.roll_files import write_changes, write_roll
from tests.support.settings import CIPHER, START

OTHER = {"在册人员姓名": "李秀英", "与户主关系": "妻"}


def test_a_roll_is_known_by_its_headings_and_has_its_day(session, load, tmp_path):
    report = load(write_roll(tmp_path / "在册.xlsx", {}, OTHER), region_code=210302000000)

    batch = session.get_one(ImportBatch, report.batch_id)
    assert (batch.scheme_code, batch.layout, batch.content, batch.data_on, batch.region_code) == (
        "S01",
        "S01-roll@1",
        FileContent.ROLL,
        date(2026, 6, 30),
        210302000000,
    )
    assert (report.loaded, report.rejected) == (2, 0)


def test_a_row_that_is_on_the_next_roll_too_is_no_repetition(session, load, tmp_path):
    load(write_roll(tmp_path / "a.xlsx", {}, OTHER))

    report = load(write_roll(tmp_path / "b.xlsx", {}))

    assert (report.loaded, report.rejected) == (1, 0)


def test_a_roll_keeps_no_row_of_what_was_paid_out_and_the_other_way_round(load, session, tmp_path):
    load(write_csv(tmp_path / "paid.csv", [s01()]))
    load(write_changes(tmp_path / "changes.csv", {}))

    assert load(write_csv(tmp_path / "again.csv", [s01(), s01(姓名="李秀英")])).rejected == 1
    assert load(write_changes(tmp_path / "more.csv", {}, {"变动类型": "新增"})).rejected == 0


def test_a_change_file_keeps_what_each_row_says(session, load, tmp_path):
    rows = ({}, {"变动类型": "恢复", "变动日期": "2026-07-01"}, {"变动类型": "调整"}, {})

    report = load(write_changes(tmp_path / "变动.csv", *rows))

    assert rejected(session, report) == [(5, "repeated_row")]
    actions = session.execute(
        select(SourceRecord.action, SourceRecord.period_on).order_by(SourceRecord.row_number)
    ).all()
    assert actions == [
        ("left", date(2026, 6, 10)),
        ("joined", date(2026, 7, 1)),
        ("changed", date(2026, 6, 10)),
    ]


def test_a_change_that_is_unknown_or_still_to_come_is_sent_back(session, load, tmp_path):
    rows = ({"变动类型": "？"}, {"变动类型": ""}, {"变动日期": "2062-01-01"})

    report = load(write_changes(tmp_path / "变动.csv", *rows))

    assert rejected(session, report) == [
        (2, "unreadable_value"),
        (3, "missing_value"),
        (4, "unreadable_value"),
    ]


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        (({}, {**OTHER, "数据截止日期": "2026-06-29"}), "有 2 个不同的日期"),
        (({"数据截止日期": "2062-06-30"},), "无法从“数据截止日期”得知数据日期"),
        ((), "无法从“数据截止日期”得知数据日期"),
    ],
)
def test_a_roll_that_is_not_of_one_day_is_refused_whole(session, load, tmp_path, rows, fault):
    report = load(write_roll(tmp_path / "在册.xlsx", *rows))

    assert report.status is BatchStatus.FAILED
    assert fault in report.fault
    assert count(session, SourceRecord) == 0


def test_the_same_roll_again_waits_with_the_one_that_is_held(session, load, tmp_path):
    path = write_roll(tmp_path / "在册.xlsx", OTHER)
    load(write_csv(tmp_path / "paid.csv", [s01(发放月份="2026年05月")]))
    held = load(path)
    merge(session, cipher=CIPHER, actor_id=None, now=START)
    session.expire_all()
    assert session.get_one(ImportBatch, held.batch_id).status is BatchStatus.HELD

    again = load(path)

    assert again.status is BatchStatus.REPEATED
    batch = session.get_one(ImportBatch, again.batch_id)
    assert (batch.repeats_id, batch.content) == (held.batch_id, FileContent.ROLL)


def test_rejected_rows_of_a_change_file_come_back_in_its_form(
    session, cipher, storage, load, tmp_path
):
    report = load(write_changes(tmp_path / "变动.csv", {}, {"变动类型": "？"}))

    file = rejects.workbook(session, report.batch_id, cipher=cipher, storage=storage)

    text = file.content.decode("gb18030")
    assert text.startswith("变动日期,变动类型,")
    assert "“变动类型”的内容无法识别" in text


def test_files_of_all_kinds_make_one_registry(session, load, tmp_path):
    load(write_csv(tmp_path / "paid.csv", [s01(发放月份="2026年05月")]))
    left = load(write_changes(tmp_path / "变动.csv", {"与户主关系": "户主"}))

    merge(session, cipher=CIPHER, actor_id=None, now=START)

    place = session.scalars(select(Enrolment)).one()
    assert (place.ended_on, place.ended_by) == (date(2026, 6, 10), left.batch_id)


def test_a_roll_of_no_region_of_the_city_is_refused(session, cipher, storage, tmp_path):
    path = write_roll(tmp_path / "在册.xlsx", {})
    with path.open("rb") as stream, pytest.raises(UnknownRegion):
        uploads.receive_upload(
            session,
            stream,
            file_name="在册.xlsx",
            scheme_code=None,
            region_code=110101000000,
            actor_id=None,
            cipher=cipher,
            storage=storage,
            now=START,
        )
