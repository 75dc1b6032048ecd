"""Acts that enter a roster under trouble: a worker that is killed, two clerks at once, and many."""

import subprocess
import sys
from collections import Counter
from contextlib import contextmanager

import pytest
from sqlalchemy import event, func, select, text, update

from relief.accounts.types import Role
from relief.audit.models import AuditEvent
from relief.core.database_roles import DatabaseRole
from relief.core.db import db
from relief.review import service as cases
from relief.review.errors import CaseOpen
from relief.review.models import Case
from relief.review.rostering import errors, task
from relief.tasks import worker as tasks
from relief.tasks.models import Task
from relief.wiring import worker_of
from tests.support.database import accounts_on
from tests.support.rostering import NEED, SCHEME
from tests.support.waiting import at_once

MANY = 2000


def counts(roster):
    """Cases, people who have one, and rows of the trail that say so."""
    with roster.opened() as session:
        return [
            session.scalar(query)
            for query in (
                select(func.count()).select_from(Case),
                select(func.count(func.distinct(Case.person_id))),
                select(func.count()).where(AuditEvent.action == "case:submitted"),
            )
        ]


def test_an_act_whose_worker_is_killed_goes_on_where_it_stood(
    spare_roster, spare_database_url, build_app, tmp_path
):
    spare_roster.confirmed(5)
    act_id = spare_roster.begin()
    # With the rights of the worker's own account, and no more.
    url = accounts_on(spare_database_url)[DatabaseRole.WORKER]
    command = [sys.executable, "-m", "tests.support.doomed_roster", url, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as doomed:
        try:
            assert doomed.stdout.readline() == "begun\n"
        finally:
            doomed.kill()
    told = spare_roster.act(act_id)
    assert (told.entered, told.listed, told.working) == (2, 3, True)
    assert counts(spare_roster) == [2, 2, 2]
    with spare_roster.opened() as session:
        session.execute(
            update(Task).values(leased_until=func.clock_timestamp() - text("interval '1 s'"))
        )

    assert tasks.run_one(worker_of(build_app(url)))
    assert not spare_roster.work()

    told = spare_roster.act(act_id)
    assert (told.status.value, told.entered, told.listed) == ("done", 5, 0)
    assert counts(spare_roster) == [5, 5, 5]


def test_two_clerks_who_enter_the_same_roster_at_once_make_one_case_each(spare_roster):
    homes = spare_roster.confirmed(6)
    clerks = [spare_roster.clerk(), spare_roster.newcomer(Role.CLERK)]
    acts = [spare_roster.begin(clerk) for clerk in clerks]

    at_once(lambda _: spare_roster.work(), threads=2)

    reports = [spare_roster.became(act, clerk) for act, clerk in zip(acts, clerks, strict=True)]
    for home in homes:
        found = sorted(report[home.person_id] for report in reports)
        assert found == [("entered", None), ("not_entered", "under_way")]
    assert counts(spare_roster) == [6, 6, 6]


def test_of_many_who_press_the_button_one_begins(spare_roster):
    spare_roster.confirmed(2)
    spare_roster.clerk()
    refused = []

    def press(_):
        try:
            spare_roster.begin()
        except errors.ActRuns as error:
            refused.append(error.code)

    at_once(press, threads=4)

    assert refused == ["roster-act-runs"] * 3
    assert spare_roster.work()
    assert counts(spare_roster) == [2, 2, 2]


def test_an_application_by_itself_and_an_act_at_once_make_one_case(spare_roster):
    [home] = spare_roster.confirmed(1)
    clerk = spare_roster.clerk()
    spare_roster.begin()
    late = []

    def go(place):
        if place == 0:
            spare_roster.work()
            return
        try:
            with spare_roster.opened() as session:
                cases.submit(
                    session, actor=clerk, person_id=home.person_id, scheme_code=SCHEME,
                    need=NEED, now=spare_roster.clock(),
                )  # fmt: skip
        except CaseOpen as error:
            late.append(error.code)

    at_once(go, threads=2)

    assert counts(spare_roster) == [1, 1, 1]


# The row of each case is written by itself, which compares its version; and the queue by the clock.
APART = ("UPDATE aid_case SET", "UPDATE task SET")


@contextmanager
def transactions(app):
    """Count what each transaction sends to the database.

    By its connection: the lease of the task is kept by another one meanwhile.
    """
    found = []

    def note(connection, _cursor, statement, *_rest):
        if (begins := " ".join(statement.split()[:3])) not in APART:
            connection.info.setdefault("sent", Counter())[begins] += 1

    def end(connection):
        found.append(connection.info.pop("sent", Counter()))

    def undo(connection):
        connection.info.pop("sent", None)

    with app.app_context():
        engine = db.engine
    heard = {"before_cursor_execute": note, "commit": end, "rollback": undo}
    for what, hear in heard.items():
        event.listen(engine, what, hear)
    try:
        yield found
    finally:
        for what, hear in heard.items():
            event.remove(engine, what, hear)


def entering(found):
    """The transactions that entered somebody."""
    return [
        one for one in found if any(begins.startswith("INSERT INTO aid_case") for begins in one)
    ]


@pytest.mark.timeout(600)
def test_two_thousand_take_as_many_statements_a_transaction_as_a_few(spare_roster):
    [home] = spare_roster.confirmed(1)
    spare_roster.copies(home, 8)
    with transactions(spare_roster.app) as few:
        spare_roster.entered()
    with spare_roster.opened() as session:
        session.execute(update(Case).values(scheme_code="S15"))  # they may be entered again
    spare_roster.copies(home, MANY - 9)
    with transactions(spare_roster.app) as beginning:
        act_id = spare_roster.begin()
    assert sum(beginning[0].values()) < 40

    with transactions(spare_roster.app) as many:
        assert spare_roster.work()

    assert spare_roster.act(act_id).entered == MANY
    [one], all_of_them = entering(few), entering(many)
    assert len(all_of_them) == MANY // task.AT_ONCE
    assert {sum(found.values()) for found in all_of_them} == {sum(one.values())}, (
        all_of_them[0] - one, one - all_of_them[0],
    )  # fmt: skip
    assert sum(one.values()) < 120
