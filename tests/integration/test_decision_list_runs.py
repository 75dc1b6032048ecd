"""Signed lists under trouble: a worker that is killed, two that sign at once, and many cases."""

import subprocess
import sys
import threading
from collections import Counter
from contextlib import contextmanager

import pytest
from sqlalchemy import event, func, select, text, update

from relief.audit.models import AuditEvent
from relief.core.database_roles import DatabaseRole
from relief.core.db import db
from relief.funds.models import Entitlement
from relief.review.lists import service as lists
from relief.review.models import CaseDecision
from relief.tasks import worker as tasks
from relief.tasks.models import Task
from relief.wiring import worker_of
from tests.support.database import accounts_on
from tests.support.waiting import at_once


def counts(town):
    with town.opened() as session:
        return [
            session.scalar(query)
            for query in (
                select(func.count()).select_from(CaseDecision),
                select(func.count()).select_from(Entitlement),
                select(func.count(func.distinct(AuditEvent.subject_id))).where(
                    AuditEvent.action == "case:decided"
                ),
                select(func.count()).where(AuditEvent.action == "case:decided"),
            )
        ]


def test_a_list_whose_worker_is_killed_goes_on_where_it_stood(
    spare_town, spare_database_url, build_app, tmp_path
):
    spare_town.waiting(5)
    list_id = spare_town.draw()
    spare_town.sign(list_id)
    # With the rights of the worker's own account, and no more.
    url = accounts_on(spare_database_url)[DatabaseRole.WORKER]
    command = [sys.executable, "-m", "tests.support.doomed_decider", url, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as doomed:
        try:
            assert doomed.stdout.readline() == "begun\n"
        finally:
            doomed.kill()
    told = spare_town.told(list_id)
    assert (told.decided, told.listed, told.working) == (2, 3, True)
    assert counts(spare_town) == [2, 2, 2, 2]
    with spare_town.opened() as session:
        session.execute(
            update(Task).values(leased_until=func.clock_timestamp() - text("interval '1 s'"))
        )

    assert tasks.run_one(worker_of(build_app(url)))
    assert not spare_town.work()

    told = spare_town.told(list_id)
    assert (told.status.value, told.decided, told.listed) == ("done", 5, 0)
    assert counts(spare_town) == [5, 5, 5, 5]


def test_two_who_sign_the_same_cases_at_once_decide_each_once(spare_town):
    cases = spare_town.waiting(6)
    signers = [spare_town.actor(), spare_town.newcomer()]
    drawn = [spare_town.draw(signer) for signer in signers]
    for list_id, signer in zip(drawn, signers, strict=True):
        spare_town.sign(list_id, signer)

    at_once(lambda _: spare_town.work(), threads=2)

    reports = [
        spare_town.report(list_id, signer) for list_id, signer in zip(drawn, signers, strict=True)
    ]
    for case in cases:
        assert sorted(report[case][0] for report in reports) == ["decided", "not_decided"]
        assert {report[case][1] for report in reports} == {None, "changed"}
    assert counts(spare_town) == [6, 6, 6, 6]


def test_of_many_who_press_the_button_one_signs(spare_town):
    spare_town.waiting(2)
    list_id = spare_town.draw()
    refused = []

    def press(_):
        try:
            spare_town.sign(list_id)
        except lists.ListSigned as error:
            refused.append(error.code)

    at_once(press, threads=4)

    assert refused == ["list-signed"] * 3
    with spare_town.opened() as session:
        assert session.scalar(select(func.count()).select_from(Task)) == 1


def test_a_worker_that_is_told_to_stop_gives_the_list_back_and_it_goes_on(spare_town):
    spare_town.waiting(2)
    list_id = spare_town.draw()
    spare_town.sign(list_id)
    stop = threading.Event()
    stop.set()

    assert tasks.run_one(worker_of(spare_town.app), stop=stop)
    assert spare_town.told(list_id).working
    assert spare_town.work()

    assert spare_town.told(list_id).decided == 2


# The row of each case is written by itself, which compares its version; and the queue by the clock.
APART = ("UPDATE aid_case SET", "UPDATE task SET")


@contextmanager
def statements(app):
    """Count what is sent to the database."""
    sent = Counter()

    def note(_connection, _cursor, statement, *_rest):
        if (begins := " ".join(statement.split()[:3])) not in APART:
            sent[begins] += 1

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("scheme", ["S09", "S11"])
def test_the_statements_do_not_grow_with_the_cases(spare_town, scheme):
    spare_town.actor()
    sent = []
    for count in (3, 9):
        spare_town.waiting(count, scheme)
        with statements(spare_town.app) as drawing:
            list_id = spare_town.draw(scheme_code=scheme)
        spare_town.sign(list_id)
        with statements(spare_town.app) as deciding:
            assert spare_town.work()
        assert spare_town.told(list_id).decided == count
        sent.append((drawing, deciding))

    assert sent[0] == sent[1]
