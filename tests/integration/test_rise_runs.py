"""Rises under trouble: a worker that is killed, two that sign at once, a thousand entitlements."""

import subprocess
import sys
from collections import Counter
from contextlib import contextmanager

import pytest
from sqlalchemy import event, func, select, text, update

from relief.core.database_roles import DatabaseRole
from relief.core.db import db
from relief.funds.models import BackPay, Entitlement
from relief.review.models import CaseStep
from relief.review.papers.models import CasePaper
from relief.review.papers.types import PaperKind
from relief.review.rising.errors import RiseNotDrawn
from relief.review.types import Step
from relief.tasks import worker as tasks
from relief.tasks.models import Task
from relief.wiring import worker_of
from tests.support.database import accounts_on
from tests.support.rising import Rising
from tests.support.waiting import at_once


@pytest.fixture
def rising(spare_town):
    return Rising(spare_town)


def given(rising):
    """How many were raised, by everything that says so."""
    with rising.town.opened() as session:
        return [
            session.scalar(select(func.count()).select_from(model).where(condition))
            for model, condition in (
                (Entitlement, Entitlement.closed_by.is_not(None)),
                (Entitlement, Entitlement.amount_fen == 100_00),
                (BackPay, BackPay.amount_fen == 10_00),
                (CaseStep, CaseStep.step == Step.RAISED),
                (CasePaper, CasePaper.kind == PaperKind.RISE),
            )
        ]


def killed(rising, url, tmp_path):
    """Kill a worker in the middle of its second transaction, and let its lease end."""
    command = [sys.executable, "-m", "tests.support.doomed_riser", url, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as doomed:
        try:
            assert doomed.stdout.readline() == "begun\n"
        finally:
            doomed.kill()
    with rising.town.opened() as session:
        session.execute(
            update(Task).values(leased_until=func.clock_timestamp() - text("interval '1 s'"))
        )


def test_whose_worker_is_killed_goes_on_where_it_stood(
    rising, spare_database_url, build_app, tmp_path
):
    [case_id] = rising.granted()
    rising.crowd(case_id, 4)
    rising.publish()
    # With the rights of the worker's own account, and no more.
    url = accounts_on(spare_database_url)[DatabaseRole.WORKER]
    worker = worker_of(build_app(url))
    rise_id = rising.start()

    killed(rising, url, tmp_path)
    told = rising.told(rise_id)
    assert (told.status.value, told.listed, told.working) == ("drawing", 2, True)
    assert tasks.run_one(worker)
    told = rising.told(rise_id)
    assert (told.status.value, told.listed, told.left_out) == ("drawn", 5, 0)
    assert [one.position for one in rising.entries(rise_id)] == [1, 2, 3, 4, 5]

    rising.sign(rise_id)
    killed(rising, url, tmp_path)
    assert rising.told(rise_id).decided == 2
    assert given(rising) == [2, 2, 2, 2, 2]
    assert tasks.run_one(worker)

    told = rising.told(rise_id)
    assert (told.status.value, told.decided, told.listed) == ("done", 5, 0)
    assert given(rising) == [5, 5, 5, 5, 5]
    assert not rising.town.work()


def test_of_two_who_sign_at_once_one_does(rising):
    rising.granted()
    rising.publish()
    rise_id = rising.drawn()
    signers = [rising.signer, rising.town.newcomer()]
    refused = []

    def press(number):
        try:
            rising.sign(rise_id, signers[number])
        except RiseNotDrawn as error:
            refused.append(error.code)

    at_once(press, threads=2)

    assert refused == ["rise-not-drawn"]
    assert rising.town.work()
    assert not rising.town.work()
    assert given(rising) == [1, 1, 1, 1, 1]


def test_a_county_and_the_city_at_once_raise_each_once(rising):
    [case_id] = rising.granted()
    rising.crowd(case_id, 5)
    rising.publish()
    ids = [rising.drawn(), rising.drawn(region_code=210302000000)]
    for rise_id in ids:
        rising.sign(rise_id)

    at_once(lambda _: rising.town.work(), threads=2)

    for reports in zip(*(rising.entries(one) for one in ids), strict=True):
        assert sorted(one.status.value for one in reports) == ["decided", "not_decided"]
    assert given(rising) == [6, 6, 6, 6, 6]


# Each case's row is written by itself, which compares its version; and the queue by the clock.
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


@pytest.mark.timeout(300)
def test_a_thousand_take_few_statements(rising):
    [case_id] = rising.granted()
    rising.crowd(case_id, 999)
    rising.publish()

    with statements(rising.town.app) as drawing:
        rise_id = rising.drawn()
    rising.sign(rise_id)
    with statements(rising.town.app) as deciding:
        assert rising.town.work()

    told = rising.told(rise_id)
    assert (told.status.value, told.decided, told.left_out) == ("done", 1000, 0)
    assert (told.more_fen, told.back_fen) == (1000 * 10_00, 1000 * 10_00)
    assert given(rising) == [1000] * 5
    # Two transactions of five hundred and a last one; ten of a hundred and a last one.
    assert drawing.total() < 100
    assert deciding.total() < 700
