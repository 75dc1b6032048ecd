"""Batches: the list, a batch, sending files, taking rows and batches back."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relief.attachments.models import StoredFile
from relief.audit.models import AuditEvent
from relief.core.config import Config
from relief.core.privacy.cipher import Cipher
from relief.registry.intake import service as intake
from relief.registry.models import ImportBatch, LinkReview
from relief.registry.types import BatchStatus, Channel, FileContent
from relief.tasks.models import Task
from relief.web import limits
from tests import factories
from tests.console import town
from tests.console.conftest import Browser
from tests.support.people import Person
from tests.support.settings import START

Opened = Callable[[Person | str], Browser]


@pytest.fixture
def place(session: Session) -> town.Town:
    place = town.Town(batches={"S05": factories.make_batch(session, "S05")})
    town.add_odd_batches(session, place, now=START)
    session.commit()
    return place


def test_the_list_shows_every_status(place: town.Town, steward: Person, opened: Opened):
    page = opened(steward).get("/batches")

    for word in ("1,234,567", "1,234,507", "正在入库", "未能读取", "重复文件", "已撤销", "已归并"):
        assert word in page.text
    assert "上传部门文件" in page.text


def test_a_department_sees_its_own_files(place: town.Town, bob: Person, opened: Opened):
    browser = opened(bob)

    page = browser.get("/batches")

    assert "还没有收到部门文件" in page.text
    assert "上传部门文件" not in page.text
    assert browser.get(f"/batches/{place.batches['S05']}").status == 404


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("failed", "文件前 10 行中没有找到表头"),
        ("repeated", "这个文件已经收到过"),
        ("undone", "已于 2026-11-23 09:00 撤销"),
        ("received", "没有退回的行"),
        ("held", "在册的 5,000 人中有 1,234 人不在其中"),
        ("refused", "这份名册未采用"),
        ("S05", "最低生活保障边缘家庭认定"),
    ],
)
def test_a_batch_says_what_became_of_it(
    place: town.Town, steward: Person, opened: Opened, name: str, words: str
):
    page = opened(steward).get(f"/batches/{place.batches[name]}")

    assert words in page.text


def test_rejected_rows_come_in_pages(place: town.Town, steward: Person, opened: Opened):
    browser = opened(steward)

    first = browser.get(f"/batches/{place.batches['rejected']}")
    at = first.html.index('rel="next" href="') + len('rel="next" href="')
    second = browser.get(first.html[at : first.html.index('"', at)].replace("&amp;", "&"))

    assert "读不出月份" in first.text
    assert "与第 3 行完全相同" in first.text
    assert "本页 10 条" in second.text


def test_uploaded_files_are_queued_once(steward: Person, opened: Opened, session: Session):
    browser = opened(steward)
    form = browser.get("/batches/new")
    assert set(form.fields) <= form.labelled

    def send():
        files = [(io.BytesIO(f"姓名\n{n}".encode()), f"{n}.csv") for n in ("甲", "乙")]
        return browser.post("/batches", {"files": files, "scheme": "S01"})

    page = browser.follow(send())
    send()

    assert "已收到 2 个文件" in page.text
    queued = session.scalars(select(Task).where(Task.kind == "import")).all()
    assert [task.arguments["scheme"] for task in queued] == ["S01", "S01"]
    assert {file.name for file in session.scalars(select(StoredFile))} == {"甲.csv", "乙.csv"}
    home = browser.get("/")
    assert home.text.count("读取部门文件") == 2
    assert 'hx-trigger="every' in home.html
    assert browser.get("/tasks/mine").text.count("排队中") == 2


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ({}, "请选择要上传的文件"),
        ({"files": (io.BytesIO(b"x"), "a.csv"), "scheme": "S99"}, "没有这个救助项目"),
        ({"files": (io.BytesIO(b"x"), "a.csv"), "rows": "三"}, "请填写整数，或留空。"),
        (
            {"files": [(io.BytesIO(b"x"), "a.csv"), (io.BytesIO(b"y"), "b.csv")], "rows": "3"},
            "一次只能上传一个文件",
        ),
    ],
)
def test_an_upload_that_cannot_be_taken_is_explained(
    steward: Person, opened: Opened, session: Session, data: dict, fault: str
):
    browser = opened(steward)
    browser.get("/batches/new")

    page = browser.post("/batches", dict(data), content_type="multipart/form-data")

    assert page.status == 422
    assert fault in page.text
    assert session.scalar(select(Task)) is None


def test_the_rows_that_a_file_should_have_go_with_it(
    steward: Person, opened: Opened, session: Session
):
    browser = opened(steward)
    browser.get("/batches/new")

    page = browser.post("/batches", {"files": (io.BytesIO(b"x"), "a.csv"), "rows": " 3 "})

    assert page.status == 303
    assert session.scalars(select(Task)).one().arguments["rows"] == 3


def test_a_file_over_the_limit_is_explained(
    steward: Person, opened: Opened, monkeypatch: pytest.MonkeyPatch
):
    browser = opened(steward)
    browser.get("/batches/new")
    monkeypatch.setattr(limits, "FILE_BODY", 1000)

    page = browser.post("/batches", {"files": (io.BytesIO(b"x" * 2000), "a.csv")})

    assert page.status == 413
    assert "不能超过 200 MB" in page.text


def test_a_batch_is_taken_back_once_and_a_merge_follows(
    place: town.Town, steward: Person, opened: Opened, session: Session
):
    browser = opened(steward)
    path = f"/batches/{place.batches['S05']}/undo"
    asked = browser.get(path)
    assert "确定撤销这个批次吗" in asked.text

    page = browser.follow(browser.post(path))
    again = browser.post(path)

    assert "批次已撤销" in page.text
    assert again.status == 303
    session.expire_all()
    assert session.get_one(ImportBatch, place.batches["S05"]).status is BatchStatus.UNDONE
    assert len(session.scalars(select(Task).where(Task.kind == "merge")).all()) == 1


def test_a_held_roll_is_confirmed_once_and_a_merge_follows(
    place: town.Town, steward: Person, opened: Opened, session: Session
):
    browser = opened(steward)
    path = f"/batches/{place.batches['held']}"
    assert "在册名册（全量），全市" in browser.get(path).text

    page = browser.follow(browser.post(f"{path}/decision", {"decision": "confirm"}))

    assert "名册已确认" in page.text
    assert "名册确认" in page.text
    assert browser.post(f"{path}/decision", {"decision": "confirm"}).status == 409
    session.expire_all()
    batch = session.get_one(ImportBatch, place.batches["held"])
    assert (batch.status, batch.decided_by) == (BatchStatus.LOADED, steward.id)
    assert len(session.scalars(select(Task).where(Task.kind == "merge")).all()) == 1


def test_a_held_roll_is_refused_without_a_merge(
    place: town.Town, steward: Person, opened: Opened, session: Session
):
    browser = opened(steward)
    path = f"/batches/{place.batches['held']}"
    browser.get(path)

    page = browser.follow(browser.post(f"{path}/decision", {"decision": "refuse"}))

    assert "名册未采用，没有人因此离开" in page.text
    assert session.scalars(select(Task).where(Task.kind == "merge")).all() == []


def test_a_roll_says_which_later_one_of_its_day_replaces_it(
    session: Session, steward: Person, opened: Opened
):
    names = ("first", "county", "elsewhere", "another_day")
    rolls = {name: factories.make_batch(session, "S01", now=START) for name in names}
    for place, name in enumerate(names):
        roll = session.get_one(ImportBatch, rolls[name])
        roll.content, roll.file_name = FileContent.ROLL, f"{name}.xlsx"
        roll.created_at = START + timedelta(minutes=place)
    session.get_one(ImportBatch, rolls["first"]).region_code = 210302002000
    session.get_one(ImportBatch, rolls["county"]).region_code = 210302000000
    session.get_one(ImportBatch, rolls["elsewhere"]).region_code = 210303000000
    session.get_one(ImportBatch, rolls["another_day"]).data_on = date(2026, 9, 1)
    session.commit()
    browser = opened(steward)

    page = browser.get(f"/batches/{rolls['first']}")

    assert "铁东区部分已由 county.xlsx 取代" in page.text
    assert "elsewhere.xlsx" not in page.text
    assert "another_day.xlsx" not in page.text
    assert "取代" not in browser.get(f"/batches/{rolls['county']}").text


def test_only_who_imports_is_offered_the_decision(place: town.Town, alice: Person, opened: Opened):
    page = opened(alice).get(f"/batches/{place.batches['held']}")

    assert "等待确认" in page.text
    assert "确认生效" not in page.text


@pytest.mark.parametrize("region", ["110101000000", "铁东区"])
def test_a_roll_of_another_city_is_explained(steward: Person, opened: Opened, region: str):
    browser = opened(steward)
    assert "铁东区" in browser.get("/batches/new").text

    page = browser.post("/batches", {"files": (io.BytesIO(b"x"), "a.csv"), "region": region})

    assert page.status == 422
    assert "没有这个区划" in page.text


def test_what_is_not_loaded_cannot_be_taken_back(place: town.Town, steward: Person, opened: Opened):
    browser = opened(steward)
    browser.get("/batches")

    page = browser.post(f"/batches/{place.batches['failed']}/undo")

    assert page.status == 409
    assert "不能撤销" in page.text


def test_rejected_rows_are_given_back_with_reasons_and_that_is_recorded(
    steward: Person,
    opened: Opened,
    session: Session,
    cipher: Cipher,
    config: Config,
    tmp_path: Path,
):
    sent = tmp_path / "快救.csv"
    sent.write_text(
        "救助日期,申请人姓名,证件号码,现居住地,手机号,救助事由,救助金额,经办人\n"
        "2026-10-01,张三,,铁东区解放街道,,急病,500.00,李\n"
        "十月初,李四,,铁东区解放街道,,急病,500.00,李\n"
    )
    batch = intake.import_file(
        session,
        sent,
        scheme_code="S03",
        actor_id=None,
        cipher=cipher,
        storage=config.storage_dir,
        now=START,
    ).batch_id
    session.commit()
    browser = opened(steward)
    assert "下载退回行" in browser.get(f"/batches/{batch}").text

    page = browser.post(f"/batches/{batch}/rejected-rows")

    assert page.status == 200
    assert "李四" in page.html
    assert "张三" not in page.html
    assert "attachment" in page.response.headers["Content-Disposition"]
    taken = select(AuditEvent).where(AuditEvent.action == "import_batch:rejected_rows_taken")
    assert session.scalars(taken).one().actor_id == steward.id


def test_a_batch_without_rejected_rows_gives_none_back(
    place: town.Town, steward: Person, opened: Opened
):
    browser = opened(steward)
    browser.get("/batches")

    page = browser.post(f"/batches/{place.batches['S05']}/rejected-rows")

    assert page.status == 409
    assert "没有退回的行" in page.text


def test_open_questions_show_both_sides(
    session: Session, cipher: Cipher, steward: Person, opened: Opened
):
    home = factories.make_household(session, cipher, name="张三")
    review = factories.make_review(session, home, region=factories.VILLAGE)
    other = factories.make_household(session, cipher, name="李四")
    session.get_one(LinkReview, review).other_id = other.person_id
    session.get_one(LinkReview, review).evidence = {
        "owner": "张三",
        "other": "李四",
        "other_born_on": "2010-05-06",
        "schemes": ["S18"],
        "candidates": 2,
    }
    session.commit()
    browser = opened(steward)

    page = browser.get("/link-reviews")

    for word in (
        "同一身份证号",
        "李四 2010-05-06 出生",
        "出生日期未登记",
        "义教补助",
        "与 2 人相符",
        "铁东区",
    ):
        assert word in page.text
    assert f"/persons/{home.person_id}" in page.links


def test_no_open_question_is_said(steward: Person, opened: Opened):
    assert "没有需要核对的记录" in opened(steward).get("/link-reviews").text


def test_single_records_have_a_list_of_their_own(session: Session, opened: Opened, steward: Person):
    factories.make_batch(session, "S01")
    session.flush()
    session.execute(update(ImportBatch).values(channel=Channel.RECORDS, file_name="接口报送.csv"))
    factories.make_batch(session, "S05")
    session.commit()
    browser = opened(steward)

    files, records = browser.get("/batches"), browser.get("/batches?records=1")

    assert ("接口报送.csv" in files.text, "接口报送.csv" in records.text) == (False, True)
    assert "逐条报送" in files.text
    assert "部门文件" in records.text
