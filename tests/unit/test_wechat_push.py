"""What WeChat pushes: whose it is, what it says, and whether it came before."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from wechatpy.crypto import PrpCrypto

from relief.integrations.wechat import calls, push
from relief.integrations.wechat.push import PushReader, PushRefused
from relief.integrations.wechat.types import SubscriptionNews, Suggestion, Verdict

# The vectors of WeChat's documentation (消息推送, 小程序通话).
APPID, TOKEN, KEY = "wxba5fad812f8e6fb9", "AAAAA", "A" * 43
SEALED = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcv"
    "ZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3F"
    "n2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSe"
    "OBrebufAlr7F9mFUPAJGj04="
)
AT = datetime.fromtimestamp(1714112445, UTC)
QUERY = {
    "timestamp": "1714112445",
    "nonce": "415670741",
    "msg_signature": "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3",
    "encrypt_type": "aes",
}
SAFE = PushReader(appid=APPID, token=TOKEN, key=KEY)
PLAIN = PushReader(appid=APPID, token=TOKEN)


def sha1(*words):
    return hashlib.sha1("".join(sorted(words)).encode(), usedforsecurity=False).hexdigest()


def signed(at="1714112445", nonce="7", **more):
    return {"timestamp": at, "nonce": nonce, "signature": sha1(TOKEN, at, nonce), **more}


def encrypted(said, *, appid=APPID, raw=None, at="1714112445", nonce="7"):
    """A push in safe mode: its query and its body."""
    plain = raw if raw is not None else json.dumps(said, ensure_ascii=False)
    sealed = PrpCrypto(base64.b64decode(KEY + "=")).encrypt(plain, appid).decode()
    query = {"timestamp": at, "nonce": nonce, "msg_signature": sha1(TOKEN, at, nonce, sealed)}
    return query, json.dumps({"ToUserName": "gh_1", "Encrypt": sealed}).encode()


def event(kind="subscribe_msg_popup_event", **more):
    return {
        "ToUserName": "gh_1",
        "FromUserName": "oPerson",
        "CreateTime": 1714112445,
        "MsgType": "event",
        "Event": kind,
        **more,
    }


def revoked(**more):
    """What WeChat's own account tells of a person, many of them in one second."""
    said = {"FromUserName": "oWeChat", "OpenID": "oPerson", **more}
    return event("user_authorization_revoke", **said)


def read(said):
    return PLAIN.read(signed(), json.dumps(said).encode(), now=AT)


def test_the_address_is_confirmed_by_wechats_own_vector():
    at = datetime.fromtimestamp(1714036504, UTC)
    query = {
        "signature": "f464b24fc39322e44b38aa78f5edd27bd1441696",
        "timestamp": "1714036504",
        "nonce": "1514711492",
        "echostr": "4375120948345356249",
    }

    assert SAFE.echo(query, now=at) == "4375120948345356249"
    with pytest.raises(PushRefused, match="wrong signature"):
        SAFE.echo({**query, "nonce": "1"}, now=at)


def test_a_plain_push_is_read_with_wechats_own_signature():
    at = datetime.fromtimestamp(1714037059, UTC)
    query = {
        "signature": "899cf89e464efb63f54ddac96b0a0a235f53aa78",
        "timestamp": "1714037059",
        "nonce": "486452656",
    }

    assert PLAIN.read(query, json.dumps(event("debug_demo")).encode(), now=at).kind == "debug_demo"


def test_a_safe_push_is_opened_by_wechats_own_vector():
    body = json.dumps({"ToUserName": "gh_97417a04a28d", "Encrypt": SEALED}).encode()

    got = SAFE.read(QUERY, body, now=AT)

    assert (got.kind, got.openid) == ("debug_demo", "o9AgO5Kd5ggOC-bXrbNODIiE3bGY")
    assert got.created_at == AT


def test_a_call_is_signed_as_wechats_own_vector():
    signature = calls.sign(
        "wx20afc706a711eefc",
        "gDyVgzwa0mFz9uUP7M6GQQ==",
        "1559129713_672975982",
        now=datetime.fromtimestamp(1559129714, UTC),
        nonce="8AP6DT9ybtniUJfb",
    ).signature

    assert signature == "b002b824688dd8593a6079e11d8c5e8734fbcb39a6d5906eb347bfbcad79c617"


