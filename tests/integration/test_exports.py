"""Lists taken away: what is in a file, for whom, once, and until when."""

import io
import zipfile
from dataclasses import replace

import pytest
from sqlalchemy import delete, event, func, select, text, update

from relief import wiring
from relief.accounts.models import Account, AccountRegion
from relief.attachments.errors import FileNotFound
from relief.attachments.models import StoredFile
from relief.audit import queries as trail
from relief.audit.models import AuditEvent
from relief.core.export_rules import ExportRules
from relief.core.scope import subtree
from relief.jobs.cleaning import remove_expired_exports
from relief.registry import queries
from relief.registry.errors import RemarkMissing, UnknownPurpose
from relief.registry.exports import service, writing
from relief.registry.exports.errors import (
    ExportExpired,
    ExportNotAllowed,
    ExportNotFound,
    ExportNotReady,
    ExportOutOfScope,
)
from relief.registry.exports.queries import ExportStatus, list_exports
from relief.registry.models import Export, ExportHousehold, Household
from relief.registry.types import ExportForm
from relief.tasks import worker as tasks
from relief.tasks.models import Task
from tests.factories import make_household
from tests.support.exporting import Desk, lines, sheets
from tests.support.settings import START

WEST_VILLAGE, NEXT_VILLAGE = 210303001001, 210302003001


@pytest.fixture
def desk(spare_app):
    return Desk(spare_app)


@pytest.fixture
def homes(desk):
    """Three households of 铁东区, of which housing serves one, and one of 铁西区."""
    with desk.opened() as session:
        return [
            make_household(session, desk.cipher, name="王小明", schemes=("S01", "S21")),
            make_household(session, desk.cipher, name="李秀英", region=NEXT_VILLAGE),
            make_household(session, desk.cipher, name="单乐", address=None),
            make_household(session, desk.cipher, name="王小红", region=WEST_VILLAGE),
        ]


def events(desk, action):
    with desk.opened() as session:
        return session.scalars(
            select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.id)
        ).all()


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
def test_a_file_holds_what_the_list_shows(desk, homes, alice, wanted, count):
    asker = desk.actor(alice)

    rows = desk.rows(asker, **wanted)

    assert rows == listed(desk, asker, **wanted)
    assert len(rows) == count


def test_a_department_takes_its_own_households_and_schemes_alone(desk, homes, bob):
    asker = desk.actor(bob)

    (row,) = desk.rows(asker)

    assert row == listed(desk, asker)[0]
    assert (row[1], row[7]) == ("王小明", "公租房")


def test_a_workbook_holds_the_same_rows(desk, homes, alice):
    asker = desk.actor(alice)
    export_id = desk.ask(asker, form=ExportForm.XLSX)
    desk.work()

    ((_, headings, *rows),) = sheets(desk.fetch(export_id, asker))

    assert headings == [heading for heading, _ in writing.COLUMNS]
    assert [[str(cell).removesuffix(".0") for cell in row] for row in rows] == listed(desk, asker)


def test_a_file_says_who_took_it_when_and_what_for(desk, homes, alice):
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


def test_a_right_that_was_taken_meanwhile_is_not_used(desk, homes, leader):
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
def test_who_may_not_any_more_gets_no_file(desk, homes, alice, how):
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


def test_a_list_longer_than_the_role_may_take_is_refused_whole(desk, homes, alice):
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
    desk, homes, alice
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


def test_of_two_workers_at_one_export_the_one_with_the_claim_makes_the_file(desk, homes, alice):
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


def test_a_file_is_its_askers_alone(desk, homes, alice, charlie):
    asker, other = desk.actor(alice), desk.actor(charlie)
    export_id = desk.ask(asker)
    with pytest.raises(ExportNotReady):
        desk.fetch(export_id, asker)
    desk.work()

    with pytest.raises(ExportNotFound):
        desk.fetch(export_id, other)
    with pytest.raises(ExportNotFound):
        desk.told(export_id, other)
    with desk.opened() as session:
        page = list_exports(session, account_id=other.id, now=START, limit=9)
    assert page.items == []


def test_a_file_that_names_who_is_out_of_scope_now_is_not_given_out(desk, homes, alice):
    asker = desk.actor(alice)
    export_id = desk.ask(asker)
    desk.work()
    assert desk.fetch(export_id, asker)
    with desk.opened() as session:
        session.execute(
            update(Household).where(Household.id == homes[1].id).values(region_code=WEST_VILLAGE)
        )

    with pytest.raises(ExportOutOfScope):
        desk.fetch(export_id, asker)


def test_a_file_is_kept_for_some_days_and_then_deleted(desk, homes, alice):
    asker = desk.actor(alice)
    export_id, failed = desk.ask(asker), desk.ask(asker, name="王")
    desk.work()
    with desk.opened() as session:
        session.execute(update(Task).where(Task.status == "waiting").values(status="failed"))
    desk.clock.advance(days=7)

    with pytest.raises(ExportExpired):
        desk.fetch(export_id, asker)
    assert desk.told(export_id, asker).status is ExportStatus.EXPIRED
    with desk.opened() as session:
        assert remove_expired_exports(session, now=desk.clock()) == 1
    with desk.opened() as session:
        assert remove_expired_exports(session, now=desk.clock()) == 0

    assert desk.files() == []
    with desk.opened() as session:
        assert session.scalar(select(func.count()).select_from(ExportHousehold)) == 0
        assert session.scalar(select(func.count()).select_from(StoredFile)) == 0
        assert set(session.scalars(select(Export.criteria))) == {None}
    with pytest.raises(ExportExpired):
        desk.fetch(export_id, asker)
    assert desk.told(failed, asker).status is ExportStatus.FAILED
    assert [found.subject_id for found in events(desk, "export:expired")] == [export_id]


