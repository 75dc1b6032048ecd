"""Which passwords are good enough, how long, and what becomes of the sessions."""

from dataclasses import replace
from datetime import timedelta

import pytest

from relief.accounts import identity, service, sign_in
from relief.accounts.errors import WeakPassword
from relief.accounts.models import Account
from relief.accounts.passwords import hint, refuse_weak
from relief.accounts.types import Post, Stage
from relief.core.sign_in_rules import DEFAULT_RULES, NEVER
from tests.support.people import PASSWORD
from tests.support.settings import CIPHER, START


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("Short 1", "长度"),
        ("X1 " * 43, "长度"),
        ("only small letters", "至少 3 类"),
        ("Wang.Fang is at 9", "登录名"),
        ("Password123!", "太常见"),
        ("P@ssw0rd1234", "太常见"),
        ("Anshan@2026!!", "太常见"),
        ("1Qaz2wsx3edC", "太常见"),
        ("Aa1Aa1Aa1Aa1", "太常见"),
    ],
)
def test_a_weak_password_is_refused_with_the_rule_it_breaks(password, words):
    with pytest.raises(WeakPassword) as refused:
        refuse_weak(password, username="wang.fang", rules=DEFAULT_RULES)

    assert words in refused.value.detail
    assert password not in str(refused.value)


@pytest.mark.parametrize("password", [PASSWORD, "秋天的 Mulberry 7 棵", "tR4verse-Kelp-Anvil"])
def test_a_good_password_is_taken(password):
    refuse_weak(password, username="wang.fang", rules=DEFAULT_RULES)


def test_a_name_too_short_to_matter_may_occur():
    refuse_weak(PASSWORD, username="or", rules=DEFAULT_RULES)


def test_an_installation_sets_its_own_rules():
    rules = replace(DEFAULT_RULES, password_length=20, password_classes=1)

    refuse_weak("only small letters but many", username="alice", rules=rules)
    with pytest.raises(WeakPassword, match="20 至 128"):
        refuse_weak(PASSWORD[:15], username="alice", rules=rules)
    assert "20 至 128" in hint(rules)


def change(session, alice, password, **more):
    options = {"session_hash": b"", "now": START}
    service.change_password(session, account_id=alice.id, password=password, **options | more)
    session.flush()


def test_the_last_five_passwords_are_not_taken_again(session, alice):
    later = [START + timedelta(minutes=minute) for minute in range(8)]
    for number in range(2, 6):
        change(session, alice, f"Correct horse battery {number}", now=later[number])

    with pytest.raises(WeakPassword, match="最近 5 个"):
        change(session, alice, PASSWORD, now=later[6])
    with pytest.raises(WeakPassword, match="最近 5 个"):
        change(session, alice, "Correct horse battery 5", now=later[6])
    change(session, alice, "Correct horse battery 6", now=later[6])
    change(session, alice, PASSWORD, now=later[7])


def enter(session, now=START):
    return sign_in.sign_in(
        session,
        username="alice",
        password=PASSWORD,
        kind=sign_in.BEARER,
        address="10.0.0.1",
        user_agent="tests",
        cipher=CIPHER,
        now=now,
    ).token


def stage(session, token, now, rules=DEFAULT_RULES):
    found = identity.look_up(session, token, kind=sign_in.BEARER, now=now, rules=rules)
    return found and found.stage


def test_changing_it_ends_the_other_sessions_and_not_ones_own(session, alice):
    here, there = enter(session), enter(session)

    change(session, alice, "Another long one 3", session_hash=identity.token_hash(here))

    assert stage(session, here, START) is Stage.FULL
    assert stage(session, there, START) is None


@pytest.mark.parametrize(
    ("age", "days", "expected"),
    [
        (timedelta(days=90) - timedelta(seconds=1), 90, Stage.FULL),
        (timedelta(days=90), 90, Stage.PASSWORD),
        (timedelta(days=900), NEVER, Stage.FULL),
    ],
)
def test_a_password_lasts_as_long_as_the_setting_says(session, age, days, expected):
    now = START + age

    token = enter(session, now)

    assert stage(session, token, now, replace(DEFAULT_RULES, password_days=days)) is expected


def test_a_password_that_someone_else_set_must_be_changed(session, alice, system_admin):
    service.set_password(
        session, account_id=alice.id, password="Given to her 123", actor_id=None, now=START
    )
    made = service.create_account(
        session,
        username="newcomer",
        display_name="新同事",
        post=Post.OPERATIONS,
        password=PASSWORD,
        actor_id=system_admin.id,
        now=START,
    )

    assert session.get_one(Account, alice.id).must_change_password
    assert made.must_change_password
    change(session, alice, "Her very own 1234")
    assert not session.get_one(Account, alice.id).must_change_password
