import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from relief.accounts import identity, passwords, service, sign_in
from relief.accounts.models import Account, SignInAttempt, StaffSession
from relief.accounts.passwords import matches
from relief.accounts.queries import open_sessions
from relief.accounts.types import Role
from relief.audit.models import AuditEvent
from relief.core.db import db, unit_of_work
from tests.support.people import PASSWORD
from tests.support.settings import CIPHER

POLICY = identity.POLICY


@pytest.fixture
def attempt(session, clock):
    def make(username="alice", password=PASSWORD, *, address="10.0.0.1", **more):
        result = sign_in.sign_in(
            session,
            username=username,
            password=password,
            kind=sign_in.BEARER,
            address=address,
            user_agent="tests",
            cipher=CIPHER,
            now=clock(),
            **more,
        )
        session.flush()
        return result

    return make


def who(session, token, clock, kind=sign_in.BEARER):
    return identity.look_up(session, token, kind=kind, now=clock())


def test_a_token_opens_the_session_of_its_account(session, attempt, alice, clock):
    actor = who(session, attempt().token, clock)

    assert (actor.id, actor.roles) == (alice.id, {Role.REVIEWER})
    assert actor.department_name == "民政局"


def test_only_a_digest_of_the_token_is_stored(session, attempt):
    token = attempt().token

    stored = session.scalars(select(StaffSession.token_hash)).all()

    assert identity.token_hash(token) in [bytes(row) for row in stored]
    assert len(token) >= 43  # 256 bits


def test_a_bearer_token_is_no_cookie(session, attempt, clock):
    assert who(session, attempt().token, clock, kind=sign_in.COOKIE) is None


def test_the_name_counts_without_case_and_spaces(attempt):
    assert attempt(" Alice ").token


@pytest.mark.parametrize(
    ("username", "password"), [("alice", "wrong"), ("nobody", PASSWORD), ("", "")]
)
def test_wrong_and_unknown_look_the_same(attempt, username, password):
    assert attempt(username, password) == sign_in.SignIn()


def test_an_unknown_name_costs_as_much_work_as_a_wrong_password(monkeypatch):
    verified = []
    real = passwords.HASHER

    class Counting:
        def verify(self, stored, password):
            verified.append(stored)
            return real.verify(stored, password)

    monkeypatch.setattr(passwords, "HASHER", Counting())

    assert not matches("password", None)
    assert not matches("password", passwords.NOBODYS)
    assert not matches("no account has this password", None)
    assert verified == [passwords.NOBODYS] * 3


def test_passwords_are_argon2id_of_at_least_19_mebibytes(session, alice):
    stored = session.get(Account, alice.id).password_hash

    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_disabled_account_does_not_sign_in(session, attempt, alice, security_admin, clock):
    token = attempt().token
    service.disable(session, account_id=alice.id, actor_id=security_admin.id, now=clock())

    assert attempt() == sign_in.SignIn()
    assert who(session, token, clock) is None


def test_five_failures_block_the_name_from_that_address_for_ten_minutes(attempt, clock):
    for _ in range(5):
        assert attempt(password="wrong").blocked_until is None

    assert attempt().blocked_until == clock() + POLICY.blocked_for
    clock.advance(minutes=10)
    assert attempt().token


def test_a_block_does_not_lock_the_owner_out_elsewhere(attempt):
    for _ in range(6):
        attempt(password="wrong")

    assert attempt(address="10.0.0.2").token


def test_an_unknown_name_is_blocked_like_a_known_one(attempt):
    for _ in range(5):
        attempt("nobody", "wrong")

    assert attempt("nobody", "wrong").blocked_until is not None


def test_a_success_forgives_the_failures_before_it(session, attempt):
    for _ in range(4):
        attempt(password="wrong")
    attempt()

    assert session.scalar(select(func.count()).select_from(SignInAttempt)) == 1
    assert session.scalars(select(SignInAttempt.failures)).one() == 4  # the address's


def test_failures_with_many_names_block_the_address(attempt):
    policy = identity.SessionPolicy(address_failures=3)
    for number in range(3):
        assert attempt(f"name-{number}", "wrong", policy=policy) == sign_in.SignIn()

    assert attempt(policy=policy).blocked_until is not None
    assert attempt(address="10.0.0.2", policy=policy).token


def test_successes_do_not_count_against_the_address(attempt):
    policy = identity.SessionPolicy(address_failures=1)

    assert attempt(policy=policy).token
    assert attempt(policy=policy).token


