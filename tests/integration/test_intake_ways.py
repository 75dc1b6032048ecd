"""The ways by which files come in: the queue, the command, and processes that are killed."""

import io
import json
import subprocess
import sys
import threading

import pytest
from click.testing import CliRunner
from flask import appcontext_pushed
from sqlalchemy import func, select, text

from relief.attachments import queries as attachments
from relief.attachments import service as attaching
from relief.attachments.errors import FileNotFound, FileTooLarge
from relief.attachments.models import StoredFile
from relief.cli.imports import import_
from relief.cli.merge import merge
from relief.core import endings, locks
from relief.core.database_roles import DatabaseRole
from relief.core.db import db
from relief.core.ids import new_id
from relief.core.privacy.models import SecretKind
from relief.core.privacy.store import put_many
from relief.jobs.process import unit_of_work_of
from relief.registry.intake import driver, reading, task, uploads
from relief.registry.intake.errors import UnknownScheme
from relief.registry.intake.limits import DEFAULT_LIMITS
from relief.registry.models import ImportBatch, SourceRecord
from relief.registry.types import BatchStatus
from relief.tasks.models import Task, TaskStatus
from relief.tasks.worker import Worker, run_one
from tests.support.database import accounts_on
from tests.support.files import S01, csv_bytes, s01, write_csv
from tests.support.roll_files import write_roll
from tests.support.settings import START, key_settings
from tests.support.waiting import wait_until

# Who waits for a lock that the transaction asking holds.
WAITING = text(
    "SELECT count(*) FROM pg_locks"
    " WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
)


@pytest.fixture
def opened(spare_app):
    return unit_of_work_of(spare_app)


@pytest.fixture
def upload(spare_app, opened):
    """Send bytes as an upload; the id of the task."""

    def upload(content, *, scheme=None, actor=None, **more):
        with opened() as session:
            return uploads.receive_upload(
                session,
                io.BytesIO(content),
                file_name="低保.csv",
                scheme_code=scheme,
                actor_id=actor,
                cipher=spare_app.extensions["relief.cipher"],
                storage=spare_app.extensions["relief.config"].storage_dir,
                now=START,
                **more,
            ).id

    return upload


@pytest.fixture
def work(spare_app, opened):
    """Do the task that is due."""

    def work():
        worker = Worker(
            handlers={"import": task.run},
            unit_of_work=opened,
            cipher=spare_app.extensions["relief.cipher"],
            config=spare_app.extensions["relief.config"],
            clock=spare_app.extensions["relief.clock"],
            ended=lambda *_: None,
        )
        assert run_one(worker)

    return work


def test_an_upload_is_imported_by_a_task_and_a_merge_follows(opened, upload, work):
    actor = new_id(START)
    task_id = upload(csv_bytes([S01, s01()]), actor=actor)
    work()
    with opened() as session:
        done = session.get_one(Task, task_id)
        assert (done.status, done.result["loaded"]) == (TaskStatus.DONE, 1)
        batch = session.scalars(select(ImportBatch)).one()
        assert (batch.created_by, batch.file_name) == (actor, "低保.csv")
        stored = session.get_one(StoredFile, batch.file_id)
        assert (stored.media_type, stored.purpose) == ("text/csv", "import")
        merge = session.scalars(select(Task).where(Task.kind == "merge")).one()
        assert (merge.key, merge.arguments) == ("registry", {"notify": [str(actor)]})


def test_an_upload_of_the_system_tells_nobody_and_a_repeat_queues_no_merge(opened, upload, work):
    for _ in range(2):
        upload(csv_bytes([S01, s01()]), scheme="S01")
        work()
    with opened() as session:
        merge = session.scalars(select(Task).where(Task.kind == "merge")).one()
        assert merge.arguments == {"notify": []}
        found = session.scalars(select(ImportBatch.status)).all()
        assert sorted(found) == [BatchStatus.LOADED, BatchStatus.REPEATED]


def test_a_refused_upload_fails_with_its_message(opened, upload, work):
    task_id = upload(b"\0\0", scheme="S01")
    work()
    with opened() as session:
        failed = session.get_one(Task, task_id)
        assert failed.status is TaskStatus.FAILED
        assert failed.message == "文件不是 xlsx 或 csv 表格，无法读取。"
        assert session.scalars(select(ImportBatch.status)).one() is BatchStatus.FAILED


def test_the_same_upload_while_it_waits_is_one_task_and_one_file(spare_app, opened, upload):
    content = csv_bytes([S01, s01()])
    assert upload(content) == upload(content)
    with opened() as session:
        assert session.scalar(select(func.count()).select_from(StoredFile)) == 1
    storage = spare_app.extensions["relief.config"].storage_dir
    assert len(list(storage.glob("files/*/*"))) == 1


