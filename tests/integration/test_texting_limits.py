"""When a telephone is told: not at night, not too often, not too late; whoever sends."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from relief.jobs import texting
from relief.jobs.process import unit_of_work_of
from relief.notifications.models import DeliveryStatus, OutboxMessage
from relief.notifications.texting import sending
from relief.notifications.types import Held
from tests.support.settings import START
from tests.support.texting import (
    ACCEPTED,
    AGAIN,
    LOST,
    Provider,
    ends,
    make_due,
    post_of,
    seconds_left,
    stands,
    tell,
)
from tests.support.waiting import at_once


@pytest.fixture
def opened(app, session):
    """Open a savepoint on the test's own connection."""
    return unit_of_work_of(app)


def send(opened, sender, clock):
    return sending.send_due(post_of(opened, sender, clock))


def test_in_the_quiet_hours_nothing_is_sent_before_their_end(session, opened, clock):
    tell(session)
    session.commit()
    clock.advance(hours=12, minutes=30)  # 21:30
    sender = Provider()

    assert send(opened, sender, clock) == 0

    assert stands(session) == (DeliveryStatus.PENDING, Held.QUIET)
    assert seconds_left(session) == pytest.approx(10.5 * 3600, abs=60)
    make_due(session)
    clock.advance(hours=10, minutes=29)
    assert send(opened, sender, clock) == 0
    make_due(session)
    clock.advance(minutes=1)  # 08:00
    assert send(opened, sender, clock) == 1
    assert stands(session) == (DeliveryStatus.SENT, None)


def many(session, count):
    session.execute(
        text("UPDATE parameter SET value = :count WHERE name = 'sms_phone_day_max'"),
        {"count": count},
    )


def test_a_telephone_is_told_no_more_than_the_limit_of_a_day(session, opened, clock):
    many(session, 2)
    for key in ("a", "b", "c"):
        tell(session, key)
    tell(session, "other", phone="13800000002")
    session.commit()
    sender = Provider()

    assert send(opened, sender, clock) == 3

    assert sorted(sent.phone[-1] for sent in sender.sent) == ["1", "1", "2"]
    [late] = [key for key in "abc" if stands(session, key)[0] is DeliveryStatus.PENDING]
    assert stands(session, late) == (DeliveryStatus.PENDING, Held.DAY_LIMIT)
    assert seconds_left(session, late) == pytest.approx(23 * 3600, abs=60)  # eight in the morning
    make_due(session)
    clock.advance(hours=2)
    assert send(opened, sender, clock) == 0  # still today
    make_due(session)
    clock.advance(hours=21)
    assert send(opened, sender, clock) == 1


def test_what_surely_did_not_arrive_does_not_count_and_what_may_have_does(session, opened, clock):
    many(session, 1)
    tell(session, "a")
    session.commit()
    sender = Provider(AGAIN, LOST, ACCEPTED)
    send(opened, sender, clock)
    make_due(session)
    assert send(opened, sender, clock) == 1  # lost now
    tell(session, "b")
    session.commit()

    assert send(opened, sender, clock) == 0

    assert stands(session, "b") == (DeliveryStatus.PENDING, Held.DAY_LIMIT)


def test_what_waited_longer_than_the_limit_ends_and_says_so(session, opened, clock):
    tell(session, "old")
    tell(session, "young", now=START + timedelta(hours=1))
    session.commit()
    clock.advance(days=3, minutes=1)
    sender = Provider()

    assert send(opened, sender, clock) == 1

    assert stands(session, "old") == (DeliveryStatus.EXPIRED, Held.TOO_OLD)
    assert stands(session, "young") == (DeliveryStatus.SENT, None)
    assert ("text_message:expired", "too-old") in ends(session)


def test_of_several_workers_each_message_is_sent_by_one_and_no_limit_is_passed(spare_app):
    opened = unit_of_work_of(spare_app)
    with opened() as session:
        many(session, 5)
        for number in range(40):
            tell(session, f"k{number}", phone=f"1380000000{number % 4}")
    sender = Provider()

    def work(_number):
        while sending.send_due(post_of(opened, sender), batch=3):
            pass

    at_once(work, threads=4)

    assert len({sent.id for sent in sender.sent}) == len(sender.sent) == 20
    for last in range(4):
        assert sum(sent.phone.endswith(str(last)) for sent in sender.sent) == 5
    with opened() as session:
        assert {row.last_error for row in session.scalars(select(OutboxMessage))} == {
            None, Held.DAY_LIMIT,
        }  # fmt: skip


class Away:
    """A database that does not answer; the worker is told to stop at the second time."""

    def __init__(self):
        self.stop, self.count = threading.Event(), 0

    def __call__(self):
        self.count += 1
        if self.count > 1:
            self.stop.set()
        raise OperationalError("", None, Exception())


def test_a_worker_waits_for_a_database_that_is_away():
    away = Away()

    texting.deliver(post_of(away, Provider()), away.stop, 0.0)

    assert away.count == 2
