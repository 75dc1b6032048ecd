"""Registers as their steward sees them: uploads by the queue, how each stands, what rests on it."""

import io
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update

from relief.attachments.models import StoredFile
from relief.audit.models import AuditEvent
from relief.core.ids import new_id
from relief.registers import batches
from relief.registers.intake import rejects, service, uploads
from relief.registers.intake.errors import NothingRejectedOfRegister, RegisterBatchNotFound
from relief.registers.models import RegisterBatch, StoredEntry
from relief.registers.types import Content, Register, RegisterBatchStatus
from relief.registry.intake.errors import UnreadableFile
from relief.review.checks import resting
from relief.review.checks.resting import Supply
from relief.schemes.models import Parameter
from relief.tasks import worker
from relief.tasks.models import Task, TaskStatus
from relief.wiring import worker_of
from tests.support.register_files import DAY, write
from tests.support.registers import deliver
from tests.support.rising import CITY_CODE
from tests.support.settings import START
from tests.support.source import number

CAR = {"thing": "辽C12345", "kind": "小型轿车", "from_on": "2024-05-06", "state": "正常"}
TODAY = START.date()


@pytest.fixture
def send(app, session, cipher, clock):
    """`send(content)`: upload bytes; the task."""

    def sent(content, register=Register.VEHICLES, **more):
        task = uploads.receive_upload(
            session, io.BytesIO(content), file_name="车辆.csv", register=register, actor_id=None,
            cipher=cipher, storage=app.extensions["relief.config"].storage_dir, now=START, **more,
        )  # fmt: skip
        session.commit()
        return task.id

    return sent


@pytest.fixture
def work(app, session):
    """Do the task that is due; the task as it is then."""

    def worked(task_id):
        assert worker.run_one(worker_of(app))
        session.expire_all()
        return session.get_one(Task, task_id)

    return worked


@pytest.fixture
def content(tmp_path):
    """`content(*rows)`: the bytes of a file about vehicles."""

    def made(*rows, **more):
        return write(tmp_path, Register.VEHICLES, *rows, **more).read_bytes()

    return made


def of(session, register, now=START):
    return resting.one(session, register, now=now)


def stored(session):
    return session.scalar(select(func.count()).select_from(StoredFile))


def test_an_upload_is_loaded_by_the_worker_and_the_same_bytes_once(
    session, send, work, content, clock
):
    sent = content(CAR | {"number": number()}, CAR | {"number": "1"})
    first = send(sent)
    assert send(sent) == first  # it waits: the same task, and the file is kept once
    assert stored(session) == 1

    done = work(first)

    assert (done.status, done.result["status"]) == (TaskStatus.DONE, "loaded")
    assert (done.result["received"], done.result["loaded"], done.result["rejected"]) == (2, 1, 1)
    clock.advance(seconds=1)  # files of one moment have no order
    again = work(send(sent))
    assert again.result["status"] == "repeated"
    assert stored(session) == 1
    [newest, oldest] = batches.deliveries(session, register=Register.VEHICLES, limit=9).items
    assert (newest.repeats_id, oldest.id.hex) == (oldest.id, oldest.id.hex)
    told = select(AuditEvent.action).where(AuditEvent.subject_type == "register_batch")
    assert sorted(session.scalars(told)) == ["register_batch:loaded", "register_batch:repeated"]


def test_a_loaded_original_outlives_a_second_run_of_its_task(session, send, work, content):
    done = work(send(content(CAR | {"number": number()})))
    session.execute(
        update(Task).where(Task.id == done.id).values(status=TaskStatus.WAITING, finished_at=None)
    )
    session.commit()

    assert work(done.id).result["status"] == "repeated"
    assert stored(session) == 1


@pytest.mark.parametrize(
    ("sent", "register", "words"),
    [
        ("姓名\n张三\n", Register.VEHICLES, "表头"),
        ("姓名\n张三\n", None, "表头"),
    ],
)
def test_a_file_without_a_layout_fails_in_words_and_is_not_kept(
    session, send, work, sent, register, words
):
    task = work(send(sent.encode(), register))

    assert (task.status, words in task.message) == (TaskStatus.FAILED, True), task.message
    assert stored(session) == 0
    rows = batches.deliveries(session, register=None, limit=9).items
    assert [row.status for row in rows] == [RegisterBatchStatus.FAILED] * (register is not None)


def test_a_wrong_number_of_rows_refuses_the_file(session, send, work, content):
    task = work(send(content(CAR | {"number": number()}), expected_rows=5))

    assert task.status is TaskStatus.FAILED
    [row] = batches.deliveries(session, register=Register.VEHICLES, limit=9).items
    assert (row.status, bool(row.fault), stored(session)) == (RegisterBatchStatus.FAILED, True, 0)


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (b"", "文件是空的"),
        (b"%PDF-1.7", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "打开密码"),
        (b"<html><table>", "HTML"),
    ],
)
def test_what_is_no_table_is_refused_before_it_is_kept(session, send, start, words):
    with pytest.raises(UnreadableFile, match=words):
        send(start)

    assert stored(session) == 0
    assert session.scalar(select(Task)) is None


def test_rejected_rows_come_back_with_reasons_and_without_formulas(
    app, session, cipher, send, work, content
):
    sent = content(CAR | {"number": number()}, CAR | {"number": "=1+2", "name": '=HYPERLINK("x")'})
    batch_id = work(send(sent)).result["batch"]
    storage = app.extensions["relief.config"].storage_dir

    def take(batch):
        return rejects.take(
            session, batch, actor_id=None, cipher=cipher, storage=storage, now=START
        )

    found = take(batch_id)

    lines = found.content.decode().splitlines()
    assert (found.name, len(lines), "退回原因" in lines[0]) == ("车辆_退回行.csv", 2, True)
    assert "'=HYPERLINK" in lines[1]
    assert "无法识别" in lines[1]
    taken = select(AuditEvent).where(AuditEvent.action == "register_batch:rejected_rows_taken")
    assert session.scalars(taken).one().details["rows"] == 1
    other = deliver(session, cipher, Register.DEATHS, {"number": number()}, now=START)
    with pytest.raises(NothingRejectedOfRegister):
        take(other)
    with pytest.raises(RegisterBatchNotFound):
        take(new_id(START))


