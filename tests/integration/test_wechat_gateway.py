"""What is asked of WeChat, and what becomes of each answer."""

import pytest

from relief.core.config import ConfigError
from relief.core.db import unit_of_work
from relief.integrations.outbound import Outbound
from relief.integrations.wechat import client, codes, errors, fields, gateway
from relief.integrations.wechat.codes import QrCode
from relief.integrations.wechat.types import (
    MediaKind,
    Phone,
    Scene,
    SignedIn,
    SubscriptionMessage,
    Suggestion,
    Text,
    Verdict,
)
from tests.support.ports import deaf_port
from tests.support.settings import START, FakeClock, cipher_with
from tests.support.waiting import wait_until
from tests.support.wechat import APPID, DROP, SECRET, TOKEN_PATH, gateway_of, scripted, settings_of

SIGN_IN = "/sns/jscode2session"
PHONE = "/wxa/business/getuserphonenumber"
SEND = "/cgi-bin/message/subscribe/send"
TEXT = "/wxa/msg_sec_check"
MEDIA = "/wxa/media_check_async"
QR_CODE = "/wxa/getwxacodeunlimit"
CHECK = "/wxa/checksession"
WHO = {"openid": "oPerson", "session_key": "secret-session-key"}
RID = "6472dfd0-536f4e2c-16f28abc"
MESSAGE = SubscriptionMessage(
    openid="oPerson", template_id="T1", fields={"thing1": "低保审核确认"}, page="pages/aid?id=1"
)
WORDS = Text(openid="oPerson", scene=Scene.COMMENT, content="secret-words")


def refused(errcode, said="refused"):
    return {"errcode": errcode, "errmsg": f"{said} rid: {RID}"}


@pytest.fixture
def other():
    with scripted() as script:
        yield script


@pytest.fixture
def door(session, other):
    return gateway_of(other.port, unit_of_work)


def test_a_sign_in_asks_for_no_token(door, other):
    other.says(SIGN_IN, {**WHO, "unionid": "u"})

    assert door.sign_in("c0de") == SignedIn("oPerson", "secret-session-key", "u")
    (heard,) = other.heard
    assert (heard.method, heard.path) == ("GET", SIGN_IN)
    assert heard.query == {
        "appid": APPID,
        "secret": SECRET,
        "js_code": "c0de",
        "grant_type": "authorization_code",
    }


def test_a_person_may_have_no_unionid(door, other):
    other.says(SIGN_IN, WHO)

    assert door.sign_in("c0de").unionid is None


@pytest.mark.parametrize(
    "said",
    [{}, {"openid": "o"}, {"openid": 5, "session_key": "k"}, [1], b"<html>", {"errcode": "x"}],
)
def test_a_sign_in_that_says_nothing_is_no_sign_in(door, other, said):
    other.says(SIGN_IN, said)

    with pytest.raises(errors.Unanswered, match="none of WeChat's"):
        door.sign_in("c0de")


def test_a_phone_number_is_of_this_mini_program(door, other):
    info = {"purePhoneNumber": "13900000001", "countryCode": "86", "watermark": {"appid": APPID}}
    other.says(
        PHONE,
        {"errcode": 0, "phone_info": info},
        {"errcode": 0, "phone_info": {**info, "watermark": {"appid": "wx0"}}},
    )

    assert door.phone_number("c0de", openid="oPerson") == Phone("13900000001", "86")
    assert other.heard[-1].body == {"code": "c0de", "openid": "oPerson"}
    assert other.heard[-1].query == {"access_token": other.token}
    with pytest.raises(errors.Unanswered):
        door.phone_number("c0de")


def test_a_phone_code_of_another_mini_program_is_no_fault_of_the_settings(door, other):
    other.says(PHONE, refused(40013), refused(40243))

    with pytest.raises(errors.CodeRefused) as caught:
        door.phone_number("c0de")
    assert (caught.value.errcode, caught.value.rid) == (40013, RID)
    assert caught.value.__context__ is None
    with pytest.raises(errors.Misconfigured):
        door.phone_number("c0de")


def test_a_message_goes_out_as_it_is_meant(session, other):
    door = gateway_of(other.port, unit_of_work, version="trial")
    other.says(SEND, {"errcode": 0, "errmsg": "ok", "msgid": 1988810812324364291})

    assert door.send(MESSAGE) == "1988810812324364291"
    assert other.heard[-1].body == {
        "touser": "oPerson",
        "template_id": "T1",
        "page": "pages/aid?id=1",
        "data": {"thing1": {"value": "低保审核确认"}},
        "miniprogram_state": "trial",
        "lang": "zh_CN",
    }
    assert other.heard[-1].content_type == "application/json"


def test_a_message_that_would_be_refused_is_not_sent(door, other):
    bad = SubscriptionMessage(openid="o", template_id="T1", fields={"phrase1": "not Chinese"})
    lost = SubscriptionMessage(openid="o", template_id="T1", fields={"thing1": "a"}, page="/pages")

    with pytest.raises(fields.FieldsRefused, match="phrase1"):
        door.send(bad)
    with pytest.raises(codes.PageInvalid):
        door.send(lost)
    assert other.heard == []


