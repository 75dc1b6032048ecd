"""One access token for all: kept sealed, fetched by one, and fetched anew when it is refused."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import TimeoutError as PoolTimeout

from relief.core import locks
from relief.core.db import unit_of_work
from relief.integrations.outbound import Outbound
from relief.integrations.wechat import errors, gateway
from relief.integrations.wechat.models import TOKENS, WeChatToken
from relief.integrations.wechat.types import Scene, Text
from relief.jobs.process import unit_of_work_of
from tests.support.settings import FakeClock, cipher_with
from tests.support.wechat import APPID, SECRET, TOKEN_PATH, gateway_of, scripted, settings_of

TEXT = "/wxa/msg_sec_check"
WORDS = Text(openid="oPerson", scene=Scene.COMMENT, content="words")
PASSED = {"errcode": 0, "trace_id": "t1", "result": {"suggest": "pass", "label": 100}}
STALE = {"errcode": 40001, "errmsg": "invalid credential, access_token is invalid or not latest"}
BODY = {"grant_type": "client_credential", "appid": APPID, "secret": SECRET}


@pytest.fixture
def other():
    with scripted() as script:
        script.says(TEXT, PASSED)
        yield script


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def door(session, other, clock):
    return gateway_of(other.port, unit_of_work, clock)


def tokens_asked(other):
    return [one.body["force_refresh"] for one in other.heard if one.path == TOKEN_PATH]


def test_the_token_is_sealed_where_all_find_it(session, door, other):
    door.check_text(WORDS)

    assert other.heard[0].body == {**BODY, "force_refresh": False}
    row = session.scalars(select(WeChatToken)).one()
    assert other.token.encode() not in row.sealed
    opened = cipher_with().open_bytes(row.sealed, associated=TOKENS.bound(APPID))
    assert opened == other.token.encode()


def test_the_token_is_fetched_anew_five_minutes_early(door, other, clock):
    door.check_text(WORDS)
    clock.advance(seconds=7200 - 301)
    door.check_text(WORDS)
    assert tokens_asked(other) == [False]

    clock.advance(seconds=1)
    door.check_text(WORDS)
    assert tokens_asked(other) == [False, False]


def test_a_token_near_its_end_is_used_for_half_of_what_is_left(door, other, clock):
    other.says(TOKEN_PATH, {"access_token": "t", "expires_in": 100})

    door.check_text(WORDS)
    clock.advance(seconds=49)
    door.check_text(WORDS)
    assert len(tokens_asked(other)) == 1
    clock.advance(seconds=1)
    door.check_text(WORDS)
    assert len(tokens_asked(other)) == 2


def test_a_refused_token_is_fetched_anew_once(door, other):
    door.check_text(WORDS)
    other.token = "secret-token-2"
    other.says(TEXT, STALE, PASSED)

    door.check_text(WORDS)

    assert tokens_asked(other) == [False, False]
    assert other.heard[-1].query == {"access_token": "secret-token-2"}


def test_a_token_that_comes_back_the_same_is_forced(door, other):
    other.says(TEXT, STALE, PASSED)

    door.check_text(WORDS)

    assert tokens_asked(other) == [False, False, True]
    assert other.heard[-1].query == {"access_token": other.token}


def test_a_token_that_is_refused_for_ever_ends_soon(door, other, clock):
    other.says(TEXT, STALE)

    for _ in range(3):
        with pytest.raises(errors.TokenRefused):
            door.check_text(WORDS)
    # The first: token, call, the same token, a forced one, call. Then no other is forced.
    assert tokens_asked(other) == [False, False, True, False, False]
    assert other.paths().count(TEXT) == 4

    # Two hours of the forced token are not over: it is called with, and then asked for again.
    clock.advance(minutes=74, seconds=59)
    with pytest.raises(errors.TokenRefused):
        door.check_text(WORDS)
    assert tokens_asked(other)[5:] == [False]
    clock.advance(seconds=1)
    with pytest.raises(errors.TokenRefused):
        door.check_text(WORDS)
    assert tokens_asked(other)[6:] == [False, True]


def test_a_forced_token_counts_though_its_answer_is_lost(session, door, other):
    same = {"access_token": other.token, "expires_in": 7200}
    other.says(TEXT, STALE)
    other.says(TOKEN_PATH, same, same, 502, same)

    for _ in range(2):
        with pytest.raises((errors.Unanswered, errors.TokenRefused)):
            door.check_text(WORDS)

    assert tokens_asked(other).count(True) == 1


def test_a_forced_token_that_was_never_asked_for_does_not_count(session, other):
    # Of the calls the first three get there: for a token, with it, and for the same token.
    ways = iter([True, True, True, False, False])
    door = gateway.build(
        settings_of(other.port),
        outbound=Outbound(
            [f"127.0.0.1:{other.port}"],
            resolve=lambda *_: ["127.0.0.1"] if next(ways, True) else [],
        ),
        opened=unit_of_work,
        cipher=cipher_with(),
        clock=FakeClock(),
    )
    other.says(TEXT, STALE, STALE, PASSED)

    with pytest.raises(errors.Unreached):
        door.check_text(WORDS)
    assert tokens_asked(other) == [False, False]

    door.check_text(WORDS)
    assert tokens_asked(other) == [False, False, False, True]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"access_token": "t"},
        {"access_token": "", "expires_in": 7200},
        {"access_token": 5, "expires_in": 7200},
        {"access_token": "t", "expires_in": 0},
        {"access_token": "t", "expires_in": "soon"},
        {"access_token": "t" * 2049, "expires_in": 7200},
        {"access_token": "t", "expires_in": 86_401},
        {"access_token": "t", "expires_in": 10**15},
        {"access_token": "t", "expires_in": float("inf")},
        [],
        b'{"errcode": 1e999}',
        b"[" * 100_000,
    ],
    ids=[
        *("nothing", "no-time", "empty", "number", "no-seconds", "word", "long-token"),
        *("long-life", "longer-life", "endless", "list", "endless-code", "deep"),
    ],
)
def test_what_is_no_token_is_not_kept(session, door, other, said):
    other.says(TOKEN_PATH, said)

    with pytest.raises(errors.Unanswered, match="stable-token"):
        door.check_text(WORDS)
    assert session.scalars(select(WeChatToken.sealed)).all() in ([], [None])


def test_a_wrong_secret_is_said(door, other):
    other.says(TOKEN_PATH, {"errcode": 40125, "errmsg": "invalid appsecret"})

    with pytest.raises(errors.Misconfigured, match="stable-token: 40125"):
        door.check_text(WORDS)
    assert TEXT not in other.paths()


def test_a_token_under_a_key_that_is_gone_is_fetched_anew(session, door, other):
    door.check_text(WORDS)
    row = session.scalars(select(WeChatToken)).one()
    row.sealed = cipher_with(data=(2,)).seal_bytes(b"t", associated=TOKENS.bound(APPID))
    session.commit()

    door.check_text(WORDS)

    assert tokens_asked(other) == [False, False]


def test_a_crowd_fetches_it_once(spare_app, other):
    # Two gateways with locks of their own, as in two processes.
    doors = [gateway_of(other.port, unit_of_work_of(spare_app)) for _ in range(2)]
    other.delay = 0.05
    start = threading.Barrier(8)

    def ask(number):
        start.wait()
        return doors[number % 2].check_text(WORDS)

    with ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(ask, range(8)))) == 8
    assert tokens_asked(other) == [False]


def test_a_crowd_whose_token_is_refused_fetches_one_more(spare_app, other):
    doors = [gateway_of(other.port, unit_of_work_of(spare_app)) for _ in range(2)]
    doors[0].check_text(WORDS)
    stale, other.token = other.token, "secret-token-2"
    start = threading.Barrier(8)

    def renew(number):
        start.wait()
        until = gateway.monotonic() + 5
        return doors[number % 2]._tokens.other_than(stale, until=until)  # noqa: SLF001

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(renew, range(8))) == {"secret-token-2"}
    assert tokens_asked(other) == [False, False]


def test_who_waits_too_long_for_the_token_goes(spare_app, other, monkeypatch):
    monkeypatch.setattr(gateway, "ALL_SECONDS", 0.3)
    opened = unit_of_work_of(spare_app)
    door = gateway_of(other.port, opened)

    with opened() as holder:
        locks.hold(holder, f"wechat token {APPID}")
        with pytest.raises(errors.Unreached, match="no time left"):
            door.check_text(WORDS)

    assert other.heard == []


def test_who_waits_too_long_for_the_database_goes(spare_app, other, monkeypatch):
    monkeypatch.setattr(gateway, "ALL_SECONDS", 0.3)
    opened = unit_of_work_of(spare_app)
    door = gateway_of(other.port, opened)

    with opened() as holder:
        holder.execute(text("LOCK TABLE wechat_token"))
        with pytest.raises(errors.Unreached, match="no time left"):
            door.check_text(WORDS)

    assert other.heard == []


def test_who_gets_no_connection_to_the_database_goes(other):
    @contextmanager
    def none_left():
        raise PoolTimeout
        yield

    with pytest.raises(errors.Unreached, match="no time left"):
        gateway_of(other.port, none_left).check_text(WORDS)


def test_a_thread_that_waits_too_long_goes(spare_app, other, monkeypatch):
    monkeypatch.setattr(gateway, "ALL_SECONDS", 0.3)
    opened = unit_of_work_of(spare_app)
    door = gateway_of(other.port, opened)

    held = door._tokens._alone(gateway.monotonic() + 1)  # noqa: SLF001
    with held, pytest.raises(errors.Unreached, match="no time left"):
        door.check_text(WORDS)
