"""`relief registers`, with the database account of the worker."""

import json

import pytest
from click.testing import CliRunner
from flask import appcontext_pushed

from relief.cli.registers import registers
from relief.core.database_roles import DatabaseRole
from relief.core.db import db
from relief.registers.types import Register
from tests.support.database import accounts_on
from tests.support.register_files import write
from tests.support.settings import key_settings
from tests.support.source import number

CAR = {"thing": "辽C12345", "kind": "小型轿车", "from_on": "2024-05-06", "state": "正常"}


@pytest.fixture
def relief(monkeypatch, tmp_path, spare_database_url):
    """Run `relief registers` with arguments; its exit code and what it prints."""
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
        done = CliRunner().invoke(registers, [str(argument) for argument in arguments])
        return done.exit_code, done.output

    with appcontext_pushed.connected_to(note):
        yield run
    for app in apps:
        with app.app_context():
            db.engine.dispose()


def test_a_folder_is_taken_in_looked_at_and_a_batch_taken_back(relief, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    write(folder, Register.VEHICLES, CAR | {"number": number()}, CAR | {"number": "1"})
    for name in ("planted.csv", ".hidden.csv", "readme.txt"):
        (folder / name).write_text("x")

    code, output = relief("import", folder, "--json")
    found = json.loads(output)
    [file] = found["files"]
    assert (code, found["received"], found["loaded"], found["rejected"]) == (0, 2, 1, 1)
    assert (file["register"], file["content"], file["data_on"]) == (
        "vehicles", "whole", "2026-10-31",
    )  # fmt: skip

    code, output = relief("rejected", file["batch"])
    assert (code, output) == (0, "第 3 行：“所有人证件号码”的内容无法识别。\n")
    code, output = relief("list")
    assert "机动车登记信息（全量，2026-10-31）  已入库  收到 2 行，入库 1 行，退回 1 行" in output

    assert relief("undo", file["batch"])[0] == 0
    code, output = relief("undo", file["batch"])
    assert (code, "不能撤销" in output) == (1, True)


def test_what_cannot_be_read_ends_with_a_fault(relief, tmp_path):
    path = write(tmp_path, Register.VEHICLES, CAR | {"number": number()})

    code, output = relief("import", path, "--register", "deaths")
    assert (code, "register.csv：未能读取" in output, "死亡人员信息" in output) == (1, True, True)

    empty = tmp_path / "empty"
    empty.mkdir()
    assert relief("import", empty)[0] == 1
    code, output = relief("import", path, path, "--rows", "1")
    assert (code, "单个文件" in output) == (1, True)


def test_a_batch_without_rejected_rows_says_so(relief, tmp_path):
    path = write(tmp_path, Register.VEHICLES, CAR | {"number": number()})
    [good] = json.loads(relief("import", path, "--json")[1])["files"]

    assert relief("rejected", good["batch"]) == (0, "这个批次没有退回的行。\n")


def test_a_batch_that_there_is_not_has_no_rejected_rows_and_says_so(relief):
    code, output = relief("rejected", "00000000-0000-0000-0000-000000000001")

    assert (code, "没有这个登记数据批次" in output) == (1, True)
