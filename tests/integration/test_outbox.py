"""Notices: with the change or not at all, delivered once, given up in the end."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from relief.core.ids import new_id
from relief.jobs.process import unit_of_work_of
from relief.notifications import delivery, queries, service
from relief.notifications.delivery import Outcome
from relief.notifications.errors import MessageNotFound
from relief.notifications.models import Channel, DeliveryStatus, InboxMessage, OutboxMessage
from tests.support.settings import START, FakeClock
from tests.support.waiting import at_once

ACCOUNT, STRANGER = uuid.UUID(int=7), uuid.UUID(int=8)


def notify(session, key="k1", account=ACCOUNT, now=START):
    return service.notify(
        session,
        recipient_id=account,
        title="数据导入已完成",
        body="低保发放明细已入库。",
        link="/batches",
        dedupe_key=key,
        now=now,
    )


@pytest.fixture
def opened(app, session):
    """Open a savepoint on the test's own connection."""
    return unit_of_work_of(app)


def deliver(opened, **kw) -> int:
    return delivery.deliver_due(opened, clock=FakeClock(), **kw)


def outbox(session) -> OutboxMessage:
    return session.scalars(
        select(OutboxMessage), execution_options={"populate_existing": True}
    ).one()


def lapse(session):
    ended = func.clock_timestamp() - timedelta(seconds=1)
    session.execute(update(OutboxMessage).values(lease_until=ended))
    session.commit()


def make_due(session, **values):
    session.execute(update(OutboxMessage).values(next_at=func.clock_timestamp(), **values))
    session.commit()


def test_a_key_gives_one_notice(session):
    assert notify(session)
    assert not notify(session)
    assert notify(session, "k2")


def test_a_due_notice_comes_into_the_inbox_once(session, opened):
    notify(session)
    session.commit()

    assert [deliver(opened), deliver(opened)] == [1, 0]

    message = outbox(session)
    (arrived,) = queries.inbox(session, account_id=ACCOUNT, limit=10)
    assert (message.status, message.delivered_at) == (DeliveryStatus.DELIVERED, START)
    assert (arrived.id, arrived.title, arrived.link) == (message.id, message.title, "/batches")


def test_a_sender_that_died_after_its_claim_delivers_nothing_twice(session, opened):
    notify(session)
    session.commit()
    with opened() as other:
        (leased,) = delivery._lease(other, START, 10, list(Channel))  # noqa: SLF001  # the crash is right after

    assert deliver(opened) == 0  # in hand
    lapse(session)
    assert deliver(opened) == 1
    with opened() as other:  # the dead one was only slow
        delivery._write_down(other, leased, Outcome.DELIVERED, to_inbox=True, now=START)  # noqa: SLF001

    assert session.scalar(select(func.count()).select_from(InboxMessage)) == 1
    assert outbox(session).attempts == 2


def test_an_inbox_row_that_is_there_already_is_not_doubled(session, opened):
    notify(session)
    session.commit()
    deliver(opened)
    make_due(session, status=DeliveryStatus.PENDING)

    assert deliver(opened) == 1

    assert session.scalar(select(func.count()).select_from(InboxMessage)) == 1


def test_a_refused_notice_waits_longer_each_time_and_is_given_up(session, opened):
    notify(session)
    session.commit()
    senders = {Channel.IN_APP: lambda _message: Outcome.REFUSED}
    waits = []
    for attempt in (0, 1, 2, 20):
        make_due(session, attempts=attempt)
        deliver(opened, senders=senders)
        moment = session.scalar(select(func.clock_timestamp()))
        waits.append(round((outbox(session).next_at - moment).total_seconds(), -1))
        assert outbox(session).status is DeliveryStatus.PENDING
        assert deliver(opened, senders=senders) == 0

    make_due(session, attempts=delivery.MAX_ATTEMPTS - 1)
    deliver(opened, senders=senders)

    assert waits == [10, 20, 40, 300]
    assert (outbox(session).status, outbox(session).last_error) == (
        DeliveryStatus.FAILED,
        "refused",
    )