def test_a_text_is_checked(door, other):
    said = {"errcode": 0, "trace_id": "t1", "result": {"suggest": "risky", "label": 20006}}
    other.says(TEXT, said)

    assert door.check_text(WORDS) == Verdict(Suggestion.RISKY, 20006, "t1")
    assert other.heard[-1].body == {
        "openid": "oPerson",
        "scene": 2,
        "version": 2,
        "content": "secret-words",
    }


@pytest.mark.parametrize(
    "result", [None, {}, {"suggest": "perhaps", "label": 1}, {"suggest": "pass"}]
)
def test_a_check_without_a_verdict_passes_nothing(door, other, result):
    other.says(TEXT, {"errcode": 0, "result": result})

    with pytest.raises(errors.Unanswered):
        door.check_text(WORDS)


@pytest.mark.parametrize("content", ["", "  ", "长" * 2501])
def test_a_text_that_cannot_be_checked_is_not_sent(door, other, content):
    with pytest.raises(gateway.ContentInvalid):
        door.check_text(Text(openid="o", scene=Scene.JOURNAL, content=content))
    assert other.heard == []


def test_a_picture_is_checked_later(door, other):
    other.says(MEDIA, {"errcode": 0, "trace_id": "t2"})

    asked = {"openid": "oPerson", "scene": Scene.JOURNAL}
    assert door.check_media("https://a.example.cn/1", MediaKind.IMAGE, **asked) == "t2"
    assert other.heard[-1].body == {
        "media_url": "https://a.example.cn/1",
        "media_type": 2,
        "version": 2,
        "scene": 4,
        "openid": "oPerson",
    }
    with pytest.raises(gateway.MediaAddressInvalid):
        door.check_media("http://a.example.cn/1", MediaKind.IMAGE, **asked)


def test_a_code_is_drawn(door, other):
    other.says(QR_CODE, b"\xff\xd8\xff\xe0 a picture")

    assert door.qr_code(QrCode(scene="h=1", page="pages/bind")) == b"\xff\xd8\xff\xe0 a picture"
    assert other.heard[-1].body == {
        "scene": "h=1",
        "page": "pages/bind",
        "width": 430,
        "is_hyaline": False,
        "env_version": "release",
        "check_path": True,
    }


@pytest.mark.parametrize("said", [b"<html>no picture</html>", {"errcode": 0}])
def test_what_is_no_picture_is_no_code(door, other, said):
    other.says(QR_CODE, said)

    with pytest.raises(errors.Unanswered):
        door.qr_code(QrCode(scene="h=1"))


def test_a_session_key_is_fresh_or_is_not(door, other):
    other.says(CHECK, {"errcode": 0, "errmsg": "ok"}, refused(87009), refused(40097))

    assert door.is_session_fresh("oPerson", "sk")
    assert other.heard[-1].query == {
        "access_token": other.token,
        "openid": "oPerson",
        "signature": "1a12e0d40bef63531f6fea34761891dbb7cee71a5032f8d4010673b148a96dde",
        "sig_method": "hmac_sha256",
    }
    assert not door.is_session_fresh("oPerson", "sk")
    with pytest.raises(errors.Refused):
        door.is_session_fresh("oPerson", "sk")


@pytest.mark.parametrize("said", [b"<html>", {}, [], {"msgid": 1}, {"errcode": None}])
def test_an_answer_of_another_server_is_no_success(door, other, said):
    other.says(CHECK, said)
    other.says(SEND, said)

    with pytest.raises(errors.Unanswered, match="none of WeChat's"):
        door.is_session_fresh("oPerson", "sk")
    with pytest.raises(errors.Unanswered, match="none of WeChat's"):
        door.send(MESSAGE)
    assert other.paths().count(SEND) == 1


@pytest.mark.parametrize(
    ("errcode", "kind"),
    [
        (-1, errors.Busy),
        (40003, errors.UnknownPerson),
        (40029, errors.CodeRefused),
        (40163, errors.CodeRefused),
        (40164, errors.Misconfigured),
        (40226, errors.PersonBlocked),
        (43101, errors.NoConsent),
        (43108, errors.Limited),
        (45009, errors.Limited),
        (45168, errors.WordsRefused),
        (47003, errors.Refused),
        (61010, errors.NotSeenLately),
    ],
)
def test_each_refusal_has_its_kind_and_the_mark_of_the_call(door, other, errcode, kind):
    other.says(SEND, refused(errcode))

    with pytest.raises(kind) as caught:
        door.send(MESSAGE)

    assert (type(caught.value), caught.value.errcode, caught.value.rid) == (kind, errcode, RID)
    assert str(caught.value) == f"send-message: {errcode} (rid {RID})"
    assert other.paths().count(SEND) == 1


