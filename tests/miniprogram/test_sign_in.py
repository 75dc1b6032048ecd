"""Signing in to the mini program, and out, with WeChat well and unwell."""

import json
import logging
from collections import Counter

import pytest
from sqlalchemy import select

from relief.audit.models import AuditEvent
from relief.bindings import openids
from relief.bindings import sign_in as accounts
from relief.bindings.holding import session_key_bound
from relief.bindings.models import MiniAccount, MiniSession
from relief.core.logs import JsonFormatter

SIGN_IN = "/sns/jscode2session"
PROBLEM = "application/problem+json"


def told(answer):
    return answer.status_code, answer.json["code"]


def accounts_in(session):
    session.expire_all()
    return session.scalars(select(MiniAccount)).all()


def actions(session):
    return Counter(
        session.scalars(select(AuditEvent.action).where(AuditEvent.subject_type == "mini_account"))
    )


def test_a_code_becomes_a_token(new_phone, session):
    phone = new_phone()

    answer = phone.sign_in()

    assert answer.status_code == 201
    assert set(answer.json) == {"token", "expires_at"}
    assert answer.json["expires_at"].startswith("2026-12-23T")
    assert "Set-Cookie" not in answer.headers
    assert phone.agree().get("/me").json == {
        "agreed_version": 1,
        "expires_at": answer.json["expires_at"],
        "roles": [],
    }
    assert actions(session) == {
        "mini_account:created": 1,
        "mini_account:signed_in": 1,
        "mini_account:agreed": 1,
    }


def test_openid_session_key_and_token_are_kept_so_that_the_tables_tell_nothing(
    new_phone, session, cipher, wechat
):
    phone = new_phone()
    phone.sign_in()
    key = wechat.ctl("GET", f"people/{phone.openid}")["session_key"]

    [account] = accounts_in(session)
    [kept] = session.scalars(select(MiniSession))
    rows = b"".join([account.openid, account.openid_index, account.session_key, kept.token_hash])

    assert openids.openid_of(session, account_id=account.id, cipher=cipher) == phone.openid
    opened = cipher.open_bytes(account.session_key, associated=session_key_bound(account.id))
    assert opened.decode() == key
    for secret in (phone.openid, key, phone.token):
        assert secret.encode() not in rows


def test_the_same_person_keeps_the_account_and_gets_the_newest_key(
    new_phone, session, cipher, wechat
):
    first, second = new_phone(), new_phone()
    first.sign_in()
    old = first.token
    second.sign_in()
    first.sign_in()

    keys = {
        cipher.open(one.openid, row_id=one.id): cipher.open_bytes(
            one.session_key, associated=session_key_bound(one.id)
        ).decode()
        for one in accounts_in(session)
    }

    assert keys == {
        phone.openid: wechat.ctl("GET", f"people/{phone.openid}")["session_key"]
        for phone in (first, second)
    }
    assert old != first.token
    assert actions(session)["mini_account:created"] == 2


def test_a_code_that_was_used_or_never_was_opens_nothing(new_phone, session, wechat):
    phone = new_phone()
    code = wechat.login_code(phone.openid)
    phone.sign_in(code)

    assert told(phone.sign_in(code)) == (422, "wechat-code-refused")
    assert told(phone.sign_in("never-was")) == (422, "wechat-code-refused")
    late = wechat.login_code(phone.openid)
    wechat.later(301)
    answer = phone.sign_in(late)

    assert told(answer) == (422, "wechat-code-refused")
    assert (answer.mimetype, answer.json["title"]) == (PROBLEM, "微信授权已失效，请重新操作一次")
    assert len(session.scalars(select(MiniSession)).all()) == 1
    assert actions(session)["mini_account:sign_in_failed"] == 3


@pytest.mark.parametrize("body", [{}, {"code": ""}, {"code": "汉字"}, {"code": "a" * 129}, []])
def test_what_is_no_code_does_not_get_as_far_as_wechat(new_phone, wechat, body):
    answer = new_phone().client.post("/mini/v1/sessions", json=body)

    assert answer.status_code == 422
    assert wechat.ctl("GET", f"calls?path={SIGN_IN}")["items"] == []


