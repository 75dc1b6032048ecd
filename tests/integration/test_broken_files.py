"""The broken-file matrix: each file through the real intake, with its child process."""

import re
import resource

import pytest
from sqlalchemy import func, select

from relief.attachments.models import StoredFile
from relief.core.privacy.models import SecretValue
from relief.registry.models import ImportBatch, RejectedRow, SourceIdentity, SourceRecord
from relief.registry.types import BatchStatus
from tests.support.broken_files import BROKEN
from tests.support.files import s01, small_limits, write_csv
from tests.support.loading import count

FILLED_BY_A_LOAD = (RejectedRow, SourceIdentity, SourceRecord, SecretValue, StoredFile)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_harms_nothing(session, load, storage, tmp_path, name):
    broken = BROKEN[name]
    path = tmp_path / broken.file_name
    path.write_bytes(broken.make())
    before = [count(session, model) for model in FILLED_BY_A_LOAD]

    report = load(path, broken.scheme, expected_rows=broken.rows)

    assert report.received == report.loaded + report.rejected
    if broken.says:
        assert report.status is BatchStatus.FAILED, report
        assert re.search(broken.says, report.fault), report.fault
        assert CHINESE.search(report.fault)
        assert "\n" not in report.fault
        assert report.received == 0
        assert [count(session, model) for model in FILLED_BY_A_LOAD] == before
        assert list(storage.glob("files/*/*")) == []
        assert count(session, ImportBatch) == (report.batch_id is not None)
    else:
        assert report.status is BatchStatus.LOADED, report
        assert (report.loaded, report.rejected) == (broken.loaded, len(broken.rejects))
        _compare_rejects(session, report, broken.rejects)
    assert list((storage / "work").iterdir()) == []
    good = load(write_csv(tmp_path / "next.csv", [s01(姓名="后来")]))
    assert (good.status, good.loaded) == (BatchStatus.LOADED, 1)


def _compare_rejects(session, report, wanted):
    found = session.execute(
        select(RejectedRow.row_number, RejectedRow.reason)
        .where(RejectedRow.batch_id == report.batch_id)
        .order_by(RejectedRow.row_number)
    ).all()
    assert [row.row_number for row in found] == [number for number, _ in wanted]
    for row, (_, reason) in zip(found, wanted, strict=True):
        assert re.search(reason, row.reason), row.reason
        assert re.match(r"“.+”|这一行", row.reason)


def test_no_reader_took_more_than_its_memory():
    """The largest child of this process, so also of the files above when they ran in it."""
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024

    assert most <= small_limits().memory_bytes


def test_a_reader_that_needs_more_memory_than_it_may_have_is_a_message(load, tmp_path):
    path = write_csv(tmp_path / "a.csv", [s01()])

    report = load(path, limits=small_limits(memory_bytes=64 << 20))

    assert report.status is BatchStatus.FAILED
    assert "内存上限" in report.fault


def test_a_reader_that_takes_too_long_is_a_message(load, tmp_path):
    path = write_csv(tmp_path / "a.csv", [s01()])

    report = load(path, limits=small_limits(wall_seconds=0))

    assert report.status is BatchStatus.FAILED
    assert report.fault == "读取文件用时过长，已停止，请拆分后导入。"


def test_a_failed_batch_is_one_row(session, load, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(BROKEN["missing heading"].make())

    first = load(path, "S01")
    second = load(path, "S01")

    assert {first.status, second.status} == {BatchStatus.FAILED}
    assert session.scalar(select(func.count()).select_from(ImportBatch)) == 2
