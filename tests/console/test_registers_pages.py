"""Registers on the pages: how each stands, its files, sending them and taking them back."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.registers.models import RegisterBatch
from relief.registers.types import Register, RegisterBatchStatus
from relief.tasks import worker
from relief.tasks.models import Task
from relief.wiring import worker_of
from tests.console.conftest import Browser
from tests.support.people import Person
from tests.support.register_files import write
from tests.support.source import number

Opened = Callable[[Person | str], Browser]
CAR = {"thing": "辽C12345", "kind": "小型轿车", "from_on": "2024-05-06", "state": "正常"}


@pytest.fixture
def loaded(app: Flask, session: Session, steward: Person, opened: Opened, tmp_path: Path) -> str:
    """A file about vehicles that came by the form; its page."""
    content = write(
        tmp_path, Register.VEHICLES, CAR | {"number": number()}, CAR | {"number": "1"}
    ).read_bytes()
    browser = opened(steward)
    form = browser.get("/registers/new?register=vehicles")
    assert set(form.fields) <= form.labelled
    data: dict[str, Any] = {"files": (io.BytesIO(content), "车辆.csv"), "register": "vehicles"}
    page = browser.follow(browser.post("/registers", data))
    assert "已收到 1 个文件" in page.text
    assert worker.run_one(worker_of(app))
    session.commit()
    return f"/registers/batches/{session.scalars(select(RegisterBatch.id)).one()}"


def test_the_list_says_what_is_silent(steward: Person, opened: Opened):
    page = opened(steward).get("/registers")

    for words in ("机动车登记信息", "没有数据", "A13 车辆异常", "没有疑点不等于没有问题"):
        assert words in page.text
    assert "/registers" in page.links
    assert "上传登记数据" in page.text


def test_a_file_from_its_form_to_its_end(
    loaded: str, session: Session, steward: Person, opened: Opened
):
    browser = opened(steward)
    assert "读取登记数据文件" in browser.get("/").text
    assert loaded in browser.get("/registers/vehicles").links
    page = browser.get(loaded)
    for words in ("车辆.csv", "已入库", "全量", "“所有人证件号码”的内容无法识别"):
        assert words in page.text
    assert "张三" not in page.text

    file = browser.post(f"{loaded}/rejected-rows")
    assert (file.status, "退回原因" in file.html) == (200, True)

    browser.get(f"{loaded}/undo")
    page = browser.follow(browser.post(f"{loaded}/undo"))
    again = browser.post(f"{loaded}/undo")

    assert "此前的登记数据重新有效" in page.text
    assert "由Steward撤销" in page.text
    assert again.status == 303
    session.expire_all()
    batch = session.scalars(select(RegisterBatch)).one()
    assert (batch.status, batch.undone_by) == (RegisterBatchStatus.UNDONE, steward.id)


@pytest.mark.parametrize("status", ["failed", "repeated"])
def test_what_was_not_loaded_says_why(
    loaded: str, session: Session, steward: Person, opened: Opened, status: str
):
    batch = session.scalars(select(RegisterBatch)).one()
    batch.status, batch.fault = RegisterBatchStatus(status), "文件前 10 行中没有找到表头。"
    batch.repeats_id = batch.id
    session.commit()

    page = opened(steward).get(loaded)

    words = {"failed": "文件前 10 行中没有找到表头", "repeated": "查看原批次"}
    assert words[status] in page.text
    assert "撤销本批次" not in page.text


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ({}, "请选择要上传的文件"),
        ({"files": (io.BytesIO(b"x"), "a.csv"), "register": "x"}, "没有这种登记数据"),
        ({"files": (io.BytesIO(b"x"), "a.csv"), "rows": "三"}, "请填写整数，或留空。"),
        (
            {"files": [(io.BytesIO(b"x"), "a.csv"), (io.BytesIO(b"y"), "b.csv")], "rows": "3"},
            "一次只能上传一个文件",
        ),
        ({"files": (io.BytesIO(b"%PDF"), "a.csv")}, "文件是 PDF"),
    ],
)
def test_an_upload_that_cannot_be_taken_is_explained(
    steward: Person, opened: Opened, session: Session, data: dict[str, Any], fault: str
):
    browser = opened(steward)
    browser.get("/registers/new")

    page = browser.post("/registers", dict(data), content_type="multipart/form-data")

    assert (page.status, fault in page.text) == (422, True), page.text
    assert session.scalar(select(Task)) is None


def test_an_auditor_reads_and_a_department_does_not(
    loaded: str, auditor: Person, alice: Person, opened: Opened
):
    browser = opened(auditor)
    page = browser.get(loaded)

    assert page.status == 200
    assert "下载退回行" not in page.text
    assert "撤销本批次" not in page.text
    assert "上传登记数据" not in browser.get("/registers").text
    stranger = opened(alice)
    assert stranger.get("/registers").status == 403
    assert "/registers" not in stranger.get("/").links
    assert browser.get("/registers/none").status == 404


@pytest.mark.parametrize(
    ("register", "told"),
    [
        ("vehicles", "“车辆.csv”（机动车登记信息）：缺少必需的列"),
        ("", "“车辆.csv”：前 2 行里没有找到任何登记库的表头"),
    ],
)
def test_a_refused_file_is_told_by_its_name_and_register(
    app: Flask, session: Session, steward: Person, opened: Opened, register: str, told: str
):
    browser = opened(steward)
    browser.get("/registers/new")
    data: dict[str, Any] = {"files": (io.BytesIO("姓名\n张三\n".encode()), "车辆.csv")}
    assert browser.post("/registers", data | {"register": register}).status == 303

    assert worker.run_one(worker_of(app))
    session.commit()

    page = browser.get("/")
    assert told in page.text, page.text
    assert "救助项目" not in page.text
    assert "R03" not in page.text
