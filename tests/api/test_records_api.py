"""Records that a department's system sends one by one."""

import csv
import io
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from relief.audit.models import AuditEvent
from relief.registry.merging.service import merge
from relief.registry.models import (
    AidYear,
    Household,
    ImportBatch,
    LinkReview,
    Membership,
    Person,
    SourceRecord,
)
from relief.registry.queries.lists import scheme_lists
from relief.registry.types import BatchStatus, Category, Channel, FileContent
from relief.tasks import worker
from relief.wiring import worker_of
from tests.support.settings import CIPHER, START
from tests.support.source import number, send

FATHER = {
    "县（市）区": "铁东区",
    "低保证号": "1",
    "户主姓名": "王建国",
    "姓名": "王建国",
    "与户主关系": "户主",
    "身份证号": number(),
    "发放月份": "2026年09月",
    "发放金额（元）": "650.00",
}

# What falls silent gives its household no hardship identity any more.
CATEGORY = select(Household.category).where(Household.householder_name == "张伟")
LOADED = (
    select(func.count())
    .select_from(SourceRecord)
    .join(ImportBatch, ImportBatch.id == SourceRecord.batch_id)
    .where(ImportBatch.scheme_code == "S01")
)


@pytest.fixture
def office(session, cipher, signed_in, steward):
    """A steward's client; the registry has been merged once."""
    send(session, cipher, "S09", {"name": "李秀英", "household_number": "7"}, now=START)
    merge(session, cipher=cipher, actor_id=None, now=START)
    session.commit()
    return signed_in(steward)


def post(client, *rows, scheme="S01", key=None):
    headers = {"Idempotency-Key": key} if key else {}
    return client.post("/v1/records", json={"scheme": scheme, "rows": list(rows)}, headers=headers)


def load_file(client, app, *rows):
    """Upload a file with these rows, and let the worker load and merge it."""
    text = io.StringIO()
    csv.writer(text).writerows([rows[0].keys(), *(row.values() for row in rows)])
    client.post(
        "/v1/batches",
        data={"file": (io.BytesIO(text.getvalue().encode()), "低保.csv"), "scheme": "S01"},
    )
    while worker.run_one(worker_of(app)):
        pass


def test_a_record_is_linked_while_the_sender_waits(session, office):
    answer = post(office, FATHER)

    assert answer.status_code == 201
    told = answer.json
    assert (told["received"], told["loaded"], told["merged"]) == (1, 1, True)
    assert told["status"] == "merged"
    person = session.scalars(select(Person).where(Person.name == "王建国")).one()
    assert told["links"] == [
        {
            "row": 1,
            "person_id": str(person.id),
            "household_id": str(session.get_one(Membership, person.id).household_id),
            "rule": told["links"][0]["rule"],
        }
    ]
    assert session.scalar(select(AidYear.amount_fen).where(AidYear.person_id == person.id)) == 65000


def test_records_of_one_person_find_the_person_again(office):
    first = post(office, FATHER).json
    second = post(office, FATHER | {"发放月份": "2026年10月"}).json

    assert second["links"][0]["person_id"] == first["links"][0]["person_id"]
    assert second["links"][0]["rule"] == "number"


def test_a_record_with_the_number_of_someone_else_is_a_question(session, office):
    post(office, FATHER)

    told = post(office, FATHER | {"姓名": "李小红", "低保证号": "99", "户主姓名": ""}).json

    assert told["merged"]
    opened = select(func.count()).select_from(LinkReview).where(LinkReview.closed_at.is_(None))
    assert told["questions"] == session.scalar(opened) == 1


