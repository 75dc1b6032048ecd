"""Text messages: sent once, never blindly again, held back with a reason, given up in the end."""

import io
import json
import logging
from datetime import timedelta

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import OperationalError

from relief.core import logs
from relief.jobs.process import unit_of_work_of
from relief.jobs.texting import rules_of
from relief.notifications import delivery, queries
from relief.notifications.models import DeliveryStatus, OutboxMessage
from relief.notifications.texting import claiming, sending
from relief.notifications.types import Held
from relief.schemes.errors import ParameterNotSet
from tests.support.settings import CIPHER, START, FakeClock, cipher_with
from tests.support.texting import (
    ACCEPTED,
    AGAIN,
    CASE,
    LOST,
    PHONE,
    REFUSED,
    Provider,
    ends,
    lapse,
    make_due,
    post_of,
    row,
    seconds_left,
    stands,
    tell,
)


@pytest.fixture
def opened(app, session):
    """Open a savepoint on the test's own connection."""
    return unit_of_work_of(app)


@pytest.fixture
def waiting(session):
    """One message that is due."""
    tell(session)
    session.commit()


def send(opened, sender, clock=None, **changes):
    return sending.send_due(post_of(opened, sender, clock, **changes))


def test_a_message_is_sent_once_with_its_number_whole_and_kept_masked(session, opened, waiting):
    sender = Provider()

    assert [send(opened, sender), send(opened, sender)] == [1, 0]

    [sent] = sender.sent
    assert (sent.phone, sent.template, sent.values) == (PHONE, "payee-in-force", (CASE,))
    assert sent.words.startswith("【惠民救助】您家的救助申请（")
    kept = row(session)
    assert (kept.status, kept.attempts, kept.last_error) == (DeliveryStatus.SENT, 1, None)
    assert (kept.provider, kept.provider_id) == ("scripted", "id-1")
    assert (kept.phone_masked, kept.handed_at) == ("138****0001", START)
    assert (kept.lease_token, kept.lease_until) == (None, None)
    assert ends(session) == [("text_message:sent", None)]


def test_the_inboxes_go_on_beside_it_and_take_no_text_message(session, opened, waiting):
    assert delivery.deliver_due(opened, clock=FakeClock()) == 0
    assert queries.depth(session).waiting == 1


def test_a_refusal_is_for_good(session, opened, waiting):
    sender = Provider(REFUSED)

    assert [send(opened, sender), send(opened, sender)] == [1, 0]

    assert stands(session) == (DeliveryStatus.FAILED, Held.REFUSED)
    assert row(session).provider_code == "Barred"
    assert ends(session) == [("text_message:failed", "refused")]


def test_what_was_not_taken_is_tried_again_later_each_time_and_given_up(session, opened, waiting):
    sender, waits = Provider(AGAIN), []
    for attempts in (0, 1, 2, 10):
        make_due(session, attempts=attempts)
        assert send(opened, sender) == 1
        waits.append(round(seconds_left(session), -1))
        assert stands(session) == (DeliveryStatus.PENDING, Held.TRY_AGAIN)
        assert (row(session).handed_at, row(session).counted_on) == (None, None)
        assert send(opened, sender) == 0
    assert ends(session) == []
    make_due(session)
    send(opened, sender)

    assert waits == [10, 20, 40, 1800]
    assert stands(session) == (DeliveryStatus.FAILED, Held.GIVEN_UP)
    assert row(session).attempts == 12
    assert ends(session) == [("text_message:failed", "given-up")]


def test_what_was_not_taken_at_first_is_taken_then(session, opened, waiting):
    sender = Provider(AGAIN, ACCEPTED)
    send(opened, sender)
    make_due(session)

    send(opened, sender)

    assert (stands(session), len(sender.sent)) == ((DeliveryStatus.SENT, None), 2)
    assert row(session).provider_code is None


@pytest.mark.parametrize("fault", [LOST, TimeoutError(PHONE), ValueError("garbage")])
def test_a_lost_reply_is_unknown_and_never_sent_again(session, opened, waiting, fault):
    sender = Provider(fault)
    send(opened, sender)
    make_due(session)

    assert send(opened, sender) == 0

    assert (len(sender.sent), stands(session)) == (1, (DeliveryStatus.UNKNOWN, Held.NO_REPLY))
    assert ends(session) == [("text_message:unknown", "no-reply")]


def test_nothing_of_a_number_is_in_the_logs(session, opened, waiting):
    stream, root = io.StringIO(), logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.configure("test", stream)
    try:
        send(opened, Provider(ValueError(f"{PHONE} is barred")))
    finally:
        root.handlers[:] = before
        root.setLevel(level)

    [line] = [json.loads(one) for one in stream.getvalue().splitlines() if "sender" in one]
    assert (line["message"], line["kind"]) == ("a sender failed", "ValueError")
    assert PHONE not in stream.getvalue()
    assert "0001" not in line["message"]


def claim(opened, session):
    with opened() as other:
        [one] = claiming.claim(other, rules=rules_of(other, START), now=START, batch=9)
    return one


