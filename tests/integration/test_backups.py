"""Backups made, killed, damaged, restored and drilled, by the commands and on a real server."""

import io
import json
import shutil
import signal
import subprocess
import sys
import threading
from base64 import b64encode
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from relief import wiring
from relief.attachments import queries
from relief.attachments import service as attachments
from relief.attachments.models import StoredFile
from relief.attachments.strays import LEFT_AFTER, remove_strays
from relief.audit import checks, sealing
from relief.backups import service
from relief.backups.drill import VALUES
from relief.backups.manifest import DUMP, MANIFEST, newest
from relief.cli.backups import backup, drill, restore
from relief.cli.context import CHECKOUT
from relief.core.clock import system_clock
from relief.core.config import SealSettings
from relief.core.db import session_on
from relief.core.privacy import store
from relief.core.privacy.models import SecretKind
from relief.integrations.postgres import archive
from relief.jobs.process import unit_of_work_of
from tests.support.settings import START, key, key_settings
from tests.support.source import number
from tests.support.tampering import tamper, until_settled
from tests.support.waiting import wait_until

WAITING = (
    "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database"
    " WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()"
)
NUMBER = number()
DATA = b64encode(key("data", 1)).decode()


class Office:
    """A database and a storage folder with something in them, and the commands."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self.storage, self.backups = folder / "storage", folder / "backups"
        self.env = {
            "RELIEF_OWNER_DATABASE_URL": url,
            "RELIEF_WEB_DATABASE_URL": url,
            **key_settings(),
            "RELIEF_STORAGE_DIR": str(self.storage),
            "RELIEF_ANCHOR_DIR": str(folder / "anchors"),
        }

    def run(self, command, *arguments, code=0, **env):
        done = CliRunner().invoke(
            command, [str(argument) for argument in arguments], env={**self.env, **env}
        )
        assert done.exit_code == code, done.output
        return done.output

    def back_up(self):
        return json.loads(self.run(backup, self.backups, "--json"))

    def sql(self, statement):
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)


@pytest.fixture
def office(spare_app, spare_database_url, tmp_path):
    config = spare_app.extensions["relief.config"]
    office = Office(spare_database_url, tmp_path)
    with unit_of_work_of(spare_app)() as session:
        store.put_many(session, config.cipher, SecretKind.CITIZEN_ID, [NUMBER], now=START)
        for name in ("低保.csv", "特困.csv"):
            attachments.store(
                session,
                io.BytesIO(f"{name}{NUMBER}".encode() * 1000),
                name=name,
                media_type="text/csv",
                purpose="import",
                actor_id=None,
                cipher=config.cipher,
                storage=office.storage,
                now=START,
                limit=2**20,
            )
    return office


def databases(url):
    with psycopg.connect(url) as connection:
        drills = "SELECT datname FROM pg_database WHERE starts_with(datname, current_database())"
        return {name for (name,) in connection.execute(drills)}


def test_what_was_backed_up_comes_back_to_the_row(office, empty_database_url, tmp_path):
    made = office.back_up()
    elsewhere = tmp_path / "elsewhere"

    said = office.run(
        restore, office.backups, "--into", empty_database_url, RELIEF_STORAGE_DIR=str(elsewhere)
    )

    assert (made["files"], made["key_ids"]) == (2, [1])
    assert "均与清单一致" in said
    with archive.connect(office.url) as one, archive.connect(empty_database_url) as other:
        assert archive.table_facts(one) == archive.table_facts(other)
    files = {path.relative_to(office.storage) for path in office.storage.glob("files/*/*")}
    assert len(files) == 2
    for file in files:
        assert (elsewhere / file).read_bytes() == (office.storage / file).read_bytes()


def test_a_backup_holds_no_personal_value_in_clear_and_no_key(office):
    made = Path(office.back_up()["backup"])
    loose = office.folder / "dump.sql"
    with archive.snapshot(office.url) as held:
        program = archive.program("pg_restore", held.version)
    subprocess.run([program, "--file", loose, made / DUMP], check=True)

    content = loose.read_bytes() + b"".join(
        path.read_bytes() for path in made.rglob("*") if path.is_file() and path.name != DUMP
    )

    assert b"secret_value" in content
    for secret in (NUMBER.encode(), key("data", 1), key("index", 1), DATA.encode()):
        assert secret not in content


def test_a_killed_backup_is_never_taken_for_a_whole_one(office):
    first = office.back_up()
    with psycopg.connect(office.url) as blocker:
        blocker.execute("LOCK TABLE person IN ACCESS EXCLUSIVE MODE")
        with subprocess.Popen(
            [sys.executable, "-m", "relief.cli", "backup", str(office.backups)],
            cwd=CHECKOUT,
            env={**office.env, "PATH": "/usr/bin:/bin", "PYTHONUTF8": "1"},
            start_new_session=True,
        ) as doomed:
            while not list(office.backups.glob(".relief-*.partial")):
                assert doomed.poll() is None
            doomed.send_signal(signal.SIGKILL)
            doomed.wait(20)

    assert newest(office.backups) == Path(first["backup"])
    assert list(office.backups.glob(".relief-*.partial"))
    shutil.rmtree(first["backup"])
    assert "没有完整的备份" in office.run(drill, office.backups, code=1)
    office.back_up()
    assert not list(office.backups.glob(".relief-*.partial"))


@pytest.mark.parametrize("victim", [DUMP, MANIFEST, "files"])
@pytest.mark.parametrize("how", ["changed", "gone"])
def test_a_damaged_backup_is_refused_before_anything_is_touched(
    office, empty_database_url, victim, how
):
    made = Path(office.back_up()["backup"])
    file = made / victim if victim != "files" else next(made.glob("files/*/*"))
    if how == "gone":
        file.unlink()
    else:
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)

    said = office.run(restore, made, "--into", empty_database_url, code=1)

    assert f"{made.name}：" in said or "没有完整的备份" in said
    assert archive.is_empty(empty_database_url)


def test_nothing_is_restored_over_what_is_there(office, empty_database_url):
    office.back_up()

    assert "已有数据表" in office.run(restore, office.backups, code=1)
    assert "已有文件" in office.run(restore, office.backups, "--into", empty_database_url, code=1)
    assert archive.is_empty(empty_database_url)


def test_a_restore_that_fails_leaves_the_storage_folder_empty(office, empty_database_url, tmp_path):
    office.back_up()
    elsewhere = {"RELIEF_STORAGE_DIR": str(tmp_path / "elsewhere")}
    into = (restore, office.backups, "--into", empty_database_url)
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute("CREATE TYPE account AS ENUM ()")  # in the way of the table

    assert "pg_restore 失败" in office.run(*into, code=1, **elsewhere)
    assert not list((tmp_path / "elsewhere").glob("files/*/*"))

    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute("DROP TYPE account")
    assert "均与清单一致" in office.run(*into, **elsewhere)


def test_a_restore_says_what_stands_in_the_dump_and_not_in_the_server(
    office, empty_database_url, tmp_path
):
    office.sql("CREATE ROLE relief_drill_reader")
    try:
        office.sql("GRANT SELECT ON region TO relief_drill_reader")
        office.back_up()
    finally:
        office.sql("REVOKE SELECT ON region FROM relief_drill_reader")
        office.sql("DROP ROLE relief_drill_reader")

    said = office.run(
        restore,
        office.backups,
        "--into",
        empty_database_url,
        code=1,
        RELIEF_STORAGE_DIR=str(tmp_path / "elsewhere"),
    )

    assert "缺少 relief_drill_reader" in said


def test_a_row_without_its_file_makes_no_backup(office):
    next(office.storage.glob("files/*/*")).unlink()

    assert "缺失" in office.run(backup, office.backups, code=1)
    assert list(office.backups.iterdir()) == []


def test_a_server_that_cannot_be_dumped_is_told_in_one_line(office):
    assert "无法连接" in office.run(
        backup, office.backups, "--url", "postgresql://nobody@127.0.0.1:1/none", code=1
    )
    assert "RELIEF_STORAGE_DIR" in office.run(
        backup, office.backups, code=2, RELIEF_STORAGE_DIR=None
    )
    with pytest.raises(archive.ArchiveError, match="需要同版或更新"):
        archive.program("pg_dump", 99)


def test_a_drill_of_a_good_backup_is_green_and_leaves_nothing(office):
    office.back_up()
    before = databases(office.url)

    said = json.loads(office.run(drill, office.backups, "--json"))

    assert said["green"]
    assert (said["values_opened"], said["files_opened"]) == (VALUES, 2)
    assert databases(office.url) == before
    assert not list(office.backups.glob(".drill-*"))
    assert "演练通过" in office.run(drill, office.backups)


def test_a_drill_finds_what_was_done_to_the_restored_trail(office):
    settings = SealSettings(key=key("seal", 1), anchor_dir=office.folder / "anchors")
    until_settled(office.url)
    with session_on(office.url) as session:
        sealing.seal(session, keys=checks.keys_of(settings), now=START)
    tamper(office.url, ("UPDATE audit_event SET action = 'x:y' WHERE actor_id IS NULL",))
    office.back_up()

    said = office.run(drill, office.backups, code=1)

    assert "审计日志：" in said
    assert "事件内容被修改" in said


def test_a_drill_without_the_key_is_red_and_names_it(office):
    office.back_up()

    said = office.run(drill, office.backups, code=1, RELIEF_DATA_KEYS=f"2:{DATA}")

    assert "缺少编号为 1 的数据密钥" in said
    assert "无法完整解密" in said
    assert "演练未通过" in said


def test_a_drill_with_another_index_key_is_red(office):
    other = b64encode(key("index", 2)).decode()
    office.back_up()

    said = office.run(drill, office.backups, code=1, RELIEF_INDEX_KEYS=f"1:{other}")

    assert "查找索引与索引密钥不符" in said


def test_a_drill_finds_a_planted_difference_and_asks_the_verifiers(office, monkeypatch):
    office.back_up()
    real = archive.restore

    def restore_and_plant(url, source):
        real(url, source)
        with psycopg.connect(url) as connection:
            connection.execute("UPDATE region SET name = name || '?' WHERE code = 210302000000")

    monkeypatch.setattr(archive, "restore", restore_and_plant)
    assert "region" in office.run(drill, office.backups, code=1)

    monkeypatch.setattr(archive, "restore", real)
    monkeypatch.setattr(
        wiring, "verifiers_of", lambda _config: {"审计": lambda _session: ["第 7 行被改过"]}
    )
    assert "审计：第 7 行被改过" in office.run(drill, office.backups, code=1)


def test_a_file_that_is_discarded_while_a_backup_runs_is_in_it(
    office, spare_app, empty_database_url, tmp_path
):
    cipher, later = spare_app.extensions["relief.cipher"], system_clock() + 2 * LEFT_AFTER

    def discard_and_clean_up(step, _of, _what):
        if step == 2:  # the snapshot is taken, and no file is copied yet
            with unit_of_work_of(spare_app)() as session:
                stored = session.scalar(select(StoredFile).where(StoredFile.name == "低保.csv"))
                attachments.discard(session, stored, storage=office.storage)
            with unit_of_work_of(spare_app)() as session:
                assert remove_strays(session, storage=office.storage, now=later) == 0

    _, made = service.back_up(
        office.url, office.storage, office.backups, now=START, progress=discard_and_clean_up
    )

    assert len(made.files) == 2
    elsewhere = tmp_path / "elsewhere"
    service.restore(office.backups, empty_database_url, elsewhere)
    with session_on(empty_database_url) as session:
        for stored in session.scalars(select(StoredFile)):
            whole = b"".join(queries.pieces(stored, cipher=cipher, storage=elsewhere))
            assert len(whole) == stored.size
    assert json.loads(office.run(drill, office.backups, "--json"))["files_opened"] == 2
    with unit_of_work_of(spare_app)() as session:
        assert remove_strays(session, storage=office.storage, now=later) == 1
    assert len(list(office.storage.glob("files/*/*"))) == 1


def test_a_backup_does_not_know_a_file_that_was_being_discarded_before(office, spare_app):
    made = []
    with unit_of_work_of(spare_app)() as session:
        stored = session.scalar(select(StoredFile).where(StoredFile.name == "低保.csv"))
        attachments.discard(session, stored, storage=office.storage)
        waiting = threading.Thread(target=lambda: made.append(office.back_up()))
        waiting.start()
        with psycopg.connect(office.url, autocommit=True) as connection:
            wait_until(lambda: connection.execute(WAITING).fetchone() == (1,))
    waiting.join(20)

    assert [one["files"] for one in made] == [1]


def test_two_backups_at_once_do_not_meet(office):
    from relief.backups.service import _alone  # noqa: PLC0415  # the lock itself

    office.backups.mkdir()
    with _alone(office.backups):
        assert "另一个备份正在写入" in office.run(backup, office.backups, code=1)