def test_an_address_that_fails_too_often_waits(new_phone, session, clock, wechat):
    phone = new_phone()
    for _ in range(100):
        accounts.count_failure(session, address="127.0.0.1", now=clock())
    session.commit()

    refused = phone.sign_in()

    assert told(refused) == (429, "too-many-attempts")
    assert refused.headers["Retry-After"] == "600"
    assert wechat.ctl("GET", f"calls?path={SIGN_IN}")["items"] == []
    clock.advance(minutes=10)
    assert phone.sign_in().status_code == 201


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"errcode": -1}, (503, "wechat-busy")),
        ({"errcode": 45011}, (503, "wechat-limited")),
        ({"errcode": 40226}, (403, "wechat-person-blocked")),
        ({"errcode": 40125}, (503, "wechat-misconfigured")),
        ({"errcode": 40001}, (503, "wechat-misconfigured")),
        ({"status": 502}, (503, "wechat-unanswered")),
        ({"cut": "after"}, (503, "wechat-unanswered")),
    ],
)
def test_what_ails_wechat_is_told_in_chinese_and_opens_nothing(
    new_phone, session, wechat, fault, expected
):
    wechat.arm(path=SIGN_IN, times=50, **fault)

    answer = new_phone().sign_in()

    assert (told(answer), answer.mimetype) == (expected, PROBLEM)
    assert "微信" in answer.json["title"]
    assert accounts_in(session) == []


def test_a_slow_wechat_holds_nobody_up_for_long(new_phone, wechat, monkeypatch):
    monkeypatch.setattr("relief.integrations.wechat.client.CALL_SECONDS", 0.3)
    wechat.arm(path=SIGN_IN, times=1, delay_seconds=2)

    assert told(new_phone().sign_in()) == (503, "wechat-unanswered")


def test_without_a_mini_program_in_the_settings_it_says_so(mini, new_phone):
    phone = new_phone()
    del mini.extensions["relief.wechat"]

    assert told(phone.sign_in("a-code")) == (409, "wechat-not-set-up")


def test_nothing_secret_stands_in_a_log(new_phone, wechat, caplog):
    caplog.set_level(logging.DEBUG)
    phone = new_phone()
    code = wechat.login_code(phone.openid)
    phone.sign_in(code)
    phone.agree().get("/me")
    phone.sign_in(code)
    wechat.arm(path=SIGN_IN, times=1, cut="after")
    phone.sign_in()
    key = wechat.ctl("GET", f"people/{phone.openid}")["session_key"]
    caplog.handler.setFormatter(JsonFormatter("mini"))
    said = "\n".join(caplog.handler.format(record) for record in caplog.records)

    assert json.loads(said.splitlines()[-1])["route"] == "/mini/v1/sessions"
    for secret in (code, key, phone.openid, phone.token, wechat.secret):
        assert secret not in said


def test_a_token_lives_for_its_days_and_while_it_is_used(new_phone, clock):
    phone = new_phone()
    phone.sign_in()
    phone.agree()
    for _ in range(5):  # six days apart: each use moves the idle limit of seven
        clock.advance(days=5, hours=23)
        assert phone.get("/me").status_code == 200

    clock.advance(hours=5)
    expired = phone.get("/me")

    assert told(expired) == (401, "sign-in-expired")
    assert expired.headers["WWW-Authenticate"] == "Bearer"
    assert expired.json["title"] == "登录已过期，请重新登录"


def test_a_token_that_is_not_used_runs_out(phone, clock):
    clock.advance(days=7)

    assert told(phone.get("/me")) == (401, "sign-in-expired")


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", "Bearer  ", "Bearer " + "x" * 300])
def test_without_a_good_token_nothing_opens(mini, header):
    answer = mini.test_client().get("/mini/v1/me", headers={"Authorization": header})

    assert answer.status_code == 401
    assert answer.json["code"] in {"unauthorized", "sign-in-unknown"}


def test_a_cookie_is_no_token(phone):
    phone.client.set_cookie("relief_session", phone.token)

    assert phone.client.get("/mini/v1/me").status_code == 401


def test_signing_out_ends_this_phone_alone(phone, session):
    other = type(phone)(phone.client, phone.wechat, phone.openid)
    other.sign_in()

    assert phone.call("DELETE", "/sessions/current").status_code == 204

    assert told(phone.get("/me")) == (401, "sign-in-unknown")
    assert told(phone.call("DELETE", "/sessions/current")) == (401, "sign-in-unknown")
    assert other.get("/me").status_code == 200
    assert actions(session)["mini_account:signed_out"] == 1


def test_signing_out_everywhere_ends_each_phone_of_this_account(phone, new_phone, session):
    stranger = new_phone()
    stranger.sign_in()
    stranger.agree()
    other = type(phone)(phone.client, phone.wechat, phone.openid)
    other.sign_in()

    assert other.call("DELETE", "/sessions").status_code == 204

    assert {told(one.get("/me")) for one in (phone, other)} == {(401, "sign-in-unknown")}
    assert stranger.get("/me").status_code == 200
    assert sorted(one.session_key is None for one in accounts_in(session)) == [False, True]


def test_sessions_that_are_long_over_are_deleted(phone, new_phone, session, clock):
    phone.call("DELETE", "/sessions/current")
    clock.advance(days=29)
    new_phone().sign_in()

    clock.advance(days=2)
    assert accounts.purge_sessions(session, now=clock()) == 1
    clock.advance(days=60)
    assert accounts.purge_sessions(session, now=clock()) == 1
