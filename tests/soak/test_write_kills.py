"""The database killed under concurrent writers, who work through the real services.

What was acknowledged is there; nothing is there by half: each change has its audit rows, each
audit row its change. What was there without having been acknowledged is counted: the answer was
lost, not the work.
"""

import threading
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from relief.accounts import service as accounts
from relief.accounts.samples import CIVIL_AFFAIRS, EAST, WEST
from relief.accounts.types import Post, Role
from relief.core.clock import system_clock
from relief.core.config import normalise_url
from relief.tasks import service as tasks
from tests.soak.harness import PASSWORD, Stage
from tests.support.scale import scaled

WRITERS = 6
PARTS = "account:created", "account:role_granted", "account:region_granted"


def new_account(session: Session, name: str) -> None:
    """A write of many rows: an account, its role, its two regions, and their audit rows."""
    accounts.create_account(
        session,
        username=name,
        display_name=name,
        post=Post.OPERATIONS,
        password=PASSWORD,
        actor_id=None,
        now=system_clock(),
        department_code=CIVIL_AFFAIRS,
        roles=[Role.REVIEWER],
        regions=[EAST, WEST],
    )


def new_task(session: Session, name: str) -> None:
    """A small write: a task and its audit row."""
    tasks.enqueue(session, kind="soak", key=name, arguments={}, actor_id=None, now=system_clock())


@dataclass
class Writer:
    """One client: writes as fast as it can and remembers what was acknowledged."""

    stage: Stage
    number: int
    stop: threading.Event
    acknowledged: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    fault: BaseException | None = None

    def run(self) -> None:
        """Write until told to stop; a write whose answer was lost is not tried again."""
        write = new_task if self.number % 2 else new_account
        count = 0
        while not self.stop.is_set():
            engine = create_engine(normalise_url(self.stage.url), pool_pre_ping=True)
            try:
                while not self.stop.is_set():
                    count += 1
                    name = f"w{self.number}-{count}"
                    self.unknown.add(name)
                    with Session(engine) as session, session.begin():
                        write(session, name)
                    self.acknowledged.add(name)
                    self.unknown.remove(name)
            except SQLAlchemyError:
                self.stop.wait(0.05)
            except BaseException as error:  # noqa: BLE001  # told by the test
                self.fault = error
                return
            finally:
                engine.dispose()


def kill_under_writers(stage: Stage, writers: list[Writer], kills: int) -> list[int]:
    """Kill the database again and again; the acknowledged writes in between are counted."""
    pause, between = threading.Event(), []
    for _ in range(kills):
        before = sum(len(writer.acknowledged) for writer in writers)
        stage.wait(
            lambda before=before: sum(len(writer.acknowledged) for writer in writers) > before + 5,
            seconds=60,
        )
        pause.wait(stage.chance.uniform(0, 0.7))
        stage.kill_database()
        between.append(sum(len(writer.acknowledged) for writer in writers) - before)
        stage.recover()
    return between


def check(stage: Stage, writers: list[Writer]) -> int:
    """Hold what is there against what was acknowledged; return how much more there is."""
    with stage.session() as session:
        found = session.connection().exec_driver_sql(
            "SELECT username FROM account WHERE username ~ '^w[0-9]+-'"
            " UNION ALL SELECT key FROM task WHERE kind = 'soak'"
        )
        present = {name for (name,) in found}
    acknowledged = set[str]().union(*(writer.acknowledged for writer in writers))
    unknown = set[str]().union(*(writer.unknown for writer in writers))
    assert acknowledged - present == set(), "acknowledged and lost"
    assert present - acknowledged <= unknown
    assert whole(stage)
    return len(present - acknowledged)


def whole(stage: Stage) -> bool:
    """Tell whether every change has exactly its audit rows, and every audit row its change."""
    halves = stage.sql(
        """
        WITH made AS (
            SELECT a.id, array_agg(e.action ORDER BY e.action) AS written,
                   (SELECT count(*) FROM account_role r WHERE r.account_id = a.id) AS roles,
                   (SELECT count(*) FROM account_region r WHERE r.account_id = a.id) AS regions
            FROM account a LEFT JOIN audit_event e ON e.subject_id = a.id
            WHERE a.username ~ '^w[0-9]+-' GROUP BY a.id
        )
        SELECT (SELECT count(*) FROM made WHERE roles <> 1 OR regions <> 2
                OR written <> ARRAY[%s, %s, %s, %s]::varchar[])
             + (SELECT count(*) FROM task t WHERE kind = 'soak' AND 1 <>
                (SELECT count(*) FROM audit_event e WHERE e.subject_id = t.id))
             + (SELECT count(*) FROM audit_event e
                WHERE action IN ('account:created', 'task:queued')
                AND NOT EXISTS (SELECT FROM account a WHERE a.id = e.subject_id)
                AND NOT EXISTS (SELECT FROM task t WHERE t.id = e.subject_id))
        """,
        PARTS[0],
        PARTS[2],
        PARTS[2],
        PARTS[1],
    )
    return halves == 0


def scenario(stage: Stage, figures: dict[str, Any], *, kills: int) -> None:
    stage.afresh()
    stop = threading.Event()
    writers = [Writer(stage, number, stop) for number in range(WRITERS)]
    threads = [threading.Thread(target=writer.run) for writer in writers]
    for thread in threads:
        thread.start()
    try:
        between = kill_under_writers(stage, writers, kills)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert [writer.fault for writer in writers if writer.fault] == []
    figures["kills"] = kills
    figures["acknowledged"] = sum(len(writer.acknowledged) for writer in writers)
    figures["unacknowledged"] = sum(len(writer.unknown) for writer in writers)
    figures["unacknowledged but present"] = check(stage, writers)
    assert min(between) > 0, "a kill that no write met proves nothing"


@pytest.mark.rehearsal
def test_a_killed_database_loses_nothing_it_acknowledged(stage, figures):
    scenario(stage, figures, kills=3)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_a_database_killed_often_loses_nothing_it_acknowledged(stage, figures):
    scenario(stage, figures, kills=scaled(50))