def test_failures_of_an_hour_ago_do_not_count(attempt, clock):
    for _ in range(5):
        attempt(password="wrong")
    clock.advance(hours=1)

    assert attempt(password="wrong").blocked_until is None


def test_signing_in_ends_the_session_it_replaces(session, attempt, clock):
    old = attempt().token
    new = attempt(replaces=old).token

    assert who(session, old, clock) is None
    assert who(session, new, clock) is not None


def test_a_session_ends_after_fifteen_idle_minutes(session, attempt, clock):
    token = attempt().token

    clock.advance(minutes=14, seconds=59)
    assert who(session, token, clock) is not None
    clock.advance(minutes=14, seconds=59)
    assert who(session, token, clock) is not None
    clock.advance(minutes=15)
    assert who(session, token, clock) is None


def test_a_session_ends_after_twelve_hours_however_busy(session, attempt, clock):
    token = attempt().token

    for _ in range(71):
        clock.advance(minutes=10)
        assert who(session, token, clock) is not None
    clock.advance(minutes=10)
    assert who(session, token, clock) is None


def test_who_asks_is_one_query_and_the_touch_one_a_minute(session, attempt, clock, assert_queries):
    token = attempt().token
    session.expunge_all()

    with assert_queries(1):
        who(session, token, clock)
    clock.advance(minutes=1)
    with assert_queries(2):
        who(session, token, clock)
    with assert_queries(1):
        who(session, token, clock)


def test_a_role_taken_back_counts_at_once(session, attempt, alice, security_admin, clock):
    token = attempt().token
    service.revoke_role(
        session,
        account_id=alice.id,
        role=Role.REVIEWER,
        actor_id=security_admin.id,
        now=clock(),
    )

    assert who(session, token, clock) is None
    again = who(session, attempt().token, clock)
    assert again.roles == frozenset()
    assert again.scope == identity.NO_SCOPE


def test_a_role_that_was_not_there_ends_no_session(session, attempt, alice, security_admin, clock):
    token = attempt().token
    service.revoke_role(
        session, account_id=alice.id, role=Role.CLERK, actor_id=security_admin.id, now=clock()
    )

    assert who(session, token, clock) is not None


def test_a_new_password_ends_every_session(session, attempt, alice, clock):
    token = attempt().token
    service.set_password(
        session, account_id=alice.id, password="Another long one 3", actor_id=None, now=clock()
    )

    assert who(session, token, clock) is None
    assert attempt(password="Another long one 3").token


def test_the_open_sessions_are_listed_with_the_present_one(session, attempt, alice, clock):
    attempt()
    clock.advance(minutes=1)
    token = attempt().token

    rows = open_sessions(
        session, account_id=alice.id, current=identity.token_hash(token), now=clock()
    )

    assert [row.current for row in rows] == [True, False]


def test_old_sessions_and_counts_are_purged(session, attempt, clock):
    attempt()
    attempt(password="wrong")

    assert sign_in.purge_sessions(session, now=clock.advance(days=29)) == 0
    purged = sign_in.purge_sessions(session, now=clock() + timedelta(days=2) + POLICY.absolute)

    assert purged == 1
    assert session.scalar(select(func.count()).select_from(SignInAttempt)) == 0


def test_attempts_are_recorded_without_the_name_that_was_typed(session, attempt, alice):
    attempt()
    attempt(password="wrong")
    attempt("my password in the wrong box", "wrong")

    events = session.scalars(
        select(AuditEvent).where(AuditEvent.action.in_(
            ["account:signed_in", "account:sign_in_failed"]
        )).order_by(AuditEvent.id)
    ).all()  # fmt: skip
    assert {(event.action, event.subject_id.int > 0, event.actor_id) for event in events} == {
        ("account:signed_in", True, alice.id),
        ("account:sign_in_failed", True, None),
        ("account:sign_in_failed", False, None),
    }
    assert all(event.details == {"address": "10.0.0.1"} for event in events)


def test_parallel_guesses_do_not_outrun_the_count(spare_app, clock):
    start = threading.Barrier(8)
    refused = []

    def guess():
        with spare_app.app_context():
            start.wait()
            with unit_of_work() as own:
                result = sign_in.sign_in(
                    own,
                    username="alice",
                    password="wrong",
                    kind=sign_in.BEARER,
                    address="10.0.0.1",
                    user_agent="tests",
                    cipher=CIPHER,
                    now=clock(),
                )
            refused.append(result.blocked_until is not None)
            db.session.remove()

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(refused) == [False] * 5 + [True] * 3
