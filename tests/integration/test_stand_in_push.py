"""What the stand-in for WeChat tells the app's server, and how."""

import base64
import hashlib
import hmac
import json
import time

import pytest

from devtools.wechat import crypto
from tests.support.ports import deaf_port
from tests.support.stand_in import TEMPLATE, ear

TOKEN, KEY = "AAAAA", "A" * 43


def listen(wechat, server, mode="plain", **more):
    body = {"url": f"{server.base}/push?x=1", "mode": mode, "token": TOKEN, "aes_key": KEY} | more
    return wechat.ctl("PUT", "callback", body)


def tell(wechat, openid="oSomeone", **more):
    body = {"event": "debug_demo", "openid": openid, "content": {"debug_str": "您好"}} | more
    return wechat.ctl("POST", "push", body)["attempts"]


def signed(*parts):
    return hashlib.sha1("".join(sorted([TOKEN, *parts])).encode()).hexdigest()  # noqa: S324


def test_an_address_is_asked_whether_it_knows_the_token(wechat):
    with ear() as server:
        listen(wechat, server)

        (asked,) = server.asked
        query = dict(part.split("=") for part in asked.partition("?")[2].split("&"))
        assert query["x"] == "1"
        assert query["signature"] == signed(query["timestamp"], query["nonce"])


def test_an_address_that_answers_something_else_is_not_taken(wechat):
    body = {"mode": "plain", "token": TOKEN}
    with ear() as server:
        url = {"url": f"{server.base}/"}
        server.echo = lambda text: f"{text} "
        reply = wechat.ask("PUT", "/_ctl/callback", body=body | url)
        assert reply.status == 400
    with deaf_port() as port:
        url = {"url": f"http://127.0.0.1:{port}/"}
        gone = wechat.ask("PUT", "/_ctl/callback", body=body | url)
    assert gone.status == 400
    assert "ConnectionRefusedError" in gone.content.decode()
    odd = wechat.ask("PUT", "/_ctl/callback", body=body | {"url": "http://127.0.0.1:9/推送"})
    assert odd.status == 400
    assert "UnicodeEncodeError" in odd.content.decode()
    far = wechat.ask("PUT", "/_ctl/callback", body=body | {"url": "http://203.0.113.9/"})
    assert "no address of this machine" in far.content.decode()
    assert wechat.ask("POST", "/_ctl/push", body={"event": "x", "openid": "o"}).status == 400


def test_an_address_may_be_taken_unasked(wechat):
    with ear() as server:
        listen(wechat, server, verify=False)

        assert server.asked == []
        assert tell(wechat)[0]["good"]
        wechat.ctl("DELETE", "callback")
        reply = wechat.ask("POST", "/_ctl/push", body={"event": "x", "openid": "o"})
        assert reply.status == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"aes_key": ""},
        {"aes_key": "A" * 42},
        {"mode": "secret"},
        {"token": "a"},
        {"url": "ftp://x"},
    ],
)
def test_an_address_needs_what_its_mode_needs(wechat, wrong):
    body = {"url": "http://127.0.0.1:1/", "mode": "safe", "token": TOKEN, "aes_key": KEY} | wrong

    assert wechat.ask("PUT", "/_ctl/callback", body=body).status == 400


def test_a_plain_push_is_signed_and_open(wechat):
    with ear() as server:
        listen(wechat, server)
        (attempt,) = tell(wechat)

    ((query, message),) = server.heard
    assert set(query) == {"x", "signature", "timestamp", "nonce", "openid"}
    assert query["signature"] == signed(query["timestamp"], query["nonce"])
    assert query["openid"] == message["FromUserName"] == "oSomeone"
    assert message == {
        "ToUserName": wechat.ctl("GET", "app")["original_id"],
        "FromUserName": "oSomeone",
        "CreateTime": 1795395600,
        "MsgType": "event",
        "Event": "debug_demo",
        "debug_str": "您好",
    }
    assert (attempt["status"], attempt["answer"], attempt["good"]) == (200, "success", True)


