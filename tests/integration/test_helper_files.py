"""Assignments by file: every row assigned, or rejected with its reason."""

import io
import json
from collections.abc import Sequence
from datetime import date

import pytest
from sqlalchemy import event, func, select

from relief.accounts.types import Role
from relief.attachments.models import StoredFile
from relief.audit.models import AuditEvent
from relief.core.ids import new_id
from relief.core.privacy.models import SecretValue
from relief.core.scope import Scope, subtree
from relief.registry.models import Household, IdentityRegistry, Person
from relief.tasks import worker
from relief.tasks.models import TaskStatus
from relief.visits.files import columns, loading, reading, task
from relief.visits.files.errors import HelperFileNotFound
from relief.visits.models import Helper, HelperAssignment
from relief.wiring import worker_of
from tests import factories
from tests.support import workbooks
from tests.support.helping import Steward
from tests.support.settings import CIPHER, START
from tests.support.source import number as citizen_number

CITY = Scope((subtree(210300000000),), None)
WHO = {"name": "帮甲", "unit": "某局", "phone": "13900000001", "from_on": "2026-01-01"}


@pytest.fixture
def homes(session, cipher):
    """Three households, of which the registry knows who holds the number."""
    made = [factories.make_household(session, cipher) for _ in range(3)]
    for home in made:
        person = session.get_one(Person, home.person_id)
        session.add(
            IdentityRegistry(citizen_id=person.citizen_id, person_id=person.id, county_code=210302)
        )
    session.flush()
    return made


@pytest.fixture
def assign(session, steward):
    def assigned(*rows, scope=CITY, odd: Sequence[tuple[int, str]] = ()):
        found = {
            "rows": [{"row": n, **WHO, **row} for n, row in enumerate(rows, start=2)],
            "odd": list(odd),
        }
        return loading.assign(session, CIPHER, found, scope=scope, actor_id=steward.id, now=START)

    return assigned


def numbered(session, home):
    return session.get_one(Household, home.id).number


def test_a_household_is_found_by_its_number_or_a_member_s(session, steward, homes, assign):
    by_number, by_citizen, by_both = homes
    report = assign(
        {"number": numbered(session, by_number)},
        {"citizen_id": by_citizen.citizen_id, "first": "是"},
        {"number": numbered(session, by_both), "citizen_id": by_both.citizen_id},
    )

    assert (report.received, report.assigned, report.rejected) == (3, 3, 0)
    desk = Steward(session, steward.id)
    for home in homes:
        assert desk.helping(home.id) == [("帮甲", True)]
    assert session.scalar(select(func.count()).select_from(Helper)) == 1


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({}, "至少填写一项"),
        ({"number": "甲"}, "不正确"),
        ({"citizen_id": "210302198003040000"}, "不正确"),
        ({"number": "210302-999999"}, "没有这一户"),
        ({"citizen_id": citizen_number(sequence=877)}, "没有这一户"),
        ({"known": True, "name": ""}, "姓名"),
        ({"known": True, "phone": "1"}, "联系电话不正确"),
        ({"known": True, "from_on": ""}, "“开始日期”无法识别"),
        ({"known": True, "until_on": "明年"}, "“结束日期”无法识别"),
        ({"known": True, "until_on": "2025/12/31"}, "期限不正确"),
        ({"known": True, "first": "也许"}, "填是或否"),
        ({"known": True, "over_reason": "多"}, "至少写两个字"),
        ({"known": True, "first": "是", "from_on": "2027-01-01"}, "今日或更早"),
    ],
)
def test_a_row_is_rejected_with_its_reason_and_without_its_values(session, homes, assign, row, why):
    if row.pop("known", None):
        row["number"] = numbered(session, homes[0])

    report = assign(row, {"number": numbered(session, homes[1])}, odd=[(9, "列数不对")])

    assert (report.received, report.assigned, report.rejected) == (3, 1, 2)
    [first, odd] = report.rows
    assert (first.row, odd.row, odd.why) == (2, 9, "列数不对")
    assert why in first.why
    assert all(value not in first.why for value in (*row.values(), *WHO.values()) if value)


def wide(text):
    """A text in full-width forms, with an ideographic space at its ends and in it."""
    return "\u3000".join(["", *(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text), ""])