def test_a_record_that_cannot_be_read_is_sent_back_and_the_others_are_loaded(session, office):
    told = post(
        office,
        FATHER,
        FATHER | {"发放金额（元）": "很多"},
        FATHER | {"姓名": "王小宝", "身份证号": ""},
    ).json

    assert (told["received"], told["loaded"]) == (3, 2)
    assert [(row["row"], row["column"]) for row in told["rejected"]] == [(2, "发放金额（元）")]
    assert [row["row"] for row in told["links"]] == [1, 3]
    batch = session.get_one(ImportBatch, told["batch_id"])
    assert (batch.received, batch.loaded, batch.rejected) == (3, 2, 1)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([FATHER | {"发放金额（元）": "很多"}], "第 1 条"),
        ([FATHER | {"姓名": ""}], "第 1 条"),
        ([{"姓名": "王建国"}], "缺少必需的列"),
        ([FATHER, FATHER | {"备注二": "x"}], "第 2 条：没有“备注二”这一栏"),
        ([FATHER, dict.fromkeys(FATHER, " ")], "第 2 条：没有任何内容"),
        ([FATHER | {"县（市）区": "合计"}, dict.fromkeys(FATHER, "合计")], ""),
        ([FATHER | {"身份证号码": number()}], "出现了不止一次"),
    ],
)
def test_what_cannot_be_loaded_is_refused_whole(session, office, rows, says):
    before = session.scalar(select(func.count()).select_from(ImportBatch))

    answer = post(office, *rows)

    assert answer.status_code == 422
    assert answer.json["code"] == "records-refused"
    assert says in answer.json["detail"]
    assert session.scalar(select(func.count()).select_from(ImportBatch)) == before


def test_why_each_record_is_refused_is_told(office):
    wrong = FATHER | {"发放金额（元）": "很多"}

    answer = post(office, wrong, wrong | {"发放月份": "去年"})

    assert [told["column"] for told in answer.json["conflicts"]] == [
        "发放金额（元）",
        "发放月份",
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"scheme": "S01", "rows": []},
        {"scheme": "S01", "rows": [{}]},
        {"scheme": "S01", "rows": [FATHER] * 101},
        {"scheme": "S01", "rows": [FATHER | {"发放金额（元）": 650}]},
        {"scheme": "S01", "rows": [FATHER | {"家庭住址": "路" * 501}]},
        {"rows": [FATHER]},
    ],
)
def test_a_body_of_another_shape_is_refused(office, body):
    assert office.post("/v1/records", json=body).status_code == 422


def test_a_scheme_without_a_layout_is_unknown(office):
    answer = post(office, FATHER, scheme="S99")

    assert (answer.status_code, answer.json["code"]) == (422, "import-unknown-scheme")


def test_a_roll_does_not_come_record_by_record(office):
    row = {
        "数据截止日期": "2026-10-31",
        "县（市）区": "铁东区",
        "低保证号": "1",
        "在册人员姓名": "王建国",
        "身份证号": number(),
    }

    answer = post(office, row)

    assert (answer.status_code, answer.json["code"]) == (422, "records-are-a-roll")


def test_the_same_request_again_has_the_same_answer(session, office):
    first, again = (post(office, FATHER, key="9a") for _ in range(2))

    assert first.json == again.json
    assert session.scalar(LOADED) == 1


def test_the_same_record_again_is_loaded_once(session, office):
    post(office, FATHER)

    equal = post(office, FATHER).json
    longer = post(office, FATHER, FATHER | {"发放月份": "2026年10月"}).json

    assert (equal["status"], equal["loaded"], equal["links"]) == ("repeated", 0, [])
    assert [(row["row"], row["code"]) for row in equal["rejected"]] == [(1, "already_loaded")]
    assert (longer["loaded"], [row["row"] for row in longer["rejected"]]) == (1, [1])
    assert session.scalar(LOADED) == 2


def test_what_came_in_a_file_is_known_when_it_comes_as_a_record(session, app, office):
    load_file(office, app, FATHER)

    told = post(office, FATHER | {"户主姓名": "王建国 "}).json

    assert (told["loaded"], len(told["rejected"])) == (0, 1)


def test_a_batch_of_records_is_taken_back_like_a_file(session, app, office):
    batch = post(office, FATHER).json["batch_id"]

    office.post(f"/v1/batches/{batch}/undo")
    while worker.run_one(worker_of(app)):
        pass

    assert session.scalar(select(Person.id).where(Person.name == "王建国")) is None
    undone = session.get_one(ImportBatch, batch, populate_existing=True)
    assert undone.status is BatchStatus.UNDONE


def test_records_that_concern_many_wait_for_the_worker(office, monkeypatch):
    monkeypatch.setattr("relief.registry.merging.reach.FEW", 0)
    post(office, FATHER)

    told = post(office, FATHER | {"发放月份": "2026年10月"}).json

    assert not told["merged"]


def test_records_do_not_bring_in_a_file_that_waits_for_the_worker(session, cipher, office):
    send(session, cipher, "S09", {"name": "张伟", "number": number(sequence=7)}, now=START)
    session.commit()

    told = post(office, FATHER).json

    assert (told["loaded"], told["merged"]) == (1, False)
    assert session.scalar(select(Person.id).where(Person.name == "张伟")) is None


