"""Lists taken away: what is in a file, for whom, once, and until when."""

import io
import zipfile
from dataclasses import replace

import pytest
from sqlalchemy import delete, func, text, update

from relief import wiring
from relief.accounts.models import Account, AccountRegion
from relief.core.export_rules import ExportRules
from relief.registry import queries
from relief.registry.errors import RemarkMissing, UnknownPurpose
from relief.registry.exports import writing
from relief.registry.exports.errors import (
    ExportNotAllowed,
)
from relief.registry.exports.queries import ExportStatus
from relief.registry.types import ExportForm
from relief.tasks import worker as tasks
from relief.tasks.models import Task
from tests.factories import make_household
from tests.support.exporting import lines, sheets
from tests.support.settings import START


def listed(desk, asker, **wanted):
    """What the list shows, as the cells of a file."""
    with desk.opened() as session:
        page = queries.list_households(
            session, desk.cipher, scope=asker.scope, filters=queries.HouseholdFilter(**wanted),
            limit=200,
        )  # fmt: skip
    return [
        [
            row.number, row.householder_name, str(row.member_count), row.region_name,
            row.address or "", row.phone or "", "低保家庭",
            "、".join(scheme.name for scheme in row.schemes),
        ]
        for row in page.items
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({}, 3),
        ({"pinyin": "wxm"}, 1),
        ({"name": "小"}, 1),
        ({"scheme": "S21"}, 1),
        ({"region": "210302003000"}, 1),
        ({"name": "王小红"}, 0),  # of another county
    ],
)
def test_a_file_holds_what_the_list_shows(desk, four_homes, alice, wanted, count):
    asker = desk.actor(alice)

    rows = desk.rows(asker, **wanted)

    assert rows == listed(desk, asker, **wanted)
    assert len(rows) == count


def test_a_department_takes_its_own_households_and_schemes_alone(desk, four_homes, bob):
    asker = desk.actor(bob)

    (row,) = desk.rows(asker)

    assert row == listed(desk, asker)[0]
    assert (row[1], row[7]) == ("王小明", "公租房")


def test_a_workbook_holds_the_same_rows(desk, four_homes, alice):
    asker = desk.actor(alice)
    export_id = desk.ask(asker, form=ExportForm.XLSX)
    desk.work()

    ((_, headings, *rows),) = sheets(desk.fetch(export_id, asker))

    assert headings == [heading for heading, _ in writing.COLUMNS]
    assert [[str(cell).removesuffix(".0") for cell in row] for row in rows] == listed(desk, asker)