def test_spaces_and_widths_of_any_kind_make_no_other_helper_household_or_day(
    session, homes, assign
):
    one, other, third = homes
    report = assign(
        {"number": numbered(session, one), "name": "阿依·帮甲", "unit": "某局 一科"},
        {
            "number": wide(numbered(session, other)),
            "name": "\u3000阿依•帮\u2003甲\u00a0",
            "unit": "某局\u3000一科",
            "phone": wide(WHO["phone"]),
            "from_on": wide(WHO["from_on"]),
            "first": "\u3000是\u00a0",
            "over_reason": "邻近\u3000几户",
        },
        {"citizen_id": wide(third.citizen_id), "name": "阿依．帮甲"},
    )

    assert (report.assigned, report.rows) == (3, [])
    helper = session.scalars(select(Helper)).one()
    assert (helper.name, helper.unit) == ("阿依·帮甲", "某局 一科")
    rows = session.scalars(select(HelperAssignment)).all()
    assert {row.helper_id for row in rows} == {helper.id}
    assert {row.over_reason for row in rows} == {None, "邻近 几户"}
    assert {row.days.lower for row in rows} == {date(2026, 1, 1)}


def test_two_who_are_known_under_names_alike_stay_two(session, steward, homes, assign):
    assign({"number": numbered(session, homes[0]), "name": "阿依·帮甲"})
    first = session.scalars(select(Helper)).one()
    second = Helper(
        **{key: getattr(first, key) for key in ("unit", "phone_id", "phone_masked", "added_by")},
        id=new_id(START), name="阿依•帮甲", added_at=START,
    )  # fmt: skip
    session.add(second)
    session.flush()

    assign({"number": numbered(session, homes[1]), "name": "阿依•帮甲"})

    found = session.scalars(
        select(HelperAssignment.helper_id).where(HelperAssignment.household_id == homes[1].id)
    )
    assert found.all() == [second.id]


def test_no_is_an_answer_and_an_empty_cell_is_none(session, steward, homes, assign):
    assign(
        {"number": numbered(session, homes[0]), "first": "否"},
        {"number": numbered(session, homes[1]), "first": ""},
    )

    desk = Steward(session, steward.id)
    assert [desk.helping(home.id)[0][1] for home in homes[:2]] == [False, True]


def test_two_numbers_of_two_households_are_refused(session, homes, assign):
    report = assign({"number": numbered(session, homes[0]), "citizen_id": homes[1].citizen_id})

    assert [row.why for row in report.rows] == ["户编号和家庭成员身份证号不是同一户"]


def test_the_same_rules_hold_as_by_hand(session, cipher, homes, assign):
    many = [factories.make_household(session, cipher) for _ in range(9)]
    rows = [{"number": numbered(session, home)} for home in (*many, *homes)]

    report = assign(*rows, rows[0])

    assert (report.received, report.assigned, report.rejected) == (13, 10, 3)
    assert ["上限 10 户" in row.why for row in report.rows] == [True, True, False]
    assert "已是这一户" in report.rows[-1].why
    again = assign(rows[-1] | {"over_reason": "邻近几户"})
    assert again.assigned == 1
    assert session.scalars(
        select(HelperAssignment.over_reason).where(HelperAssignment.over_reason.is_not(None))
    ).all() == ["邻近几户"]


def test_of_two_first_contacts_of_one_file_the_last_one_is(session, steward, homes, assign):
    number = {"number": numbered(session, homes[0]), "first": "是"}

    assert assign(number, number | {"name": "帮乙"}).assigned == 2

    desk = Steward(session, steward.id)
    assert desk.helping(homes[0].id) == [("帮乙", True), ("帮甲", False)]


def test_a_household_elsewhere_is_as_unknown_as_none(session, homes, assign):
    west = Scope((subtree(210303000000),), None)
    before = session.scalar(select(func.count()).select_from(SecretValue))

    report = assign(
        {"number": numbered(session, homes[0])}, {"citizen_id": homes[1].citizen_id}, scope=west
    )

    assert [row.why for row in report.rows] == ["您的工作区划内没有这一户"] * 2
    assert session.scalar(select(func.count()).select_from(Helper)) == 0
    assert session.scalar(select(func.count()).select_from(SecretValue)) == before


def test_many_rows_take_as_many_statements_as_one(session, cipher, homes, assign):
    def sent(*rows):
        found = []
        event.listen(
            session.connection(), "before_cursor_execute", lambda *given: found.append(given[2])
        )
        assert assign(*rows).rejected == 0
        return len(found)

    more = [factories.make_household(session, cipher) for _ in range(6)]
    sent({"number": numbered(session, homes[1])})  # makes the temporary table of secrets
    one = sent({"number": numbered(session, homes[0]), "name": "帮乙"})
    rows = [{"number": numbered(session, home), "name": "帮丙"} for home in more]

    assert sent(*rows) == one