@pytest.mark.parametrize("lost", [DROP, 502, {"errcode": -1, "errmsg": "system error"}])
def test_what_may_be_done_twice_is_asked_once_more(door, other, lost):
    said = {"errcode": 0, "trace_id": "t1", "result": {"suggest": "pass", "label": 100}}
    other.says(TEXT, lost, said)

    assert door.check_text(WORDS).suggestion is Suggestion.PASS
    assert other.paths().count(TEXT) == 2


@pytest.mark.parametrize("lost", [DROP, 502])
def test_what_may_not_is_unknown(door, other, lost):
    other.says(SEND, lost)
    other.says(SIGN_IN, lost)

    with pytest.raises(errors.Unanswered) as caught:
        door.send(MESSAGE)
    assert not caught.value.nothing_done
    assert other.paths().count(SEND) == 1
    with pytest.raises(errors.Unanswered):
        door.sign_in("c0de")
    assert other.paths().count(SIGN_IN) == 1


def test_who_does_not_answer_does_not_hold_anybody_up(door, other, monkeypatch):
    monkeypatch.setattr(client, "CALL_SECONDS", 1.0)
    monkeypatch.setattr(gateway, "ALL_SECONDS", 2.5)
    other.delay = 3

    with pytest.raises(errors.Unanswered, match="too slow"):
        door.sign_in("c0de")
    wait_until(lambda: other.heard)
    assert other.paths() == [SIGN_IN]
    with pytest.raises((errors.Unanswered, errors.Unreached)):
        door.check_text(WORDS)
    assert TEXT not in other.paths()


def test_what_never_got_there_is_tried_once_more(session):
    tried = []
    with deaf_port() as port:
        door = gateway.build(
            settings_of(port),
            outbound=Outbound(
                [f"127.0.0.1:{port}"], resolve=lambda *_: tried.append(1) or ["127.0.0.1"]
            ),
            opened=unit_of_work,
            cipher=cipher_with(),
            clock=FakeClock(),
        )
        with pytest.raises(errors.Unreached) as caught:
            door.sign_in("c0de")

    assert caught.value.nothing_done
    assert len(tried) == 2


def test_only_an_allowed_host_is_asked(session):
    with pytest.raises(ConfigError, match=r"RELIEF_WECHAT_API: not on the list .*127\.0\.0\.1"):
        gateway.build(
            settings_of(9),
            outbound=Outbound([]),
            opened=unit_of_work,
            cipher=cipher_with(),
            clock=FakeClock(),
        )


def test_a_host_that_leads_elsewhere_is_a_fault_of_the_settings(session):
    settings = settings_of(9000)
    door = gateway.build(
        settings,
        outbound=Outbound(["127.0.0.1:9000"], resolve=lambda *_: ["10.0.0.1"]),
        opened=unit_of_work,
        cipher=cipher_with(),
        clock=FakeClock(),
    )

    with pytest.raises(errors.Misconfigured, match="private network"):
        door.sign_in("c0de")


def test_a_call_is_signed(door):
    signed = door.sign_call("gDyVgzwa0mFz9uUP7M6GQQ==", "g1", now=START)

    assert signed.group_id == "g1"
    assert signed.timestamp == int(START.timestamp())
    assert len(signed.nonce) < 128
    assert len(signed.signature) == 64


def everything_told(error, records):
    seen, waiting = [], [error]
    while waiting:
        one = waiting.pop()
        if one is not None and one not in seen:
            seen.append(one)
            waiting += [one.__cause__, one.__context__]
    told = [f"{one!r} {one} {vars(one)}" for one in seen]
    return " ".join([*told, *(f"{record.getMessage()} {record.__dict__}" for record in records)])


@pytest.mark.parametrize("lost", [DROP, 502, b"secret-answer", refused(40029, "secret-token-1")])
def test_errors_and_logs_tell_no_secret(door, other, caplog, lost):
    caplog.set_level("DEBUG")
    other.says(SIGN_IN, lost)
    other.says(TEXT, lost)

    for ask in (lambda: door.sign_in("secret-code"), lambda: door.check_text(WORDS)):
        with pytest.raises(errors.WeChatError) as caught:
            ask()
        told = everything_told(caught.value, caplog.records)
        assert "sign-in" in told
        assert SECRET not in told
        assert "secret" not in told.replace("test_errors_and_logs_tell_no_secret", "")


def test_neither_settings_nor_answers_show_what_they_hold(door, other):
    other.says(SIGN_IN, WHO)

    assert SECRET not in repr(door)
    assert "secret" not in repr(door.sign_in("c0de"))
    assert "13900000001" not in repr(Phone("13900000001", "86"))
    assert "secret" not in repr(WORDS)


def test_a_token_is_kept_and_asked_for_once(door, other):
    said = {"errcode": 0, "trace_id": "t1", "result": {"suggest": "pass", "label": 100}}
    other.says(TEXT, said)

    door.check_text(WORDS)
    door.check_text(WORDS)

    assert other.paths() == [TOKEN_PATH, TEXT, TEXT]
