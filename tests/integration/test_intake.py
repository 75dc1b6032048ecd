"""Department files on their way into the database."""

import dataclasses
import threading
from datetime import date

import pytest
from sqlalchemy import select

from relief.attachments import queries as attachments
from relief.attachments.models import StoredFile
from relief.audit.models import AuditEvent
from relief.core.ids import new_id
from relief.core.privacy.store import reveal
from relief.jobs.process import unit_of_work_of
from relief.registry.intake import driver, reading, service
from relief.registry.intake.errors import (
    BatchNotFound,
    BatchNotLive,
    UnknownScheme,
)
from relief.registry.intake.limits import DEFAULT_LIMITS
from relief.registry.intake.places import Places
from relief.registry.models import ImportBatch, SourceIdentity, SourceRecord
from relief.registry.types import BatchStatus
from tests.support.files import (
    NUMBER,
    PHONE,
    S04,
    s01,
    s04,
    small_limits,
    write_csv,
    write_xlsx,
)
from tests.support.loading import count, rejected
from tests.support.settings import START


def test_a_file_becomes_a_batch_with_all_that_hangs_on_it(session, cipher, storage, load, tmp_path):
    rows = [
        s01(),
        s01(发放月份="2026年02月"),
        s01(姓名="李秀英", 身份证号="", 保障类别=""),
        s01(姓名=""),
    ]
    path = write_csv(tmp_path / "低保.csv", rows)
    told = []

    report = load(path, progress=lambda *step: told.append(step))

    batch = session.get_one(ImportBatch, report.batch_id)
    assert (report.received, report.loaded, report.rejected) == (4, 3, 1)
    assert (batch.received, batch.loaded, batch.rejected) == (4, 3, 1)
    assert (batch.scheme_code, batch.layout, batch.status) == ("S01", "S01@1", BatchStatus.LOADED)
    assert (batch.file_name, batch.data_on) == ("低保.csv", date(2026, 2, 1))
    people = session.scalars(select(SourceIdentity).order_by(SourceIdentity.id)).all()
    assert [(p.name, p.record_count, p.first_on, p.last_on) for p in people] == [
        ("王建国", 2, date(2026, 1, 1), date(2026, 2, 1)),
        ("李秀英", 1, date(2026, 1, 1), date(2026, 1, 1)),
    ]
    assert people[1].citizen_id is None
    plain = reveal(session, cipher, [people[0].citizen_id, people[0].phone, people[0].account])
    assert plain[people[0].citizen_id] == NUMBER
    assert plain[people[0].phone] == PHONE
    records = session.scalars(select(SourceRecord).order_by(SourceRecord.row_number)).all()
    assert [(r.row_number, r.identity_id, r.period_on, r.amount_fen, r.item) for r in records] == [
        (3, people[0].id, date(2026, 1, 1), 61250, "A类"),
        (4, people[0].id, date(2026, 2, 1), 61250, "A类"),
        (5, people[1].id, date(2026, 1, 1), 61250, None),
    ]
    assert rejected(session, report) == [(6, "missing_value")]
    stored = attachments.get(session, batch.file_id)
    assert b"".join(attachments.pieces(stored, cipher=cipher, storage=storage)) == path.read_bytes()
    assert stored.media_type == "text/csv"
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == report.batch_id)
    ).one()
    assert (event.action, event.details["loaded"]) == ("import_batch:loaded", 3)
    assert [step[:2] for step in told] == [(0, 2), (1, 2), (2, 2)]
    assert list((storage / "work").iterdir()) == []


def test_the_same_file_twice_adds_nothing(session, load, tmp_path):
    path = write_csv(tmp_path / "a.csv", [s01(), s01(姓名="")])
    first = load(path)
    again = load(path)
    assert again.status is BatchStatus.REPEATED
    assert (again.received, again.loaded, again.rejected) == (2, 0, 2)
    assert str(first.batch_id) in again.fault
    assert session.get_one(ImportBatch, again.batch_id).repeats_id == first.batch_id
    assert count(session, SourceRecord) == 1
    assert load(path, "S01").status is BatchStatus.REPEATED