def test_a_safe_push_is_sealed_and_signed_over_what_is_sealed(wechat):
    with ear() as server:
        listen(wechat, server, "safe")
        tell(wechat)

    ((query, body),) = server.heard
    assert set(body) == {"ToUserName", "Encrypt"}
    assert query["encrypt_type"] == "aes"
    assert query["msg_signature"] == signed(query["timestamp"], query["nonce"], body["Encrypt"])
    assert query["signature"] == signed(query["timestamp"], query["nonce"])
    opened = crypto.unseal(body["Encrypt"], key=crypto.push_key(KEY), appid=wechat.appid)
    assert json.loads(opened)["debug_str"] == "您好"


def test_in_the_mode_between_both_come(wechat):
    with ear() as server:
        listen(wechat, server, "compatible")
        tell(wechat)

    ((query, body),) = server.heard
    assert body["debug_str"] == "您好"
    assert query["msg_signature"] == signed(query["timestamp"], query["nonce"], body["Encrypt"])


@pytest.mark.parametrize("mode", ["plain", "safe"])
def test_a_wrong_signature_can_be_sent(wechat, mode):
    with ear() as server:
        listen(wechat, server, mode)
        tell(wechat, wrong="signature")

    ((query, body),) = server.heard
    assert query["signature"] != signed(query["timestamp"], query["nonce"])
    assert mode == "plain" or query["msg_signature"] != signed(
        query["timestamp"], query["nonce"], body["Encrypt"]
    )


def test_another_apps_message_and_an_altered_one_can_be_sent(wechat):
    with ear() as server:
        listen(wechat, server, "safe")
        tell(wechat, wrong="appid")
        tell(wechat, wrong="sealed")

    (query, body), (query_altered, altered) = server.heard
    assert query["msg_signature"] == signed(query["timestamp"], query["nonce"], body["Encrypt"])
    with pytest.raises(ValueError, match="another app"):
        crypto.unseal(body["Encrypt"], key=crypto.push_key(KEY), appid=wechat.appid)
    assert query_altered["msg_signature"] != signed(
        query_altered["timestamp"], query_altered["nonce"], altered["Encrypt"]
    )


def test_one_item_is_an_object_and_several_are_an_array(wechat):
    openid = wechat.person()
    wechat.ctl("POST", f"people/{openid}/popup", {"answers": {"A": "accept"}})
    wechat.ctl("POST", f"people/{openid}/popup", {"answers": {"A": "accept", "B": "reject"}})
    wechat.ctl("POST", f"people/{openid}/turn-off", {"templates": ["A"]})
    with ear() as server:
        listen(wechat, server)
        wechat.ctl("POST", "events/deliver-all")

    messages = [message for _query, message in server.heard]
    item = {"TemplateId": "A", "SubscribeStatusString": "accept", "PopupScene": "0"}
    assert [message["List"] for message in messages] == [
        item,
        [item, {"TemplateId": "B", "SubscribeStatusString": "reject", "PopupScene": "0"}],
        {"TemplateId": "A", "SubscribeStatusString": "reject"},
    ]
    assert [message["Event"] for message in messages] == [
        "subscribe_msg_popup_event",
        "subscribe_msg_popup_event",
        "subscribe_msg_change_event",
    ]


def test_the_other_shape_and_a_time_in_words_can_be_asked_for(wechat):
    with ear() as server:
        listen(wechat, server)
        tell(wechat, items=[{"TemplateId": "A"}], shape="array", time_as_text=True)
        tell(wechat, items=[{"TemplateId": "A"}, {"TemplateId": "B"}], shape="object")

    first, second = [message for _query, message in server.heard]
    assert (first["List"], first["CreateTime"]) == ([{"TemplateId": "A"}], "1795395600")
    assert second["List"] == {"TemplateId": "A"}


def test_what_a_person_answers_is_what_may_be_sent(wechat):
    openid = wechat.person()
    wechat.allow(openid, add=0)

    wechat.ctl("POST", f"people/{openid}/popup", {"answers": {TEMPLATE: "reject"}})
    assert wechat.send(openid)["errcode"] == 43101
    for _ in range(2):
        wechat.ctl("POST", f"people/{openid}/popup", {"answers": {TEMPLATE: "accept"}})
    assert wechat.send(openid)["errcode"] == 0
    wechat.ctl("POST", f"people/{openid}/turn-off", {"templates": [TEMPLATE]})
    assert wechat.send(openid)["errcode"] == 43101


