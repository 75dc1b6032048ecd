"""Rolls that would take too many people off: held, until a steward confirms or refuses."""

import threading
from datetime import date

import pytest
from sqlalchemy import select

from relief.audit.models import AuditEvent
from relief.core.ids import new_id
from relief.jobs.process import unit_of_work_of
from relief.registry.intake import rolls
from relief.registry.intake.errors import BatchNotFound, BatchNotHeld
from relief.registry.intake.service import undo_batch
from relief.registry.merging.service import merge
from relief.registry.models import (
    ImportBatch,
    RejectedRow,
)
from relief.registry.types import BatchStatus
from tests.support.rolls import JULY, JUNE, NAMES, Sender, ends, status
from tests.support.settings import CIPHER
from tests.support.settings import START as NOW
from tests.support.source import registry_by_content, undo


@pytest.fixture
def files(session, cipher):
    return Sender(session, cipher)


def test_a_roll_that_takes_too_many_off_is_held_and_has_no_effect(session, files):
    files.paid(*NAMES, months=(6,))
    files.merge()
    before = registry_by_content(session)
    roll = files.roll(JUNE, *NAMES[:5])

    report = files.merge()

    assert registry_by_content(session) == before
    assert status(session, roll) is BatchStatus.HELD
    figures = {"removed": 3, "people": 8, "unread": 0}
    assert report.as_json()["held"] == [
        {"batch": str(roll), "file": "S01.csv", **figures},
    ]
    assert session.scalar(select(ImportBatch.held).where(ImportBatch.id == roll)) == figures
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "import_batch:held")
    ).one()
    assert (event.subject_id, event.details) == (roll, {"scheme": "S01", **figures})
    assert files.merge().held == ()


def test_a_confirmed_roll_has_its_effect_and_is_not_asked_about_again(session, files):
    files.paid(*NAMES, months=(6,))
    roll = files.roll(JUNE, *NAMES[:5])
    assert len(files.merge().held) == 1

    rolls.confirm(session, batch_id=roll, actor_id=None, now=NOW)
    report = files.merge()

    assert report.held == ()
    assert status(session, roll) is BatchStatus.MERGED
    assert {name for name, end in ends(session).items() if end} == set(NAMES[5:])
    with pytest.raises(BatchNotHeld):
        rolls.confirm(session, batch_id=roll, actor_id=None, now=NOW)
    undo(session, roll)
    files.merge()
    assert set(ends(session).values()) == {None}


def test_a_refused_roll_never_has_any(session, files):
    files.paid(*NAMES, months=(6,))
    roll = files.roll(JUNE, "王建国")
    files.merge()

    rolls.refuse(session, batch_id=roll, actor_id=None, now=NOW)
    files.merge()

    assert status(session, roll) is BatchStatus.REFUSED
    assert set(ends(session).values()) == {None}
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "import_batch:refused")
    ).one()
    assert event.details["removed"] == 7
    with pytest.raises(BatchNotHeld):
        rolls.refuse(session, batch_id=roll, actor_id=None, now=NOW)


def test_who_decides_on_no_batch_is_told(session):
    with pytest.raises(BatchNotFound):
        rolls.confirm(session, batch_id=new_id(NOW), actor_id=None, now=NOW)


def test_a_row_that_could_not_be_read_is_nobody_who_left(session, files):
    files.paid(*NAMES, months=(6,))
    roll = files.roll(JUNE, *NAMES[1:])
    session.add(RejectedRow(batch_id=roll, row_number=9, code="unknown_region", reason="。"))
    session.flush()

    report = files.merge()

    assert [(held["removed"], held["unread"]) for held in report.held] == [(1, 1)]


def test_a_repeated_row_is_no_reason_to_hold(session, files):
    files.paid(*NAMES, months=(6,))
    roll = files.roll(JUNE, *NAMES[1:])
    session.add(RejectedRow(batch_id=roll, row_number=9, code="repeated_row", reason="。"))
    session.flush()

    assert files.merge().held == ()


def test_a_bad_row_holds_no_roll_that_takes_nobody_off(session, files):
    files.paid(*NAMES, months=(6,))
    roll = files.roll(JUNE, *NAMES)
    session.add(RejectedRow(batch_id=roll, row_number=9, code="unknown_region", reason="。"))
    session.flush()

    assert files.merge().held == ()


def test_of_two_truncated_rolls_both_are_held(session, files):
    files.paid(*NAMES, months=(6,))
    files.roll(JUNE, *NAMES[:2])
    files.roll(JULY, *NAMES[:2])

    report = files.merge()

    assert [held["removed"] for held in report.held] == [6, 6]
    assert set(ends(session).values()) == {None}


def test_people_let_go_long_ago_are_not_counted(session, files):
    files.paid(*NAMES[:3], months=(1,))
    files.paid(*NAMES[3:], months=(9,))
    files.roll(date(2026, 9, 30), *NAMES[3:])

    assert files.merge().held == ()
    assert {name for name, end in ends(session).items() if end} == set(NAMES[:3])


def test_the_first_roll_of_all_takes_nobody_off(files):
    files.roll(JUNE, *NAMES[:2])

    assert files.merge().held == ()


@pytest.fixture
def opened(spare_app):
    """Open a transaction of one's own, in any thread."""
    return unit_of_work_of(spare_app)


def load_a_truncated_roll(opened, cipher):
    with opened() as session:
        files = Sender(session, cipher)
        files.paid(*NAMES, months=(6,))
        return files.roll(JUNE, *NAMES[:2])


def test_a_roll_that_is_taken_back_during_the_merge_has_no_effect(opened, cipher):
    roll = load_a_truncated_roll(opened, cipher)

    def take_back():
        with opened() as session:
            undo_batch(session, batch_id=roll, actor_id=None, now=NOW)

    once = iter([take_back])

    def meanwhile(done, _total, _message):
        if done == 1 and (work := next(once, None)):
            other = threading.Thread(target=work)
            other.start()
            other.join()

    with opened() as session:
        report = merge(session, cipher=CIPHER, actor_id=None, now=NOW, progress=meanwhile)

    with opened() as session:
        assert report.held == ()
        assert status(session, roll) is BatchStatus.UNDONE
        assert set(ends(session).values()) == {None}


def test_two_stewards_deciding_at_once_have_one_clear_winner(opened, cipher):
    roll = load_a_truncated_roll(opened, cipher)
    with opened() as session:
        merge(session, cipher=CIPHER, actor_id=None, now=NOW)
    start = threading.Barrier(2)
    won, lost = [], []

    def decide(verb):
        start.wait()
        try:
            with opened() as session:
                verb(session, batch_id=roll, actor_id=None, now=NOW)
            won.append(verb)
        except BatchNotHeld:
            lost.append(verb)

    threads = [threading.Thread(target=decide, args=(v,)) for v in (rolls.confirm, rolls.refuse)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(won), len(lost)) == (1, 1)
    with opened() as session:
        outcome = {rolls.confirm: BatchStatus.LOADED, rolls.refuse: BatchStatus.REFUSED}
        assert status(session, roll) is outcome[won[0]]
        actions = session.scalars(
            select(AuditEvent.action).where(
                AuditEvent.subject_id == roll, AuditEvent.action != "import_batch:held"
            )
        ).all()
        assert len(actions) == 1
