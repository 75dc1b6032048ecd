"""Two stewards, a steward and a merge, at the same moment: one is first, and nothing is lost."""

import threading
from datetime import date

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from relief.core.db import db, unit_of_work
from relief.registry.decisions import errors, queries, service
from relief.registry.decisions.acts import hold_registry
from relief.registry.intake.service import undo_batch
from relief.registry.merging.service import merge
from relief.registry.models import LinkDecision, LinkReview, Person
from relief.registry.types import Verdict
from tests.support.deciding import REASON, WHOLE_CITY
from tests.support.settings import CIPHER, START
from tests.support.source import number, send
from tests.support.waiting import at_once, wait_until

BORN = date(1980, 3, 4)
FATHER = {"name": "王建国", "number": number(BORN, 1)}
CHILD = {"name": "王小宝", "born_on": date(2015, 6, 7), "number": FATHER["number"]}


@pytest.fixture
def inside(spare_app):
    """`inside(work)`: do it in a unit of work of its own, in this thread."""

    def do(work):
        with spare_app.app_context():
            try:
                with unit_of_work() as session:
                    return work(session)
            finally:
                db.session.remove()

    return do


@pytest.fixture
def asked(spare_app, inside):
    """A question to decide; returns its id and what was seen of it."""
    cipher = spare_app.extensions["relief.cipher"]

    def prepare(session):
        send(session, cipher, "S01", FATHER, now=START)
        send(session, cipher, "S18", CHILD, now=START)
        merge(session, cipher=CIPHER, actor_id=None, now=START)
        review = session.scalars(select(LinkReview.id)).one()
        detail = queries.review_detail(session, cipher, scope=WHOLE_CITY, review_id=review)
        return review, detail.seen

    return inside(prepare)


def decide(session, asked, who, verdict):
    review, seen = asked
    return service.decide_review(
        session,
        cipher=CIPHER,
        scope=WHOLE_CITY,
        review_id=review,
        verdict=verdict,
        seen=seen,
        reason=REASON,
        actor_id=who,
        now=START,
    )


@pytest.mark.parametrize("second", [Verdict.SAME, Verdict.DIFFERENT])
def test_of_two_stewards_one_decides_and_the_other_hears_who(inside, asked, steward, alice, second):
    def answer(place):
        who, verdict = ((steward, Verdict.SAME), (alice, second))[place]
        try:
            inside(lambda session: decide(session, asked, who.id, verdict))
        except errors.AlreadyDecided as late:
            return late
        return verdict

    answers = at_once(answer, threads=2)

    [late] = [each for each in answers if isinstance(each, errors.AlreadyDecided)]
    [verdict] = [each for each in answers if isinstance(each, Verdict)]
    assert late.conflicts[0]["decided_by"] in {"Steward", "Alice"}
    assert late.conflicts[0]["verdict"] == verdict.value
    rows = inside(lambda session: session.scalars(select(LinkDecision.verdict)).all())
    assert rows == [verdict]
    people = inside(lambda session: session.scalar(select(func.count()).select_from(Person)))
    assert people == (1 if verdict is Verdict.SAME else 2)


def test_a_decision_made_during_a_merge_waits_and_is_not_lost(inside, asked, steward):
    waiting = threading.Thread(
        target=inside, args=(lambda session: decide(session, asked, steward.id, Verdict.SAME),)
    )

    def meanwhile(done, _total, _message):
        if done == 1:
            waiting.start()
            wait_until(lambda: inside(_someone_waits))

    inside(
        lambda session: merge(session, cipher=CIPHER, actor_id=None, now=START, progress=meanwhile)
    )
    waiting.join()

    assert inside(lambda session: session.scalars(select(Person.name)).all()) == ["王建国"]


@pytest.mark.parametrize(
    ("limit", "fault"),
    [("lock_timeout", errors.RegistryBusy), ("statement_timeout", OperationalError)],
)
def test_a_decision_that_waits_too_long_is_told_to_come_again(inside, asked, steward, limit, fault):
    def too_late(session):
        session.execute(text(f"SET LOCAL {limit} = '100ms'"))
        with pytest.raises(fault):
            decide(session, asked, steward.id, Verdict.SAME)
        session.rollback()

    def hold(session):
        hold_registry(session)
        other = threading.Thread(target=inside, args=(too_late,))
        other.start()
        other.join()

    inside(hold)

    assert inside(lambda session: session.scalars(select(LinkDecision.id)).all()) == []


def test_an_undo_and_a_decision_at_once_both_hold(spare_app, inside, asked, steward):
    batch = inside(
        lambda session: session.scalar(
            text("SELECT id FROM import_batch WHERE scheme_code = 'S18'")
        )
    )

    def act(place):
        if place:
            try:
                inside(lambda session: decide(session, asked, steward.id, Verdict.SAME))
            except (errors.ReviewClosed, errors.ChangedMeanwhile):
                return "late"
            return "decided"
        inside(lambda session: _take_back(session, batch, steward.id))
        return "undone"

    at_once(act, threads=2)

    assert inside(lambda session: session.scalars(select(Person.name)).all()) == ["王建国"]


def _take_back(session, batch, who):
    undo_batch(session, batch_id=batch, actor_id=who, now=START)
    merge(session, cipher=CIPHER, actor_id=who, now=START)


def _someone_waits(session):
    return session.scalar(
        text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    )