def test_rows_that_are_in_stock_are_sent_back_until_their_batch_is_undone(session, load, tmp_path):
    first = load(write_csv(tmp_path / "a.csv", [s01(), s01(姓名="李秀英")]))
    more = write_csv(tmp_path / "b.csv", [s01(姓名="赵丽"), s01()])
    second = load(more)
    assert (second.loaded, second.rejected) == (1, 1)
    assert rejected(session, second) == [(4, "already_loaded")]
    assert count(session, SourceIdentity) == 3

    for report in (first, second):
        service.undo_batch(session, batch_id=report.batch_id, actor_id=None, now=START)
    third = load(more)
    assert (third.status, third.loaded) == (BatchStatus.LOADED, 2)


def test_a_batch_is_undone_once(session, load, tmp_path):
    report = load(write_csv(tmp_path / "a.csv", [s01()]))
    service.undo_batch(session, batch_id=report.batch_id, actor_id=None, now=START)
    batch = session.get_one(ImportBatch, report.batch_id)
    assert (batch.status, batch.undone_at) == (BatchStatus.UNDONE, START)
    with pytest.raises(BatchNotLive):
        service.undo_batch(session, batch_id=report.batch_id, actor_id=None, now=START)
    with pytest.raises(BatchNotFound):
        service.undo_batch(session, batch_id=new_id(START), actor_id=None, now=START)


def test_a_file_without_any_row_fit_to_load_is_a_batch(session, load, tmp_path):
    report = load(write_csv(tmp_path / "a.csv", [s01(姓名="")]))
    assert (report.status, report.received, report.loaded) == (BatchStatus.LOADED, 1, 0)
    assert load(write_csv(tmp_path / "b.csv", [s01()])).loaded == 1


@pytest.mark.parametrize("content", [b"", b"\0\1\2", "品名,单价\n苹果,3\n".encode()])
def test_a_refused_file_of_no_known_scheme_leaves_no_batch(session, load, tmp_path, content):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    report = load(path)
    assert (report.status, report.batch_id, report.scheme_code) == (BatchStatus.FAILED, None, None)
    assert report.fault
    assert count(session, ImportBatch) == count(session, StoredFile) == 0