def test_an_upload_of_an_unknown_scheme_or_too_large_is_refused(spare_app, upload):
    with pytest.raises(UnknownScheme):
        upload(b"x", scheme="S99")
    with pytest.raises(FileTooLarge):
        upload(b"xx", limits=reading.Limits(file_bytes=1))
    storage = spare_app.extensions["relief.config"].storage_dir
    assert not list(storage.glob("files/*/*"))


def test_a_stored_file_that_is_gone_is_told(session, cipher, tmp_path):
    with pytest.raises(FileNotFound):
        attachments.get(session, new_id(START))
    stored = attaching.store(
        session,
        io.BytesIO(b"x"),
        name="x",
        media_type="text/csv",
        purpose="import",
        actor_id=None,
        cipher=cipher,
        storage=tmp_path,
        now=START,
        limit=10,
    )
    attaching.path_of(tmp_path, stored.id).unlink()
    with pytest.raises(FileNotFound):
        list(attachments.pieces(stored, cipher=cipher, storage=tmp_path))


def test_endings_run_once_and_after_the_outer_transaction(session):
    told = []
    endings.on_commit(session, lambda: told.append("committed"))
    endings.on_rollback(session, lambda: told.append("rolled back"))
    with session.begin_nested():
        session.execute(select(1))
    assert told == []
    session.commit()
    assert told == ["committed"]
    endings.on_commit(session, lambda: told.append("committed"))
    endings.on_rollback(session, lambda: told.append("rolled back"))
    session.rollback()
    session.commit()
    assert told == ["committed", "rolled back"]


def test_two_writers_of_a_new_value_end_with_one_row(spare_app, opened):
    cipher = spare_app.extensions["relief.cipher"]
    found = {}

    def put(values):
        with opened() as session:
            found[len(values)] = put_many(session, cipher, SecretKind.PHONE, values, now=START)

    with opened() as session:
        first = put_many(session, cipher, SecretKind.PHONE, ["1", "2"], now=START)
        other = threading.Thread(target=put, args=(["2", "3", "4"],))
        other.start()
        wait_until(lambda: session.scalar(WAITING))
    other.join()
    assert found[3]["2"] == first["2"]
    assert len({*first.values(), *found[3].values()}) == 4


def test_a_reader_that_cannot_start_is_a_fault(tmp_path):
    found = reading.run_child("relief.nothing", {}, folder=tmp_path, limits=DEFAULT_LIMITS)
    assert found["fault"] == "reader_failed"


def test_an_importer_killed_before_its_commit_leaves_nothing(spare_app, opened, tmp_path):
    path = write_csv(tmp_path / "a.csv", [s01()])
    config = spare_app.extensions["relief.config"]
    command = [sys.executable, "-m", "tests.support.doomed_importer", config.database_url]
    with opened() as holder:
        locks.hold(holder, "import S01")
        with subprocess.Popen([*command, str(config.storage_dir), str(path)]) as process:
            try:
                wait_until(lambda: holder.scalar(WAITING))
                assert len(list((config.storage_dir / "work").glob("*/records.parquet"))) == 1
            finally:
                process.kill()
    with opened() as session:
        assert session.scalar(select(func.count()).select_from(ImportBatch)) == 0
        assert session.scalar(select(func.count()).select_from(SourceRecord)) == 0
    job = driver.Import(
        unit_of_work=opened,
        scheme_code=None,
        actor_id=None,
        cipher=spare_app.extensions["relief.cipher"],
        storage=config.storage_dir,
        clock=spare_app.extensions["relief.clock"],
    )
    assert driver.import_paths([path], job)[0].loaded == 1
    assert list((config.storage_dir / "work").iterdir()) == []


@pytest.fixture
def relief(monkeypatch, tmp_path, spare_database_url):
    """Run `relief import` with arguments; its exit code and its JSON or its text."""
    url = accounts_on(spare_database_url)[DatabaseRole.WORKER]
    monkeypatch.setenv("RELIEF_WORKER_DATABASE_URL", url)
    for name, value in key_settings().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("RELIEF_STORAGE_DIR", str(tmp_path / "storage"))
    monkeypatch.setenv("RELIEF_ANCHOR_DIR", str(tmp_path / "anchors"))
    apps = set()

    def note(app, **_more):
        apps.add(app)

    def run(*arguments):
        result = CliRunner().invoke(import_, [str(argument) for argument in arguments])
        is_json = "--json" in arguments and result.exit_code in {0, 1} and result.stdout
        return result.exit_code, json.loads(result.stdout) if is_json else result.output

    with appcontext_pushed.connected_to(note):
        yield run
    for app in apps:
        with app.app_context():
            db.engine.dispose()