def test_a_task_whose_order_was_withdrawn_makes_no_file(desk, homes, alice):
    asker = desk.actor(alice)
    export_id = desk.ask(asker)
    with desk.opened() as session:
        session.execute(update(Export).values(criteria=None))

    desk.work()

    assert desk.told(export_id, asker).message == "导出请求已过期，请重新导出"


def test_a_file_whose_content_is_lost_is_not_recorded_as_fetched(desk, homes, alice):
    asker = desk.actor(alice)
    export_id = desk.ask(asker)
    desk.work()
    for path in desk.files():
        path.unlink()

    with pytest.raises(FileNotFound):
        desk.fetch(export_id, asker)
    assert events(desk, "export:fetched") == []


def test_asking_and_fetching_stand_in_the_trail(desk, homes, alice):
    asker = desk.actor(alice)
    export_id = desk.ask(asker, name="小明", region="210302002000")
    desk.work()
    desk.fetch(export_id, asker)

    (asked,), (made,), (fetched,) = (
        events(desk, f"export:{what}") for what in ("asked", "made", "fetched")
    )
    assert asked.details == {
        "by": ["region", "name"], "form": "csv", "purpose": "recheck", "remark": None,
    }  # fmt: skip
    assert (asked.actor_id, asked.region_code) == (alice.id, 210302002000)
    assert made.details["sha256"] == fetched.details["sha256"]
    assert (fetched.actor_id, fetched.details["rows"]) == (alice.id, 1)
    assert "小明" not in str([asked.details, made.details, fetched.details])


def test_each_households_and_householders_log_says_who_took_it_away(desk, homes, alice, auditor):
    asker = desk.actor(alice)
    export_id = desk.ask(asker, name="小明")
    other = desk.ask(asker)
    desk.work()
    desk.work()
    desk.fetch(export_id, asker)
    desk.fetch(other, asker)
    here, there = subtree(210302002000), subtree(210303000000)

    def lookers(home, ranges=None):
        with desk.opened() as session:
            page = trail.list_lookers(session, person_id=home.person_id, ranges=ranges, limit=9)
        return [found.subject_id for found in page.items]

    def of_household(home, ranges=None):
        wanted = trail.EventFilter(subject_type="household", subject_id=home.id)
        with desk.opened() as session:
            page = trail.list_events(session, filters=wanted, ranges=ranges, limit=9)
        return [found.subject_id for found in page.items]

    for found in (lookers, of_household):
        assert set(found(homes[0])) == {export_id, other}
        assert found(homes[1]) == [other]
        assert found(homes[3]) == []
        assert len(found(homes[0], [here])) == 2
        assert found(homes[0], [there]) == []
    # One event for each village of a file.
    taken = events(desk, "household:exported")
    assert sorted(one.region_code for one in taken) == [
        210302002001, 210302002001, NEXT_VILLAGE,
    ]  # fmt: skip
    assert {one.actor_id for one in taken} == {alice.id}
    assert all(one.details["purpose"] == "recheck" for one in taken)


def test_a_household_without_a_householder_is_taken_away_too(desk, homes, alice):
    asker = desk.actor(alice)
    with desk.opened() as session:
        session.execute(
            update(Household).where(Household.id == homes[0].id).values(householder_id=None)
        )
    export_id = desk.ask(asker, name="小明")
    desk.work()
    desk.fetch(export_id, asker)

    (taken,) = events(desk, "household:exported")
    assert taken.details["shown"] == [str(homes[0].id)]


def test_fetching_costs_the_same_statements_for_any_number_of_households(desk, alice):
    asker = desk.actor(alice)
    with desk.opened() as session:
        make_household(session, desk.cipher, name="甲")
        for place in range(6):
            make_household(session, desk.cipher, name="乙", region=210302003001 + place % 3)
    small, large = desk.ask(asker, name="甲"), desk.ask(asker, name="乙")
    desk.work()
    desk.work()

    assert statements(desk, small, asker) == statements(desk, large, asker)


def statements(desk, export_id, asker):
    sent = []
    with desk.opened() as session:
        connection = session.connection()

        def note(_connection, _cursor, statement, *_rest):
            sent.append(statement)

        event.listen(connection, "before_cursor_execute", note)
        service.fetch(
            session, desk.cipher, export_id=export_id, asker=asker, storage=desk.storage,
            now=START,
        )  # fmt: skip
        event.remove(connection, "before_cursor_execute", note)
    return len(sent)


def test_whoever_waits_is_told(desk, homes, alice):
    desk.ask(desk.actor(alice))
    desk.work()

    with desk.opened() as session:
        told = session.execute(
            text("SELECT title, body, link FROM outbox_message WHERE recipient_id = :id"),
            {"id": alice.id},
        ).all()

    assert [(row.title, row.link) for row in told] == [("名单导出已完成", "/exports")]
