"""The gateway against the stand-in, which judges as WeChat does."""

import pytest

from relief.core.db import unit_of_work
from relief.core.wechat_settings import WeChatSettings
from relief.integrations.outbound import Outbound
from relief.integrations.wechat import errors, gateway
from relief.integrations.wechat.types import Phone, SubscriptionMessage
from tests.support.settings import FakeClock, cipher_with
from tests.support.stand_in import TEMPLATE

SEND = "/cgi-bin/message/subscribe/send"
TOKEN = "/cgi-bin/stable_token"
FIELDS = {"thing1": "临时救助", "phrase2": "审核中", "date3": "2026年11月23日"}


def door_of(wechat, **changes):
    given = {"appid": wechat.appid, "secret": wechat.secret, **changes}
    return gateway.build(
        WeChatSettings(push_token="AAAAA", base=wechat.base, **given),
        outbound=Outbound([wechat.base.split("/")[2]]),
        opened=unit_of_work,
        cipher=cipher_with(),
        clock=FakeClock(),
    )


@pytest.fixture
def door(session, wechat):
    return door_of(wechat)


def message_to(openid, **more):
    return SubscriptionMessage(openid=openid, template_id=TEMPLATE, fields=FIELDS, **more)


def asked(wechat, path):
    return len(wechat.ctl("GET", f"calls?path={path}")["items"])


def test_who_signs_in_is_told_once(door, wechat):
    openid = wechat.person(unionid="u1")
    code = wechat.login_code(openid)

    who = door.sign_in(code)

    assert (who.openid, who.unionid) == (openid, "u1")
    assert door.is_session_fresh(openid, who.session_key)
    assert not door.is_session_fresh(openid, "another")
    with pytest.raises(errors.CodeRefused):
        door.sign_in(code)
    with pytest.raises(errors.CodeRefused):
        door.sign_in("never-was")


def test_an_older_session_key_is_not_fresh(door, wechat):
    openid = wechat.person()
    old = door.sign_in(wechat.login_code(openid))
    new = door.sign_in(wechat.login_code(openid))

    assert not door.is_session_fresh(openid, old.session_key)
    assert door.is_session_fresh(openid, new.session_key)


def test_a_code_does_not_last(door, wechat):
    code = wechat.login_code(wechat.person())
    wechat.later(301)

    with pytest.raises(errors.CodeRefused):
        door.sign_in(code)


def test_who_is_held_for_a_risk_does_not_sign_in(door, wechat):
    with pytest.raises(errors.PersonBlocked):
        door.sign_in(wechat.login_code(wechat.person(risky=True)))


def test_a_phone_number_belongs_to_who_let_us_have_it(door, wechat):
    openid, other = wechat.person(), wechat.person()
    codes = [
        wechat.ctl("POST", f"people/{openid}/phone", {"phone": "13900000001"})["code"]
        for _ in range(2)
    ]

    assert door.phone_number(codes[0], openid=openid) == Phone("13900000001", "86")
    with pytest.raises(errors.CodeRefused):
        door.phone_number(codes[0])
    with pytest.raises(errors.UnknownPerson):
        door.phone_number(codes[1], openid=other)


def test_a_message_needs_a_subscription_each(door, wechat):
    openid = wechat.person()
    wechat.allow(openid)

    assert door.send(message_to(openid, page="pages/aid?id=1")).isdecimal()
    with pytest.raises(errors.NoConsent) as caught:
        door.send(message_to(openid))
    assert caught.value.rid
    (sent,) = wechat.ctl("GET", "sent")["items"]
    assert (sent["touser"], sent["page"]) == (openid, "pages/aid?id=1")


def test_a_message_to_nobody_is_refused(door, wechat):
    wechat.allow(wechat.person())

    with pytest.raises(errors.UnknownPerson):
        door.send(message_to("oNobody"))


@pytest.mark.parametrize("cut", ["after", "half"])
def test_a_message_whose_answer_is_lost_is_sent_once(door, wechat, cut):
    openid = wechat.person()
    wechat.allow(openid, add=5)
    wechat.arm(path=SEND, cut=cut)

    with pytest.raises(errors.Unanswered) as caught:
        door.send(message_to(openid))

    assert not caught.value.nothing_done
    assert len(wechat.ctl("GET", "sent")["items"]) == 1
    assert asked(wechat, SEND) == 1


def test_a_message_that_was_sent_by_a_busy_server_is_sent_once(door, wechat):
    openid = wechat.person()
    wechat.allow(openid, add=5)
    wechat.arm(path=SEND, errcode=-1, done=True)

    with pytest.raises(errors.Busy) as caught:
        door.send(message_to(openid))

    assert not caught.value.nothing_done
    assert len(wechat.ctl("GET", "sent")["items"]) == 1
    assert asked(wechat, SEND) == 1


@pytest.mark.parametrize("act", ["expire", "revoke"])
def test_a_token_that_ends_before_its_time_is_replaced(door, wechat, act):
    openid = wechat.person()
    wechat.allow(openid, add=2)
    door.send(message_to(openid))
    wechat.ctl("POST", f"tokens/{act}")

    door.send(message_to(openid))

    assert len(wechat.ctl("GET", "sent")["items"]) == 2


def test_a_token_that_is_refused_for_ever_ends_soon(door, wechat):
    openid = wechat.person()
    wechat.allow(openid)
    wechat.arm(path=SEND, errcode=40001, times=None)

    for _ in range(5):
        with pytest.raises(errors.TokenRefused):
            door.send(message_to(openid))

    forced = [
        call
        for call in wechat.ctl("GET", f"calls?path={TOKEN}")["items"]
        if '"force_refresh": true' in str(call)
    ]
    assert len(forced) == 1
    assert asked(wechat, SEND) <= 6


def test_a_wrong_secret_is_a_fault_of_the_settings(session, wechat):
    door = door_of(wechat, secret="0" * 32)

    with pytest.raises(errors.Misconfigured):
        door.sign_in(wechat.login_code(wechat.person()))
    with pytest.raises(errors.Misconfigured):
        door.send(message_to(wechat.person()))


def test_who_answers_with_a_page_is_not_understood(door, wechat):
    wechat.arm(path="/sns/jscode2session", text="<html>proxy</html>")

    with pytest.raises(errors.Unanswered, match="none of WeChat's"):
        door.sign_in(wechat.login_code(wechat.person()))