def test_the_command_imports_a_folder_merges_and_undoes(relief, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    write_csv(folder / "a.csv", [s01(), s01(姓名="")])
    for name in ("truth.csv", "irregularities.csv", "readme.txt", ".hidden.csv"):
        (folder / name).write_text("x")
    code, result = relief(folder, "--json")
    assert code == 0
    assert (result["received"], result["loaded"], result["rejected"]) == (2, 1, 1)
    assert [file["file"] for file in result["files"]] == ["a.csv"]
    assert result["merge"]["persons"] == 1

    code, result = relief("--undo", result["files"][0]["batch"], "--json")
    assert (code, result["merge"]["persons"]) == (0, 0)
    code, output = relief("--undo", result["undone"])
    assert (code, "不能撤销" in output) == (1, True)


def test_the_command_says_which_roll_is_held(relief, tmp_path):
    paid = write_csv(tmp_path / "a.csv", [s01(发放月份="2026年05月")])
    roll = write_roll(tmp_path / "在册.xlsx", {"在册人员姓名": "李秀英"})
    assert relief(paid)[0] == 0

    code, output = relief(roll, "--region", "210302000000")
    merged = CliRunner().invoke(merge, [])

    assert code == 0
    assert "在册.xlsx：名册没有生效，等待数据管理员确认（会使在册的 1 人中 1 人离开）" in output
    assert (merged.exit_code, "名册没有生效" in merged.output) == (0, False)


def test_a_merge_by_command_says_which_roll_is_held(relief, tmp_path):
    paid = write_csv(tmp_path / "a.csv", [s01(发放月份="2026年05月")])
    roll = write_roll(tmp_path / "在册.xlsx", {"在册人员姓名": "李秀英"})
    relief(paid, roll, "--no-merge")

    merged = CliRunner().invoke(merge, [])

    assert (merged.exit_code, "名册没有生效" in merged.output) == (0, True)


def test_the_command_refuses_a_region_that_is_not_of_the_city(relief, tmp_path):
    roll = write_roll(tmp_path / "在册.xlsx", {})

    code, output = relief(roll, "--region", "110101000000")

    assert (code, "没有这个区划" in output) == (1, True)


def test_the_command_says_in_words_what_it_did(relief, tmp_path):
    path = write_csv(tmp_path / "a.csv", [s01()])
    code, output = relief(path, "--scheme", "S01", "--no-merge")
    assert code == 0
    assert "a.csv：已入库，收到 1 行，入库 1 行，退回 0 行。" in output
    assert "合计：收到 1 行" in output
    (tmp_path / "b.csv").write_bytes(b"\0")
    code, output = relief(tmp_path / "b.csv", "--no-merge")
    assert code == 1
    assert "b.csv：未能读取" in output
    batch = relief(path, "--no-merge", "--json")[1]["files"][0]
    assert batch["status"] == "repeated"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "请给出要导入的文件或目录"),
        (["{path}", "--undo", "01a201a3-f98a-7596-9168-65c85ef5c1a7"], 2, "请给出要导入"),
        (["{path}", "--scheme", "S99"], 1, "没有这个救助项目的导入模板"),
        (["{empty}"], 1, "没有找到 csv 或 xlsx 文件。"),
        (["--undo", "01a201a3-f98a-7596-9168-65c85ef5c1a7"], 1, "没有这个批次"),
    ],
)
def test_the_command_refuses_clearly(relief, tmp_path, arguments, code, message):
    empty = tmp_path / "empty"
    empty.mkdir()
    path = write_csv(tmp_path / "a.csv", [s01()])
    found, output = relief(*(a.format(path=path, empty=empty) for a in arguments))
    assert (found, message in output) == (code, True)


def test_an_undo_is_told_in_words(relief, tmp_path):
    result = relief(write_csv(tmp_path / "a.csv", [s01()]), "--no-merge", "--json")[1]
    code, output = relief("--undo", result["files"][0]["batch"])
    assert (code, "已撤销" in output) == (0, True)


def test_an_upload_with_other_rows_than_told_is_refused_and_not_kept(
    spare_app, opened, upload, work
):
    task_id = upload(csv_bytes([S01, s01()]), expected_rows=2)
    work()
    with opened() as session:
        failed = session.get_one(Task, task_id)
        assert failed.status is TaskStatus.FAILED
        assert "填写的数据行数是 2，文件里实际有 1 行" in failed.message
        batch = session.scalars(select(ImportBatch)).one()
        assert (batch.status, batch.file_id) == (BatchStatus.FAILED, None)
        assert session.scalar(select(func.count()).select_from(StoredFile)) == 0
    storage = spare_app.extensions["relief.config"].storage_dir
    assert not list(storage.glob("files/*/*"))


def test_the_command_holds_a_file_to_its_rows(relief, tmp_path):
    path = write_csv(tmp_path / "a.csv", [s01()])
    code, output = relief(path, "--rows", "3", "--no-merge")
    assert (code, "填写的数据行数是 3，文件里实际有 1 行" in output) == (1, True)
    code, output = relief(path, path, "--rows", "1", "--no-merge")
    assert (code, "--rows 只能与单个文件一起使用" in output) == (1, True)
    code, result = relief(path, "--rows", "1", "--no-merge", "--json")
    assert (code, result["loaded"]) == (0, 1)