def test_what_a_dead_worker_had_handed_over_is_unknown(session, opened, waiting):
    one = claim(opened, session)
    with opened() as other:
        assert sending._hand_over(other, one, "138****0001", "scripted", START)  # noqa: SLF001  # the crash is right after
    sender = Provider()
    assert send(opened, sender) == 0  # in hand
    lapse(session)

    assert send(opened, sender) == 0

    assert (sender.sent, stands(session)) == ([], (DeliveryStatus.UNKNOWN, Held.ABANDONED))
    assert ends(session) == [("text_message:unknown", "abandoned")]


def test_what_a_dead_worker_had_not_handed_over_is_sent_by_the_next(session, opened, waiting):
    claim(opened, session)
    lapse(session)
    sender = Provider()

    assert send(opened, sender) == 1

    assert (len(sender.sent), stands(session)) == (1, (DeliveryStatus.SENT, None))
    assert row(session).attempts == 1


def test_who_was_taken_for_dead_sends_nothing_and_changes_nothing(session, opened, waiting):
    one = claim(opened, session)
    lapse(session)
    with opened() as other:
        assert not sending._hand_over(other, one, "*", "late", START)  # noqa: SLF001
    send(opened, Provider())
    with opened() as other:
        values = {"status": DeliveryStatus.FAILED, "last_error": Held.REFUSED}
        sending._write(other, one, values, START)  # noqa: SLF001

    assert stands(session) == (DeliveryStatus.SENT, None)


class Slow(Provider):
    """A provider during whose answer the lease runs out and another worker looks."""

    def __init__(self, session, other):
        super().__init__()
        self.session, self.other = session, other

    def send(self, text):
        reply = super().send(text)
        lapse(self.session)
        self.other()
        return reply


def test_a_reply_that_comes_after_the_doubt_leaves_it(session, opened, waiting):
    sender = Slow(session, lambda: send(opened, Provider()))

    send(opened, sender)

    assert stands(session) == (DeliveryStatus.UNKNOWN, Held.ABANDONED)


class Tired:
    """A unit of work that fails once, when it is opened for the time named."""

    def __init__(self, opened, fails_on):
        self.opened, self.fails_on, self.count = opened, fails_on, 0

    def __call__(self):
        self.count += 1
        if self.count == self.fails_on:
            raise OperationalError("", None, Exception())
        return self.opened()


def test_what_a_provider_took_is_written_down_at_the_second_try(session, opened, waiting):
    sender = Provider()

    sending.send_due(post_of(Tired(opened, fails_on=3), sender))

    assert (len(sender.sent), stands(session)) == (1, (DeliveryStatus.SENT, None))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"template": "gone"}, Held.NO_TEMPLATE),
        ({"template": None}, Held.NO_TEMPLATE),
        ({"template_values": {"case": "长" * 30}}, Held.UNFIT),
    ],
)
def test_what_no_template_says_is_not_sent(session, opened, waiting, changes, why):
    make_due(session, **changes)
    sender = Provider()

    assert send(opened, sender) == 1

    assert (sender.sent, stands(session)) == ([], (DeliveryStatus.FAILED, why))


def test_a_landline_is_not_sent_to(session, opened):
    tell(session, phone="04125550000")
    session.commit()
    sender = Provider()

    send(opened, sender)

    assert (sender.sent, stands(session)) == ([], (DeliveryStatus.FAILED, Held.NO_MOBILE))
    assert row(session).handed_at is None


def test_a_number_whose_key_is_away_waits_for_it(session, opened, waiting):
    sender = Provider()

    for attempts in (0, 99):  # however often it was looked at: nobody was asked
        make_due(session, attempts=attempts)
        send(opened, sender, cipher=cipher_with(data=(2,)))
        assert stands(session) == (DeliveryStatus.PENDING, Held.UNREADABLE)
    make_due(session, attempts=0)
    send(opened, sender, cipher=CIPHER)

    assert stands(session) == (DeliveryStatus.SENT, None)


def test_a_number_that_is_gone_is_given_up(session, opened, waiting):
    session.execute(update(OutboxMessage).values(phone_id=row(session).id))
    session.commit()

    send(opened, Provider())

    assert stands(session) == (DeliveryStatus.FAILED, Held.NO_NUMBER)


def test_many_are_taken_in_few_statements(session, opened, assert_queries):
    for number in range(30):
        tell(session, f"k{number}", phone=f"138000001{number:02}")
    session.commit()

    with assert_queries(7), opened() as other:
        claimed = claiming.claim(other, rules=RULES, now=START, batch=50)

    assert len(claimed) == 30


RULES = claiming.Rules(
    quiet_from=21, quiet_until=8, phone_day_max=10, waiting_max=timedelta(days=3), attempts_max=12
)


def test_without_a_parameter_nothing_is_sent_and_the_name_is_told(session):
    session.execute(text("DELETE FROM parameter WHERE name = 'sms_quiet_until'"))

    with pytest.raises(ParameterNotSet) as raised:
        rules_of(session, START)

    assert raised.value.context["name"] == "sms_quiet_until"
