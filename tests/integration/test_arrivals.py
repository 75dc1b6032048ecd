"""Records that arrive while a merge is at work, or a file of their scheme is being imported."""

import pytest
from sqlalchemy import func, select, text

from relief.core import locks
from relief.core.db import db, unit_of_work
from relief.registry.arrivals import service
from relief.registry.arrivals.errors import SchemeBusy
from relief.registry.merging.service import MERGE_LOCK, merge
from relief.registry.models import ImportBatch, Person
from relief.tasks import worker
from relief.tasks.models import Task
from relief.wiring import worker_of
from tests.support.settings import CIPHER, START
from tests.support.source import number, send

ROW = {
    "县（市）区": "铁东区",
    "低保证号": "1",
    "姓名": "王建国",
    "身份证号": number(),
    "发放月份": "2026年09月",
    "发放金额（元）": "650",
}


@pytest.fixture
def arrive(spare_app, tmp_path):
    """`arrive()`: send one record, in a transaction of its own; the registry was merged once."""
    with spare_app.app_context(), unit_of_work() as session:
        send(session, CIPHER, "S09", {"name": "李秀英", "household_number": "7"}, now=START)
        merge(session, cipher=CIPHER, actor_id=None, now=START)

    def do(*, patience="10s"):
        with unit_of_work() as session:
            session.execute(text(f"SET LOCAL lock_timeout = '{patience}'"))
            return service.receive(
                session,
                [ROW],
                scheme_code="S01",
                actor_id=None,
                cipher=CIPHER,
                storage=tmp_path,
                now=START,
            )

    with spare_app.app_context():
        yield do
        db.session.remove()


@pytest.fixture
def other(spare_app):
    """A transaction beside."""
    with spare_app.app_context(), db.engine.connect() as connection:
        yield connection


def test_while_another_merge_is_at_work_records_wait_for_the_worker(spare_app, arrive, other):
    other.execute(select(func.pg_advisory_xact_lock(MERGE_LOCK)))

    told = arrive()

    assert (told.loaded, told.merged, told.links) == (1, False, [])
    other.rollback()
    with unit_of_work() as session:
        assert session.scalars(select(Task.kind)).all() == ["merge"]
        assert session.scalar(select(Person.id).where(Person.name == "王建国")) is None
    while worker.run_one(worker_of(spare_app)):
        pass
    with unit_of_work() as session:
        assert session.scalar(select(Person.id).where(Person.name == "王建国")) is not None


def test_while_a_file_of_the_scheme_is_imported_the_sender_is_asked_to_come_again(arrive, other):
    other.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": "import S01"}
    )

    with pytest.raises(SchemeBusy):
        arrive(patience="50ms")

    other.rollback()
    with unit_of_work() as session:
        count = (
            select(func.count()).select_from(ImportBatch).where(ImportBatch.scheme_code == "S01")
        )
        assert session.scalar(count) == 0
    assert arrive().merged


def test_another_fault_of_the_database_is_no_matter_of_waiting(arrive, monkeypatch):
    def fail(session, _name):
        session.execute(text("SELECT 1 / 0"))

    monkeypatch.setattr(locks, "hold", fail)

    with pytest.raises(Exception, match="division by zero"):
        arrive()