def test_a_refused_file_of_a_known_scheme_is_a_failed_batch(session, load, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(write_csv(path, [s01()]).read_bytes() + '"铁东区\n'.encode("gb18030"))
    report = load(path)
    assert (report.status, report.scheme_code, report.received) == (BatchStatus.FAILED, "S01", 0)
    batch = session.get_one(ImportBatch, report.batch_id)
    assert batch.fault == report.fault == "第 4 行起有双引号没有配对，后面的内容无法分行。"
    assert (batch.layout, batch.file_id) == ("S01@1", None)
    assert count(session, SourceRecord) == 0
    assert load(path).status is BatchStatus.FAILED


def test_an_unknown_scheme_is_refused(load, tmp_path):
    with pytest.raises(UnknownScheme):
        load(write_csv(tmp_path / "a.csv", [s01()]), "S99")


def test_what_is_rolled_back_leaves_no_file(session, load, storage, tmp_path):
    with session.begin_nested():
        pass
    load(write_csv(tmp_path / "a.csv", [s01()]))
    assert list(storage.glob("files/*/*"))
    session.rollback()
    assert not list(storage.glob("files/*/*"))
    assert count(session, ImportBatch) == 0


def test_a_committed_file_stays_when_a_later_transaction_is_rolled_back(
    session, load, storage, tmp_path
):
    load(write_csv(tmp_path / "a.csv", [s01()]))
    session.commit()
    session.execute(select(1))
    session.rollback()
    assert list(storage.glob("files/*/*"))


def test_a_file_changed_while_it_is_read_is_refused(session, cipher, storage, tmp_path):
    path = write_csv(tmp_path / "a.csv", [s01()])
    arrival = service.arrive(path)
    found = reading.Reading(tmp_path, "S01", "S01@1", 1, 0, None)
    path.write_bytes(b"something else")
    report = service.settle(
        session, arrival, found, actor_id=None, cipher=cipher, storage=storage, now=START
    )
    assert report.status is BatchStatus.FAILED
    assert report.fault == "文件在导入过程中被改动，请重新导入。"
    assert count(session, StoredFile) == 0


def test_a_scheme_that_the_database_lacks_is_refused(session, cipher, storage, tmp_path):
    arrival = service.arrive(write_csv(tmp_path / "a.csv", [s01()]))
    found = reading.Reading(tmp_path, "S98", "S98@1", 1, 0, None)
    with pytest.raises(UnknownScheme):
        service.settle(
            session, arrival, found, actor_id=None, cipher=cipher, storage=storage, now=START
        )


@pytest.mark.parametrize(
    ("limits", "begins"),
    [
        ({"wall_seconds": 0}, "读取文件用时过长"),
        ({"cpu_seconds": 0}, "读取文件用时过长"),
        ({"memory_bytes": 1 << 20}, "文件内容过多"),
    ],
)
def test_a_child_that_takes_too_much_is_stopped(tmp_path, limits, begins):
    found = reading.read(
        write_csv(tmp_path / "a.csv", [s01()]),
        scheme=None,
        places=Places((), ()),
        today=START.date(),
        folder=tmp_path,
        limits=small_limits(**limits),
    )
    assert found.fault.startswith(begins)


def test_a_bug_in_the_reader_is_a_fault_without_values(tmp_path, caplog):
    found = reading.read(
        write_csv(tmp_path / "a.csv", [s01()]),
        scheme=None,
        places=Places((), ()),
        today=START.date(),
        folder=tmp_path,
        limits=DEFAULT_LIMITS,
    )
    assert found.fault == "读取文件时出现意外错误，请联系系统管理员。"
    assert "王建国" not in caplog.text


class TestSeveralProcesses:
    """Imports on a database of their own, which commit."""

    @pytest.fixture
    def opened(self, spare_app):
        return unit_of_work_of(spare_app)

    @pytest.fixture
    def job(self, spare_app, opened):
        return driver.Import(
            unit_of_work=opened,
            scheme_code=None,
            actor_id=None,
            cipher=spare_app.extensions["relief.cipher"],
            storage=spare_app.extensions["relief.config"].storage_dir,
            clock=spare_app.extensions["relief.clock"],
        )

    def test_one_bad_file_takes_nothing_from_the_others(self, job, opened, tmp_path):
        bad = tmp_path / "b.csv"
        bad.write_bytes(b"\0")
        good = write_csv(tmp_path / "a.csv", [s01()])
        book = write_xlsx(tmp_path / "c.xlsx", [S04, s04()])
        reports = driver.import_paths([good, bad, book, good], job)
        assert [report.status.value for report in reports] == [
            "loaded",
            "failed",
            "loaded",
            "repeated",
        ]
        assert reports[1].as_json()["batch"] is None
        with opened() as session:
            assert count(session, SourceRecord) == 2
        assert list((job.storage / "work").iterdir()) == []

    def test_two_imports_of_one_file_load_it_once(self, job, opened, tmp_path):
        path = write_csv(tmp_path / "a.csv", [s01(), s01(姓名="李秀英")])
        reports = []
        threads = [
            threading.Thread(target=lambda: reports.extend(driver.import_paths([path], job)))
            for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(report.status.value for report in reports) == ["loaded", "repeated"]
        with opened() as session:
            assert count(session, SourceRecord) == 2

    def test_an_error_in_one_file_stops_the_readers_and_cleans_up(self, job, opened, tmp_path):
        paths = [write_csv(tmp_path / f"{n}.csv", [s01(姓名=f"王{n}")]) for n in range(4)]

        def fail(done, _total, _message):
            if done == 1:
                raise RuntimeError

        with pytest.raises(RuntimeError):
            driver.import_paths(paths, dataclasses.replace(job, progress=fail))
        with opened() as session:
            assert count(session, ImportBatch) == 1
        assert list((job.storage / "work").iterdir()) == []