def test_what_became_of_a_message_is_told_by_itself_if_wished(wechat):
    openid = wechat.person()
    wechat.allow(openid)
    with ear() as server:
        listen(wechat, server, automatic=True)
        msgid = wechat.send(openid)["msgid"]
        until = time.monotonic() + 10
        while not wechat.ctl("GET", "deliveries")["items"] and time.monotonic() < until:
            time.sleep(0.01)

    ((_query, message),) = server.heard
    assert message["Event"] == "subscribe_msg_sent_event"
    assert message["List"] == {
        "TemplateId": TEMPLATE,
        "MsgID": str(msgid),
        "ErrorCode": "0",
        "ErrorStatus": "success",
    }


def test_a_push_is_repeated_twice_if_it_is_not_answered_well(wechat):
    with ear() as server:
        listen(wechat, server)
        server.says += [(500, b""), (200, b"what?"), (200, b"")]
        attempts = tell(wechat)
        assert [attempt["good"] for attempt in attempts] == [False, False, True]
        server.says += [(502, b"no")] * 5
        assert [attempt["status"] for attempt in tell(wechat)] == [502] * 3
        assert len(server.says) == 2

    assert len({json.dumps(message) for _query, message in server.heard}) == 1
    assert len(wechat.ctl("GET", "deliveries")["items"]) == 6
    with deaf_port() as port:
        listen(wechat, server, url=f"http://127.0.0.1:{port}/", verify=False)
        gone = tell(wechat)
    assert [attempt["status"] for attempt in gone] == [0, 0, 0]


def test_a_push_may_come_several_times_though_it_was_answered(wechat):
    openid = wechat.person()
    wechat.ctl("POST", f"people/{openid}/popup", {"answers": {"A": "accept"}})
    with ear() as server:
        listen(wechat, server, "safe")
        attempts = wechat.ctl("POST", "events/deliver", {"times": 3})["attempts"]
        assert wechat.ctl("POST", "events/deliver") == {"attempts": []}

    assert [attempt["good"] for attempt in attempts] == [True] * 3
    assert len(server.heard) == 3
    messages = {
        crypto.unseal(body["Encrypt"], key=crypto.push_key(KEY), appid=wechat.appid)
        for _query, body in server.heard
    }
    assert len(messages) == 1


def test_a_call_is_joined_with_the_newest_session_key_only(wechat):
    openid = wechat.person()
    old = wechat.session(wechat.login_code(openid))["session_key"]
    new = wechat.session(wechat.login_code(openid))["session_key"]

    def joined(key):
        about = {"group": "7_1", "nonce": "abc", "timestamp": "1795395600"}
        text = "".join(sorted([wechat.appid, *about.values()]))
        about["signature"] = hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()
        return wechat.ctl("POST", f"people/{openid}/join-call", about)["joined"]

    assert (joined(old), joined(new)) == (False, True)
    wechat.ctl("DELETE", f"people/{openid}/session")
    assert not joined(new)


def test_a_phone_hands_over_what_is_signed_and_encrypted(wechat):
    openid = wechat.person()
    path = f"people/{openid}/profile"
    assert wechat.ask("POST", f"/_ctl/{path}").status == 404
    key = wechat.session(wechat.login_code(openid))["session_key"]

    given = wechat.ctl("POST", path, {"content": {"nickName": "虚构"}})

    signature = hashlib.sha1((given["rawData"] + key).encode()).hexdigest()  # noqa: S324
    assert given["signature"] == signature
    iv = base64.b64decode(given["iv"])
    opened = crypto.decrypt_data(given["encryptedData"], session_key=key, iv=iv)
    assert (opened["openId"], opened["nickName"]) == (openid, "虚构")
    assert opened["watermark"] == {"timestamp": 1795395600, "appid": wechat.appid}