@pytest.mark.parametrize("group", ["", "通话", "a b", "x" * 65])
def test_a_call_has_a_name_that_can_be_signed(group):
    with pytest.raises(calls.GroupInvalid):
        calls.sign(APPID, "k", group, now=AT)


@pytest.mark.parametrize("changed", ["timestamp", "nonce", "msg_signature"])
def test_a_signature_is_for_one_push(changed):
    body = json.dumps({"Encrypt": SEALED}).encode()

    with pytest.raises(PushRefused, match="wrong signature"):
        SAFE.read({**QUERY, changed: "1"}, body, now=AT)
    with pytest.raises(PushRefused, match="wrong signature"):
        SAFE.read({name: QUERY[name] for name in QUERY if name != changed}, body, now=AT)


def test_with_a_key_nothing_plain_is_taken():
    for said in (event(), event(Encrypt=5), event(Encrypt="")):
        with pytest.raises(PushRefused):
            SAFE.read(signed(), json.dumps(said).encode(), now=AT)


def test_in_compatible_mode_the_plain_copy_does_not_count():
    query, body = encrypted(event("wxa_media_check", trace_id="t"))
    both = json.dumps({**event("user_authorization_revoke"), **json.loads(body)}).encode()

    assert SAFE.read(query, both, now=AT).kind == "wxa_media_check"


def test_a_push_to_another_mini_program_is_refused():
    query, body = encrypted(event(), appid="wx0000000000000000")

    with pytest.raises(PushRefused, match="does not open"):
        SAFE.read(query, body, now=AT)


@pytest.mark.parametrize("sealed", ["AAAA", "nonsense", "A" * 64, "=" * 8])
def test_what_does_not_open_is_refused(sealed):
    at, nonce = "1714112445", "7"
    query = {"timestamp": at, "nonce": nonce, "msg_signature": sha1(TOKEN, at, nonce, sealed)}

    with pytest.raises(PushRefused):
        SAFE.read(query, json.dumps({"Encrypt": sealed}).encode(), now=AT)


def test_half_a_character_does_no_harm():
    with pytest.raises(PushRefused, match="not encrypted"):
        SAFE.read(signed(), b'{"Encrypt": "\\ud800"}', now=AT)
    with pytest.raises(PushRefused, match="neither what nor who"):
        PLAIN.read(signed(), b'{"Encrypt": "\\ud800"}', now=AT)
    assert len(read(event(List=[{"TemplateId": "\ud800"}])).key) == 64


@pytest.mark.parametrize("apart", [timedelta(minutes=61), timedelta(minutes=-61)])
def test_an_old_signature_is_refused(apart):
    with pytest.raises(PushRefused, match="signed long ago"):
        PLAIN.read(signed(), json.dumps(event()).encode(), now=AT + apart)


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"[]", b"<xml></xml>", b"{", b"\xff", b"[" * 100_000, b"{}", b"null"),
        json.dumps({"Event": "x"}).encode(),
        json.dumps({**event(), "CreateTime": "x"}).encode(),
        json.dumps({**event(), "CreateTime": None}).encode(),
    ],
    ids=[
        *("empty", "list", "xml", "half", "no-text", "deep", "nothing-in-it", "null"),
        *("nobody", "time-in-words", "no-time"),
    ],
)
def test_what_is_no_push_is_refused(body):
    with pytest.raises(PushRefused):
        PLAIN.read(signed(), body, now=AT)


def test_a_push_has_a_greatest_length():
    body = json.dumps(event()).encode()
    longest = body.ljust(push.MOST_BYTES)

    assert PLAIN.read(signed(), longest, now=AT) == PLAIN.read(signed(), body, now=AT)
    with pytest.raises(PushRefused, match="too long"):
        PLAIN.read(signed(), longest + b" ", now=AT)


@pytest.mark.parametrize("at", ["", "x", "-5", "9" * 40, "１"])
def test_a_time_that_is_none_is_refused(at):
    with pytest.raises(PushRefused):
        PLAIN.echo(signed(at), now=AT)