def test_a_file_says_who_took_it_when_and_what_for(desk, four_homes, alice):
    asker = desk.actor(alice)
    in_csv = desk.ask(asker, purpose="other", remark="信访件 2026-118 号 R&D")
    in_xlsx = desk.ask(asker, form=ExportForm.XLSX)
    desk.work()
    desk.work()

    (mark,) = lines(desk.fetch(in_csv, asker))[0]
    with zipfile.ZipFile(io.BytesIO(desk.fetch(in_xlsx, asker))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        properties = book.read("docProps/core.xml").decode()

    for word in ("Alice（alice，", "2026-11-23 09:00", "用途：", "信访件 2026-118 号", str(in_csv)):
        assert word in mark
    assert "<oddFooter>&amp;L导出人：Alice" in sheet
    assert sheet.count(str(in_xlsx)) >= 2  # in the first row and the footer
    assert "定期复核" in properties
    assert "<dc:creator>Alice</dc:creator>" in properties


@pytest.mark.parametrize("form", ExportForm)
def test_no_cell_acts_as_a_formula(desk, alice, form):
    with desk.opened() as session:
        make_household(session, desk.cipher, name="=1+1", address="@SUM(A1)")
    asker = desk.actor(alice)
    export_id = desk.ask(asker, form=form)
    desk.work()
    content = desk.fetch(export_id, asker)

    row = lines(content)[2] if form is ExportForm.CSV else next(sheets(content))[2]

    assert (row[1], row[4]) == ("'=1+1", "'@SUM(A1)")
    if form is ExportForm.XLSX:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(tmp_path):
    path = tmp_path / "list"
    with writing.table(
        path, ExportForm.XLSX, watermark="水印", author="甲", now=START, sheet_rows=2
    ) as table:
        for number in range(5):
            table.write([f"{number}", *[""] * 7])

    found = list(sheets(path.read_bytes()))

    assert [[row[0] for row in sheet[2:]] for sheet in found] == [["0", "1"], ["2", "3"], ["4"]]
    assert {sheet[0][0] for sheet in found} == {"水印"}


def test_a_right_that_was_taken_meanwhile_is_not_used(desk, four_homes, leader):
    with desk.opened() as session:
        session.execute(delete(AccountRegion).where(AccountRegion.account_id == leader.id))
        session.add_all(
            AccountRegion(account_id=leader.id, code=code)
            for code in ("210302000000", "210303000000")
        )
    asker = desk.actor(leader)
    export_id = desk.ask(asker)
    with desk.opened() as session:
        session.execute(
            delete(AccountRegion).where(
                AccountRegion.account_id == leader.id, AccountRegion.code == "210302000000"
            )
        )
        session.add(AccountRegion(account_id=leader.id, code="210304000000"))
        make_household(session, desk.cipher, name="后来", region=210304001001)

    desk.work()

    rows = lines(desk.fetch(export_id, desk.actor(leader)))[2:]
    assert [row[1] for row in rows] == ["王小红"]


@pytest.mark.parametrize("how", ["disabled", "without_role"])
def test_who_may_not_any_more_gets_no_file(desk, four_homes, alice, how):
    asker = desk.actor(alice)
    export_id = desk.ask(asker)
    with desk.opened() as session:
        if how == "disabled":
            session.execute(update(Account).where(Account.id == alice.id).values(disabled_at=START))
        else:
            session.execute(
                text("DELETE FROM account_role WHERE account_id = :id"), {"id": alice.id}
            )

    desk.work()

    row = desk.told(export_id, asker)
    assert (row.status, row.message) == (ExportStatus.FAILED, "您已没有导出权限，未生成文件")
    assert desk.files() == []


def limit(desk, rows):
    config = desk.app.extensions["relief.config"]
    desk.app.extensions["relief.config"] = replace(config, exports=ExportRules(rows=rows))


def test_a_list_longer_than_the_role_may_take_is_refused_whole(desk, four_homes, alice):
    limit(desk, {"reviewer": 2})
    asker = desk.actor(alice)
    export_id = desk.ask(asker)

    desk.work()

    row = desk.told(export_id, asker)
    assert row.status is ExportStatus.FAILED
    assert "有 3 户，超过您一次可导出的 2 户" in row.message
    assert desk.files() == []
    assert len(desk.rows(asker, name="王")) == 1


def test_a_role_without_a_number_takes_nothing(desk, alice):
    limit(desk, {"clerk": 9})

    with pytest.raises(ExportNotAllowed):
        desk.ask(desk.actor(alice))


@pytest.mark.parametrize(
    ("said", "error"),
    [({"purpose": "curious"}, UnknownPurpose), ({"purpose": "other"}, RemarkMissing)],
)
def test_a_file_is_for_a_purpose(desk, alice, said, error):
    with pytest.raises(error):
        desk.ask(desk.actor(alice), **said)


def test_a_worker_that_dies_at_the_last_moment_leaves_nothing_and_the_next_makes_one_file(
    desk, four_homes, alice
):
    class Killed(BaseException):
        pass

    def die(*_):
        raise Killed

    asker = desk.actor(alice)
    export_id = desk.ask(asker)
    run = wiring.HANDLERS["export"]
    doomed = wiring.worker_of(
        desk.app, {"export": lambda context: run(replace(context, complete=die))}
    )
    with pytest.raises(Killed):
        tasks.run_one(doomed)
    assert (desk.files(), desk.made()) == ([], 0)
    lapse(desk)

    assert desk.work()

    assert (len(desk.files()), desk.made()) == (1, 1)
    assert len(lines(desk.fetch(export_id, asker))) == 2 + 3
    assert not desk.work()


def test_of_two_workers_at_one_export_the_one_with_the_claim_makes_it(desk, four_homes, alice):
    asker = desk.actor(alice)
    export_id = desk.ask(asker)
    slow = wiring.worker_of(desk.app, {"export": overtaken_before(desk, wiring.HANDLERS["export"])})

    assert tasks.run_one(slow)

    assert (len(desk.files()), desk.made()) == (1, 1)
    assert len(lines(desk.fetch(export_id, asker))) == 2 + 3
    assert not desk.work()


def overtaken_before(desk, run):
    """A handler that another worker overtakes just before it stores its file."""

    def handler(context):
        def progress(done, total, message):
            lapse(desk)
            assert desk.work()

        return run(replace(context, progress=progress))

    return handler


def lapse(desk):
    with desk.opened() as session:
        session.execute(
            update(Task)
            .where(Task.status == "running")
            .values(leased_until=func.clock_timestamp() - text("interval '1 s'"))
        )