def no_reply(_message):
    return Outcome.NO_REPLY


def broken(_message):
    raise TimeoutError


@pytest.mark.parametrize("sender", [no_reply, broken])
def test_a_lost_reply_is_unknown_and_never_sent_again(session, opened, sender):
    notify(session)
    session.commit()
    senders = {Channel.IN_APP: sender}

    assert [deliver(opened, senders=senders), deliver(opened, senders=senders)] == [1, 0]

    assert outbox(session).status is DeliveryStatus.UNKNOWN
    assert queries.inbox(session, account_id=ACCOUNT, limit=10) == []


def test_what_a_dead_sender_had_in_hand_for_another_system_is_unknown(session, opened):
    notify(session)
    session.commit()
    with opened() as other:
        delivery._lease(other, START, 10, list(Channel))  # noqa: SLF001
    lapse(session)

    assert deliver(opened, senders={Channel.IN_APP: no_reply}) == 0

    assert outbox(session).status is DeliveryStatus.UNKNOWN


def test_a_notice_that_cannot_be_written_is_tried_again(session, opened):
    notify(session)
    session.execute(text("ALTER TABLE inbox_message ADD CHECK (false)"))
    session.commit()

    assert deliver(opened) == 1

    assert (outbox(session).status, outbox(session).attempts) == (DeliveryStatus.PENDING, 1)


def test_of_several_senders_each_notice_is_sent_by_one(spare_app):
    opened = unit_of_work_of(spare_app)
    with opened() as session:
        for number in range(30):
            notify(session, f"k{number}")
    sent = []

    def sender(message):
        sent.append(message.id)
        return Outcome.DELIVERED

    def work(_number):
        while deliver(opened, senders={Channel.IN_APP: sender}, batch=3):
            pass

    at_once(work, threads=4)

    assert len(sent) == len(set(sent)) == 30


def test_the_inbox_is_ones_own_and_read_page_by_page_newest_first(session, opened):
    for number in range(5):
        notify(session, f"k{number}", now=START + timedelta(seconds=number))
    notify(session, "other", account=STRANGER)
    session.commit()
    deliver(opened)

    first = queries.inbox(session, account_id=ACCOUNT, limit=3)
    rest = queries.inbox(session, account_id=ACCOUNT, limit=3, before=first[-1].id)

    ids = [message.id for message in (*first, *rest)]
    assert len(ids) == 5
    assert ids == sorted(ids, reverse=True)


def test_reading_counts_the_first_time_and_only_ones_own(session, opened):
    for number in range(3):
        notify(session, f"k{number}")
    session.commit()
    deliver(opened)
    message = queries.inbox(session, account_id=ACCOUNT, limit=1)[0]
    later = START + timedelta(hours=1)

    service.mark_read(session, message_id=message.id, account_id=ACCOUNT, now=START)
    service.mark_read(session, message_id=message.id, account_id=ACCOUNT, now=later)

    session.refresh(message)
    assert message.read_at == START
    assert queries.unread_count(session, account_id=ACCOUNT) == 2
    assert queries.unread_count(session, account_id=ACCOUNT, at_most=1) == 1
    assert len(queries.inbox(session, account_id=ACCOUNT, limit=9, unread_only=True)) == 2
    for message_id, account in ((message.id, STRANGER), (new_id(START), ACCOUNT)):
        with pytest.raises(MessageNotFound):
            service.mark_read(session, message_id=message_id, account_id=account, now=START)


def test_the_depth_of_the_outbox_counts_what_waits(session, opened):
    assert queries.depth(session) == queries.OutboxDepth(0, 0.0)
    notify(session)
    session.commit()

    assert queries.depth(session).waiting == 1
    deliver(opened)
    assert queries.depth(session).waiting == 0