def test_a_register_is_missing_then_current_then_stale_and_partial_without_a_whole(session, cipher):
    assert of(session, Register.VEHICLES).supply is Supply.MISSING
    row = {"number": number(), "kind": "passenger_car"}
    change = deliver(
        session, cipher, Register.VEHICLES, row, now=START, day=DAY, content=Content.CHANGES
    )
    assert of(session, Register.VEHICLES).supply is Supply.PARTIAL
    service.undo(session, batch_id=change, actor_id=None, now=START)
    deliver(session, cipher, Register.VEHICLES, row, now=START, day=DAY)

    found = of(session, Register.VEHICLES)

    assert (found.supply, found.age_days) == (Supply.CURRENT, (TODAY - DAY).days)
    assert (found.entries, found.due_days, found.last.data_on) == (1, 45, DAY)
    assert [one.code for one in found.checks] == ["A13", "A26"]
    last_day = START + timedelta(days=45 - found.age_days)
    assert of(session, Register.VEHICLES, last_day).supply is Supply.CURRENT
    assert of(session, Register.VEHICLES, last_day + timedelta(1)).supply is Supply.STALE


def test_the_city_may_set_another_age_from_a_day_on(session, cipher):
    deliver(session, cipher, Register.DEATHS, {"number": number()}, now=START, day=DAY)
    session.add(
        Parameter(
            name="register_days_deaths", region_code=CITY_CODE, valid_from=date(2026, 11, 1),
            value=10, unit="days", source="市里的约定", confidence="M",
        )
    )  # fmt: skip

    found = of(session, Register.DEATHS)

    assert (found.supply, found.due_source) == (Supply.STALE, "市里的约定")


def test_entries_are_counted_as_they_hold_with_the_changes_since_the_whole(session, cipher):
    """Changed stays one, new is one more, deleted one less; what came before the whole is gone."""
    cars = [{"number": number(sequence=n), "kind": "passenger_car"} for n in range(1, 6)]

    def changes(day, *rows):
        deliver(
            session, cipher, Register.VEHICLES, *rows, now=START + timedelta(minutes=day),
            day=date(2026, 11, day), content=Content.CHANGES,
        )  # fmt: skip

    changes(1, cars[4])
    whole = deliver(
        session, cipher, Register.VEHICLES, *cars[:3], now=START, day=date(2026, 11, 10)
    )
    changes(11, cars[0], cars[3])
    changes(12, cars[3] | {"removed": True}, cars[1] | {"removed": True})
    changes(13, cars[4] | {"removed": True})

    assert of(session, Register.VEHICLES).entries == 2  # the first and the third

    service.undo(session, batch_id=whole, actor_id=None, now=START)
    # Without the whole only the changes tell: the first was named, the fifth named and deleted.
    assert of(session, Register.VEHICLES).entries == 1
    assert session.scalar(select(func.count()).select_from(StoredEntry)) == 9


def test_a_marriage_is_one_thing(session, cipher):
    sides = [{"number": number(sequence=n), "key": "登记1", "side": n} for n in (0, 1)]
    deliver(session, cipher, Register.MARRIAGES, *sides, now=START, content=Content.CHANGES)

    assert of(session, Register.MARRIAGES).entries == 1


def test_all_registers_take_a_fixed_number_of_statements(session, cipher, assert_queries):
    for register in (Register.VEHICLES, Register.DEATHS, Register.MARRIAGES):
        for content in Content:
            deliver(session, cipher, register, {"number": number()}, now=START, content=content)

    with assert_queries(10):
        rows = resting.overview(session, now=START)

    assert [row.register for row in rows] == list(Register)
    assert all(row.checks or row.rosters for row in rows)
    drawn = {row.register: [one.code for one in row.rosters] for row in rows if row.rosters}
    assert drawn == {Register.DISASTER_VICTIMS: ["S26"], Register.MONITORED_HOUSEHOLDS: ["S28"]}


def test_pages_of_files_and_of_rejected_rows_go_on_where_they_ended(session, send, work, content):
    bad = [CAR | {"number": str(place)} for place in range(3)]
    batch_id = work(send(content(CAR | {"number": number()}, *bad))).result["batch"]
    for place in range(2):
        session.add(_failed(place))
    session.flush()

    first = batches.deliveries(session, register=None, limit=2)
    second = batches.deliveries(session, register=None, limit=2, cursor=first.next_cursor)
    assert (len(first.items), len(second.items), second.next_cursor) == (2, 1, None)
    rows = batches.rejected_rows(session, batch_id=batch_id, limit=2)
    rest = batches.rejected_rows(session, batch_id=batch_id, limit=2, cursor=rows.next_cursor)
    assert [row.row_number for row in (*rows.items, *rest.items)] == [3, 4, 5]
    assert {row.column for row in rows.items} == {"所有人证件号码"}


def _failed(place):
    now = START + timedelta(minutes=place + 1)
    return RegisterBatch(
        id=new_id(now), register=Register.DEATHS, department_code="D01", layout="R10@1",
        content=Content.WHOLE, file_name="x.csv", sha256=b"x", created_at=now, received=0,
        loaded=0, rejected=0, status=RegisterBatchStatus.FAILED, fault="文件是空的",
    )  # fmt: skip