def test_records_wait_for_the_worker_where_everything_must_be_worked_out(
    session, signed_in, steward
):
    session.commit()

    told = post(signed_in(steward), FATHER).json

    assert (told["loaded"], told["merged"]) == (1, False)


def test_a_change_is_told_by_a_record_too(session, office):
    change = {
        "变动日期": "2026-11-01",
        "变动类型": "退出",
        "县（市）区": "铁东区",
        "低保证号": "1",
        "变动人员姓名": "王建国",
        "身份证号": number(),
    }
    told = post(office, change)

    assert told.status_code == 201, told.json
    batch = session.get_one(ImportBatch, told.json["batch_id"])
    assert batch.content is FileContent.CHANGES


def test_records_leave_their_trail(session, office):
    batch = post(office, FATHER).json["batch_id"]

    actions = session.scalars(select(AuditEvent.action).where(AuditEvent.subject_id == batch)).all()

    assert actions == ["import_batch:loaded"]


def test_a_record_of_a_month_to_come_lets_nobody_else_fall_silent(session, cipher, office):
    rows = [{"name": "张伟", "number": number(sequence=7), "household_number": "5", "months": [9]}]
    send(session, cipher, "S01", *rows, now=START)
    merge(session, cipher=cipher, actor_id=None, now=START)
    session.commit()

    told = post(office, FATHER | {"发放月份": "2027年09月"}).json

    assert told["merged"]
    assert session.scalar(CATEGORY) is Category.MINIMUM_ALLOWANCE
    merge(session, cipher=cipher, actor_id=None, now=START, whole=True)
    assert session.scalar(CATEGORY) is Category.MINIMUM_ALLOWANCE


def test_records_are_no_file_of_their_scheme(session, office):
    batch = post(office, FATHER).json["batch_id"]

    listed = [office.get(f"/v1/batches?channel={one}").json["items"] for one in ("file", "records")]

    assert [[row["channel"] for row in rows] for rows in listed] == [["file"], ["records"]]
    assert listed[1][0]["id"] == batch
    [quality] = [
        row for row in office.get("/v1/quality").json["items"] if row["scheme"]["code"] == "S01"
    ]
    assert quality["data_on"] is None
    assert office.get("/v1/quality/S01").json["files"] == []


def test_a_record_does_not_move_the_day_up_to_which_lists_are_known(session, cipher, office):
    rows = [{"name": "张伟", "number": number(sequence=7), "household_number": "5", "months": [9]}]
    send(session, cipher, "S01", *rows, now=START)
    merge(session, cipher=cipher, actor_id=None, now=START)
    session.commit()
    before = scheme_lists(session, before=START + timedelta(days=9))["S01"].until

    post(office, FATHER | {"发放月份": "2027年09月"})

    assert before is not None
    assert scheme_lists(session, before=START + timedelta(days=9))["S01"].until == before


def test_a_file_that_tells_what_came_as_records_still_is_the_months_file(session, app, office):
    """Who is in it no more has left, though nothing of it was new."""
    august = FATHER | {"姓名": "张伟", "身份证号": number(sequence=7), "低保证号": "5"}
    for row in (august | {"发放月份": "2026年01月"}, FATHER | {"发放月份": "2026年11月"}):
        assert post(office, row).json["merged"]
    assert session.scalar(CATEGORY) is Category.MINIMUM_ALLOWANCE

    load_file(office, app, FATHER | {"发放月份": "2026年11月"})

    session.expire_all()
    [batch] = session.scalars(
        select(ImportBatch).where(
            ImportBatch.channel == Channel.FILE, ImportBatch.scheme_code == "S01"
        )
    )
    assert (batch.loaded, batch.data_on) == (0, date(2026, 11, 1))
    for whole in (False, True):
        merge(session, cipher=CIPHER, actor_id=None, now=START, whole=whole)
        assert session.scalar(CATEGORY) is Category.OTHER


def test_two_equal_records_are_told_apart_by_their_place(office):
    told = post(office, FATHER, FATHER).json

    assert [(one["row"], one["reason"]) for one in told["rejected"]] == [(2, "与第 1 条完全相同。")]


def test_an_address_full_of_semicolons_is_an_address(office):
    told = post(office, FATHER | {"家庭住址": "；1号;2号;3号" + ";" * 40})

    assert (told.status_code, told.json["loaded"]) == (201, 1)