ONE = {"TemplateId": "T1", "SubscribeStatusString": "accept", "PopupScene": "1"}
TWO = {"TemplateId": "T2", "SubscribeStatusString": "reject", "PopupScene": 1}
NEWS = (SubscriptionNews("T1", "accept"), SubscriptionNews("T2", "reject"))


@pytest.mark.parametrize(
    ("said", "news"),
    [
        ({"List": ONE}, NEWS[:1]),
        ({"List": [ONE]}, NEWS[:1]),
        ({"List": [ONE, TWO]}, NEWS),
        ({"SubscribeMsgPopupEvent": {"List": ONE}}, NEWS[:1]),
        ({"SubscribeMsgPopupEvent": {"List": [ONE, TWO]}}, NEWS),
        ({"SubscribeMsgPopupEvent": [], "List": ONE}, NEWS[:1]),
        ({"List": [ONE, "x", {}, None]}, NEWS[:1]),
        ({"List": []}, ()),
        ({}, ()),
    ],
)
def test_a_list_has_two_shapes_and_two_places(said, news):
    assert read(event(**said)).subscriptions == news


def test_what_became_of_a_message_is_told():
    item = {"TemplateId": "T1", "MsgID": "19", "ErrorCode": "0", "ErrorStatus": "success"}

    (news,) = read(event("subscribe_msg_sent_event", List=item)).subscriptions

    assert news == SubscriptionNews("T1", "success", "19", 0)


def test_the_result_of_a_picture_is_told():
    said = {"trace_id": "t1", "errcode": 0, "result": {"suggest": "risky", "label": 20002}}

    media = read(event("wxa_media_check", **said)).media

    assert (media.trace_id, media.errcode) == ("t1", 0)
    assert media.verdict == Verdict(Suggestion.RISKY, 20002, "t1")


@pytest.mark.parametrize(
    "said",
    [
        *({"errcode": -1008}, {"errcode": 0}, {"result": {"suggest": "?", "label": 1}}),
        {"result": {"suggest": "pass", "label": float("inf")}},
    ],
)
def test_a_picture_that_was_not_checked_has_no_verdict(said):
    assert read(event("wxa_media_check", trace_id="t1", **said)).media.verdict is None


def test_who_takes_consent_back_is_told():
    said = event("user_authorization_revoke", OpenID="oOther", RevokeInfo="1,4")

    got = read(said)

    assert got.openid == "oOther"
    assert (got.withdrawal.openid, got.withdrawal.what) == ("oOther", ("1", "4"))
    assert read(event("user_authorization_cancellation")).withdrawal.openid == "oPerson"
    assert read(event()).withdrawal is None


def test_each_delivery_of_a_push_has_the_same_key():
    first, again = event(List=ONE), {**event(List=[ONE]), "CreateTime": "1714112445"}

    assert read(first).key == read(again).key
    query, body = encrypted(first)
    assert SAFE.read(query, body, now=AT).key == read(first).key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (event(List=ONE), event(List=TWO)),
        (event(List=ONE), {**event(List=ONE), "CreateTime": 1714112446}),
        (event(), {**event(), "FromUserName": "oOther"}),
        (event("wxa_media_check", trace_id="1"), event("wxa_media_check", trace_id="2")),
        (event(), event("subscribe_msg_change_event")),
        ({**event(), "MsgId": 1}, {**event(), "MsgId": 2}),
        (revoked(OpenID="oPerson"), revoked(OpenID="oOther")),
        (revoked(RevokeInfo="1"), revoked(RevokeInfo="4")),
        (revoked(PluginID="wx1"), revoked(PluginID="wx2")),
        (revoked(OpenPID="p1"), revoked(OpenPID="p2")),
    ],
)
def test_two_pushes_have_two_keys(one, other):
    assert read(one).key != read(other).key


def test_a_message_of_a_person_is_read_by_its_kind():
    said = {**event(), "MsgType": "text", "MsgId": 5}
    del said["Event"]

    assert read(said).kind == "text"


def test_a_mark_names_a_push_whatever_its_time():
    said = event("wxa_media_check", trace_id="t1")

    assert read(said).key == read({**said, "CreateTime": 1714112449}).key


def test_the_sender_is_told_nothing_of_why():
    refused = PushRefused("wrong signature")

    assert (str(refused), refused.detail) == ("wrong signature", "")