def job(path, **limits):
    told = {name: getattr(task.LIMITS, name) for name in task.LIMITS.__slots__} | limits
    return json.loads(json.dumps({"path": str(path), "folder": "", "limits": told}))


def test_the_template_is_read_back_with_what_is_filled_in(tmp_path):
    path = tmp_path / "帮扶.csv"
    filled = ["210302-000001", "", "帮甲", "某局", "13900000001", "2026-01-01", "", "是", ""]
    path.write_bytes(columns.template() + (",".join(filled) + "\n,,,,,,,,\n只有一列\n").encode())

    found = reading.run(job(path))

    [row] = found["rows"]
    assert (row["row"], row["number"], row["first"]) == (2, "210302-000001", "是")
    [[number, why]] = found["odd"]
    assert number == 4
    assert why


def test_a_workbook_is_read_too(tmp_path):
    path = tmp_path / "帮扶.xlsx"
    heads = [columns.HEADINGS[field] for field in ("citizen_id", "name", "unit", "phone")]
    rows = [[*heads, "开始日期"], ["210302", "帮甲", "某局", "139", date(2026, 1, 1)]]
    path.write_bytes(workbooks.book(workbooks.sheet(rows)))

    [row] = reading.run(job(path))["rows"]

    assert (row["citizen_id"], row["from_on"]) == ("210302", "2026-01-01")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("姓名,电话\n张三,1\n", "没有找到表头"),
        ("户编号,户编号,帮扶责任人姓名,所在单位,联系电话,开始日期\n", "重复的列"),
        ("", "没有任何内容"),
        ("户编号,帮扶责任人姓名,所在单位,联系电话,开始日期\n" + "1,2,3,4,5\n" * 4, "3 行的上限"),
    ],
)
def test_a_file_that_is_none_is_refused_whole(tmp_path, text, why):
    path = tmp_path / "x.csv"
    path.write_text(text, "utf-8")

    assert why in reading.run(job(path, rows=3))["message"]


@pytest.fixture
def sent(app, session, steward, config):
    """`sent(bytes)`: send a file and have a worker do it."""

    def do(content, account_id=None):
        made = task.receive(
            session, io.BytesIO(content), file_name="帮扶.csv", actor_id=account_id or steward.id,
            cipher=CIPHER, storage=config.storage_dir, now=START,
        )  # fmt: skip
        session.commit()
        worker.run_one(worker_of(app))
        session.expire_all()
        return made

    return do


def kept(session):
    return session.scalars(select(StoredFile.id).where(StoredFile.purpose == task.PURPOSE)).all()


@pytest.mark.usefixtures("clock")
def test_a_worker_assigns_and_tells_who_sent_it(session, steward, homes, sent):
    line = f"{numbered(session, homes[0])},,帮甲,某局,13900000001,2026-01-01,,,\n,,x,x,x,x,,,\n"

    made = sent(columns.template() + line.encode())

    assert kept(session) == []
    found = task.get(session, task_id=made.id, account_id=steward.id)
    assert (found.status, found.received, found.assigned, found.rejected) == ("done", 2, 1, 1)
    assert [row.row for row in found.rows] == [3]
    told = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "helper_file:loaded")
    ).one()
    assert told.details == {"received": 2, "assigned": 1, "rejected": 1}
    with pytest.raises(HelperFileNotFound):
        task.get(session, task_id=made.id, account_id=homes[0].id)


@pytest.mark.usefixtures("clock")
def test_a_bad_file_and_a_sender_without_rights_are_told(session, homes, sent, alice):
    refused = sent(b"nothing,of,use\n")
    assert (refused.status, "没有找到表头" in refused.message) == (TaskStatus.FAILED, True)
    assert kept(session) == []

    other = factories.make_account(session, Role.REVIEWER, department="D01")
    line = f"{numbered(session, homes[0])},,帮甲,某局,13900000001,2026-01-01,,,\n"
    refused = sent(columns.template() + line.encode(), other.id)

    assert (refused.status, "没有安排帮扶责任人的权限" in refused.message) == (
        TaskStatus.FAILED, True,
    )  # fmt: skip
    assert session.scalar(select(func.count()).select_from(HelperAssignment)) == 0


@pytest.mark.usefixtures("clock")
def test_the_same_file_that_waits_is_one_task(app, session, steward, config):
    def receive():
        return task.receive(
            session, io.BytesIO(b"a,b\n"), file_name="a.csv", actor_id=steward.id, cipher=CIPHER,
            storage=config.storage_dir, now=START,
        )  # fmt: skip

    assert receive().id == receive().id
