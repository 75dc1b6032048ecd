"""Files of lists on their way out: to whom, until when, and what the trail says of it."""

import pytest
from sqlalchemy import event, func, select, text, update

from relief.attachments.errors import FileNotFound
from relief.attachments.models import StoredFile
from relief.audit import queries as trail
from relief.audit.models import AuditEvent
from relief.core.scope import subtree
from relief.jobs.cleaning import remove_expired_exports
from relief.registry.exports import service
from relief.registry.exports.errors import (
    ExportExpired,
    ExportNotFound,
    ExportNotReady,
    ExportOutOfScope,
)
from relief.registry.exports.queries import ExportStatus, list_exports
from relief.registry.models import Export, ExportHousehold, Household
from relief.tasks.models import Task
from tests.factories import make_household
from tests.support.exporting import NEXT_VILLAGE, WEST_VILLAGE
from tests.support.settings import START


def events(desk, action):
    with desk.opened() as session:
        return session.scalars(
            select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.id)
        ).all()


def test_a_file_is_its_askers_alone(desk, four_homes, alice, charlie):
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


def test_a_file_that_names_who_is_out_of_scope_now_is_not_given_out(desk, four_homes, alice):
    asker = desk.actor(alice)
    export_id = desk.ask(asker)
    desk.work()
    assert desk.fetch(export_id, asker)
    with desk.opened() as session:
        session.execute(
            update(Household)
            .where(Household.id == four_homes[1].id)
            .values(region_code=WEST_VILLAGE)
        )

    with pytest.raises(ExportOutOfScope):
        desk.fetch(export_id, asker)


def test_a_file_is_kept_for_some_days_and_then_deleted(desk, four_homes, alice):
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


def test_a_task_whose_order_was_withdrawn_makes_no_file(desk, four_homes, alice):
    asker = desk.actor(alice)
    export_id = desk.ask(asker)
    with desk.opened() as session:
        session.execute(update(Export).values(criteria=None))

    desk.work()

    assert desk.told(export_id, asker).message == "导出请求已过期，请重新导出"


def test_a_file_whose_content_is_lost_is_not_recorded_as_fetched(desk, four_homes, alice):
    asker = desk.actor(alice)
    export_id = desk.ask(asker)
    desk.work()
    for path in desk.files():
        path.unlink()

    with pytest.raises(FileNotFound):
        desk.fetch(export_id, asker)
    assert events(desk, "export:fetched") == []


def test_asking_and_fetching_stand_in_the_trail(desk, four_homes, alice):
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


def test_each_households_and_householders_log_says_who_took_it_away(
    desk, four_homes, alice, auditor
):
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
        assert set(found(four_homes[0])) == {export_id, other}
        assert found(four_homes[1]) == [other]
        assert found(four_homes[3]) == []
        assert len(found(four_homes[0], [here])) == 2
        assert found(four_homes[0], [there]) == []
    # One event for each village of a file.
    taken = events(desk, "household:exported")
    assert sorted(one.region_code for one in taken) == [
        210302002001, 210302002001, NEXT_VILLAGE,
    ]  # fmt: skip
    assert {one.actor_id for one in taken} == {alice.id}
    assert all(one.details["purpose"] == "recheck" for one in taken)


def test_a_household_without_a_householder_is_taken_away_too(desk, four_homes, alice):
    asker = desk.actor(alice)
    with desk.opened() as session:
        session.execute(
            update(Household).where(Household.id == four_homes[0].id).values(householder_id=None)
        )
    export_id = desk.ask(asker, name="小明")
    desk.work()
    desk.fetch(export_id, asker)

    (taken,) = events(desk, "household:exported")
    assert taken.details["shown"] == [str(four_homes[0].id)]


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


def test_whoever_waits_is_told(desk, four_homes, alice):
    desk.ask(desk.actor(alice))
    desk.work()

    with desk.opened() as session:
        told = session.execute(
            text("SELECT title, body, link FROM outbox_message WHERE recipient_id = :id"),
            {"id": alice.id},
        ).all()

    assert [(row.title, row.link) for row in told] == [("名单导出已完成", "/exports")]


def test_what_was_taken_away_is_found_by_its_index(session):
    session.execute(text("SET LOCAL enable_seqscan = off"))
    plan = session.scalars(
        text(
            "EXPLAIN SELECT id FROM audit_event WHERE subject_type = 'household'"
            " AND subject_id = gen_random_uuid() OR action = 'household\\:exported'"
            " AND (audit_event.details -> 'shown') @> '[\"x\"]'"
        )
    ).all()

    assert any("ix_audit_event_exported" in line for line in plan)
