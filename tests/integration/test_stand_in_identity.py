"""Signing in and the phone number, at the stand-in for WeChat."""

import base64
import hashlib
import hmac

import pytest

PHONE = "/wxa/business/getuserphonenumber"
NUMBER = "13900000001"


def phone_code(wechat, openid, **more):
    return wechat.ctl("POST", f"people/{openid}/phone", {"phone": NUMBER} | more)["code"]


def test_a_code_tells_who_signed_in_once(wechat):
    openid = wechat.person()
    code = wechat.login_code(openid)

    answer = wechat.session(code)

    assert set(answer) == {"openid", "session_key"}
    assert answer["openid"] == openid
    assert len(base64.b64decode(answer["session_key"])) == 16
    assert wechat.session(code)["errcode"] == 40163


def test_the_answer_says_that_it_is_plain_text_and_carries_a_unionid_if_there_is_one(wechat):
    openid = wechat.person(unionid="oUnionOfTests000000000000001")
    query = wechat.app(js_code=wechat.login_code(openid), grant_type="authorization_code")

    reply = wechat.ask("GET", "/sns/jscode2session", query)

    assert reply.headers["Content-Type"].startswith("text/plain")
    assert reply.json()["unionid"] == "oUnionOfTests000000000000001"


def test_a_code_lasts_five_minutes(wechat):
    openid = wechat.person()
    early, late = wechat.login_code(openid), wechat.login_code(openid)

    wechat.later(299)
    assert wechat.session(early)["openid"] == openid
    wechat.later(1)
    assert wechat.session(late)["errcode"] == 40029


def test_a_code_may_be_used_or_expired_by_hand(wechat):
    openid = wechat.person()
    used, expired = wechat.login_code(openid), wechat.login_code(openid)

    wechat.ctl("POST", f"codes/{used}/use")
    wechat.ctl("POST", f"codes/{expired}/expire")

    assert wechat.session(used)["errcode"] == 40163
    assert wechat.session(expired)["errcode"] == 40029


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"appid": ""}, 41002),
        ({"appid": "wx0000000000000000"}, 40013),
        ({"secret": ""}, 41004),
        ({"secret": "0" * 32}, 40125),
        ({"js_code": ""}, 41008),
        ({"js_code": "made-up"}, 40029),
        ({"grant_type": "client_credential"}, 40002),
    ],
)
def test_a_sign_in_that_does_not_fit_uses_no_code(wechat, given, code):
    openid = wechat.person()
    good = wechat.login_code(openid)

    assert wechat.session(good, **given)["errcode"] == code
    assert wechat.session(good)["openid"] == openid


def test_someone_at_risk_is_blocked(wechat):
    code = wechat.login_code(wechat.person(risky=True))

    assert wechat.session(code)["errcode"] == 40226


def test_a_code_of_another_app_is_none_of_this_one(wechat):
    other = wechat.person(home="wx0000000000000000")

    assert wechat.session(wechat.login_code(other))["errcode"] == 40029
    assert wechat.post(PHONE, {"code": phone_code(wechat, other)})["errcode"] == 40013


def test_one_person_signs_in_a_hundred_times_a_minute(wechat):
    one, other = wechat.person(), wechat.person()
    wechat.ctl("POST", "limits", {"path": "logins of one person", "minute": 2})

    codes = [wechat.session(wechat.login_code(one)).get("errcode") for _ in range(3)]
    assert codes == [None, None, 45011]
    assert wechat.session(wechat.login_code(other))["openid"] == other
    wechat.later(60)
    assert wechat.session(wechat.login_code(one))["openid"] == one


def test_the_session_key_of_before_is_worth_nothing(wechat):
    openid = wechat.person()
    old = wechat.session(wechat.login_code(openid))["session_key"]
    new = wechat.session(wechat.login_code(openid))["session_key"]

    assert old != new
    assert (session_is_good(wechat, openid, old), session_is_good(wechat, openid, new)) == (
        87009,
        0,
    )
    wechat.ctl("DELETE", f"people/{openid}/session")
    assert session_is_good(wechat, openid, new) == 87009


def session_is_good(wechat, openid, key):
    query = {
        "access_token": wechat.token(),
        "openid": openid,
        "sig_method": "hmac_sha256",
        "signature": hmac.new(key.encode(), b"", hashlib.sha256).hexdigest(),
    }
    return wechat.ask("GET", "/wxa/checksession", query).json()["errcode"]


def test_a_phone_code_tells_the_number_once(wechat):
    openid = wechat.person()
    code = phone_code(wechat, openid)

    answer = wechat.post(PHONE, {"code": code, "openid": openid})

    watermark = answer["phone_info"].pop("watermark")
    assert answer == {
        "errcode": 0,
        "errmsg": "ok",
        "phone_info": {
            "phoneNumber": NUMBER,
            "purePhoneNumber": NUMBER,
            "countryCode": "86",
        },
    }
    assert watermark == {"timestamp": 1795395600, "appid": wechat.appid}
    assert wechat.post(PHONE, {"code": code})["errcode"] == 40029


def test_a_number_from_abroad_comes_with_its_country(wechat):
    code = phone_code(wechat, wechat.person(), country="852", phone="90000001")

    info = wechat.post(PHONE, {"code": code})["phone_info"]

    assert (info["phoneNumber"], info["purePhoneNumber"]) == ("+85290000001", "90000001")


def test_a_phone_code_is_no_sign_in_code_and_lasts_five_minutes(wechat):
    openid, other = wechat.person(), wechat.person()
    login, phone = wechat.login_code(openid), phone_code(wechat, openid)

    assert wechat.post(PHONE, {"code": login})["errcode"] == 40029
    assert wechat.session(phone)["errcode"] == 40029
    assert wechat.post(PHONE, {"code": phone, "openid": other})["errcode"] == 40003
    assert wechat.post(PHONE, {"code": 7})["errcode"] == 40029
    wechat.later(300)
    assert wechat.post(PHONE, {"code": phone})["errcode"] == 40029


def test_the_same_seed_makes_the_same_people(wechat):
    first = [wechat.person(), wechat.person()]
    code = wechat.login_code(first[0])
    wechat.ctl("POST", "reset", {"seed": 1})

    assert [wechat.person(), wechat.person()] == first
    assert wechat.login_code(first[0]) == code
    wechat.ctl("POST", "reset", {"seed": 2})
    assert wechat.person() not in first
    wechat.ctl("POST", "reset")
    openids = [wechat.person(), wechat.person()]
    assert not set(openids) & set(first)
    assert {len(openid) for openid in [*openids, *first]} == {28}
