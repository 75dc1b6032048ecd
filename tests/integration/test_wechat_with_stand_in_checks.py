"""Content checks, codes and pushes: the gateway against the stand-in."""

import json

import pytest

from relief.core.db import unit_of_work
from relief.core.wechat_settings import WeChatSettings
from relief.integrations.outbound import Outbound
from relief.integrations.wechat import codes, errors, gateway
from relief.integrations.wechat.push import PushRefused
from relief.integrations.wechat.types import Scene, SubscriptionNews, Suggestion, Text
from tests.support.settings import START, FakeClock, cipher_with
from tests.support.stand_in import ear

TOKEN, KEY = "AAAAA", "A" * 43


@pytest.fixture
def door(session, wechat):
    return gateway.build(
        WeChatSettings(
            appid=wechat.appid,
            secret=wechat.secret,
            push_token=TOKEN,
            push_key=KEY,
            base=wechat.base,
        ),
        outbound=Outbound([wechat.base.split("/")[2]]),
        opened=unit_of_work,
        cipher=cipher_with(),
        clock=FakeClock(),
    )


def text_of(openid, content="您好"):
    return Text(openid=openid, scene=Scene.COMMENT, content=content)


def test_a_text_is_judged_if_its_writer_was_here_lately(door, wechat):
    openid = wechat.person()
    with pytest.raises(errors.NotSeenLately):
        door.check_text(text_of(openid))

    wechat.login_code(openid)
    wechat.ctl("POST", "words", {"word": "很坏", "suggest": "risky", "label": 20003})

    assert door.check_text(text_of(openid)).suggestion is Suggestion.PASS
    verdict = door.check_text(text_of(openid, "这话很坏"))
    assert (verdict.suggestion, verdict.label) == (Suggestion.RISKY, 20003)


def test_a_code_is_drawn_and_opens_its_scene(door, wechat):
    picture = door.qr_code(codes.QrCode(scene="h=01J9ZK", page="pages/bind"))

    assert codes.is_picture(picture)
    (drawn,) = wechat.ctl("GET", "drawn")["items"]
    assert "h=01J9ZK" in str(drawn)


def listen(wechat, server, mode):
    body = {"url": f"{server.base}/push", "mode": mode, "token": TOKEN, "aes_key": KEY}
    wechat.ctl("PUT", "callback", body)


def raw(message):
    return json.dumps(message, ensure_ascii=False).encode()


def test_pushes_in_safe_mode_are_read_in_both_shapes(door, wechat):
    openid = wechat.person()
    wechat.ctl("POST", f"people/{openid}/popup", {"answers": {"A": "accept"}})
    wechat.ctl("POST", f"people/{openid}/popup", {"answers": {"A": "accept", "B": "reject"}})
    with ear() as server:
        listen(wechat, server, "safe")
        wechat.ctl("POST", "events/deliver-all")

    one, two = (door.push.read(query, raw(body), now=START) for query, body in server.heard)

    assert (one.kind, one.openid) == ("subscribe_msg_popup_event", openid)
    assert one.subscriptions == (SubscriptionNews("A", "accept"),)
    assert two.subscriptions == (SubscriptionNews("A", "accept"), SubscriptionNews("B", "reject"))
    assert one.key != two.key


def test_a_plain_push_is_refused_where_a_key_is_set(door, wechat):
    with ear() as server:
        listen(wechat, server, "plain")
        wechat.ctl("POST", "push", {"event": "debug_demo", "openid": "oPerson", "content": {}})

    ((query, body),) = server.heard
    with pytest.raises(PushRefused, match="not encrypted"):
        door.push.read(query, raw(body), now=START)
