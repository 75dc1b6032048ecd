"""Codes count once, also in parallel; a device is set up, lost and replaced."""

import threading

import pyotp
import pytest
from sqlalchemy import select

from relief.accounts import identity, second_factor, sign_in
from relief.accounts.errors import AlreadyEnrolled, NotEnrolling, NothingToReset
from relief.accounts.models import AccountTotp, RecoveryCode
from relief.accounts.types import Role, Stage
from relief.audit.models import AuditEvent
from relief.core.db import db, unit_of_work
from relief.core.privacy.cipher import CannotOpen
from tests.factories import make_account
from tests.support.people import PASSWORD, code_of
from tests.support.settings import CIPHER, START


@pytest.fixture
def check(session, auditor, clock):
    def with_code(code):
        return second_factor.check(
            session, account_id=auditor.id, code=code, cipher=CIPHER, now=clock()
        )

    return with_code


@pytest.fixture
def device(session, alice, clock):
    """The device that Alice sets up."""
    second_factor.begin(session, account_id=alice.id, cipher=CIPHER, now=clock())
    return second_factor.pending(session, account_id=alice.id, cipher=CIPHER)


def enter(session, username, kind=sign_in.BEARER, **more):
    options = {
        "password": PASSWORD,
        "address": "10.0.0.1",
        "user_agent": "tests",
        "cipher": CIPHER,
        "now": START,
    }
    return sign_in.sign_in(session, username=username, kind=kind, **options | more)


def confirm(session, alice, code, now):
    return second_factor.confirm(
        session, account_id=alice.id, code=code, session_hash=b"", cipher=CIPHER, now=now
    )


def test_a_code_counts_once(check, clock):
    code = code_of("auditor", clock())

    assert check(code).right
    assert not check(code).right


@pytest.mark.parametrize(("seconds", "right"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_a_clock_may_be_one_step_fast_or_slow(check, clock, seconds, right):
    shown = code_of("auditor", clock())
    clock.advance(seconds=seconds)

    assert check(shown).right is right


def test_after_a_later_code_no_earlier_one_counts(check, clock):
    earlier = code_of("auditor", clock())
    assert check(code_of("auditor", clock.advance(seconds=30))).right

    assert not check(earlier).right


def test_a_replayed_code_is_refused_in_parallel_too(spare_app, auditor, clock):
    start, right = threading.Barrier(6), []
    code = code_of("auditor", clock())

    def use():
        with spare_app.app_context():
            start.wait()
            with unit_of_work() as own:
                checked = second_factor.check(
                    own, account_id=auditor.id, code=code, cipher=CIPHER, now=clock()
                )
            right.append(checked.right)
            db.session.remove()

    threads = [threading.Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(right) == [False] * 5 + [True]


def test_the_database_and_no_lock_of_ours_refuses_a_used_step(session, auditor, check, clock):
    """Without the count's row nothing serialises two requests but the step itself."""
    used = second_factor._use_step  # noqa: SLF001  # the compare-and-set alone
    step = int(clock().timestamp()) // second_factor.STEP_SECONDS

    assert [used(session, auditor.id, at) for at in (step, step, step - 1, step + 1)] == [
        True,
        False,
        False,
        True,
    ]


def test_wrong_codes_are_borne_ten_times_then_not_even_the_right_one(check, clock):
    for _ in range(10):
        assert check("000000").blocked_until is None

    refused = check(code_of("auditor", clock()))
    assert not refused.right
    assert refused.blocked_until == clock() + second_factor.CODE_POLICY.blocked_for
    clock.advance(minutes=30)
    assert check(code_of("auditor", clock())).right


def test_a_program_must_send_the_code_and_is_told_so_only_with_the_password(session):
    assert enter(session, "auditor") == sign_in.SignIn(needs_code=True)
    assert enter(session, "auditor", password="Wrong password 1") == sign_in.SignIn()
    assert enter(session, "auditor", code="000000") == sign_in.SignIn()
    assert enter(session, "auditor", code=code_of("auditor", START)).token


def test_a_browser_gets_a_session_that_opens_nothing_until_the_code(session):
    opened = enter(session, "auditor", sign_in.COOKIE)
    found = identity.look_up(session, opened.token, kind=sign_in.COOKIE, now=START)
    assert (found.stage, found.fresh(START)) == (Stage.CODE, False)

    wrong = sign_in.give_code(
        session, session_hash=found.session_hash, code="000000", cipher=CIPHER, now=START
    )
    assert wrong == sign_in.SignIn()
    right = sign_in.give_code(
        session,
        session_hash=found.session_hash,
        code=code_of("auditor", START),
        cipher=CIPHER,
        now=START,
    )

    later = identity.look_up(session, right.token, kind=sign_in.COOKIE, now=START)
    assert (later.stage, later.fresh(START)) == (Stage.FULL, True)
    # The token of before the code is dead, and the code does not bring it back.
    assert identity.look_up(session, opened.token, kind=sign_in.COOKIE, now=START) is None
    again = sign_in.give_code(
        session, session_hash=found.session_hash, code="000000", cipher=CIPHER, now=START
    )
    assert again == sign_in.SignIn()


def test_the_key_is_kept_sealed_for_its_account(session, auditor, alice):
    sealed = session.get_one(AccountTotp, auditor.id).sealed

    with pytest.raises(CannotOpen):
        CIPHER.open(sealed, row_id=alice.id)


def test_a_device_is_set_up_by_its_first_code(session, alice, device, clock):
    assert device.uri.startswith("otpauth://totp/")
    second_factor.begin(session, account_id=alice.id, cipher=CIPHER, now=clock())
    assert second_factor.pending(session, account_id=alice.id, cipher=CIPHER) == device
    assert not second_factor.has_one(session, account_id=alice.id)
    code = pyotp.TOTP(device.secret).at(clock())
    wrong = f"{(int(code) + 1) % 10**6:06}"

    assert confirm(session, alice, wrong, clock()) is None
    codes = confirm(session, alice, code, clock())

    assert len(set(codes)) == second_factor.RECOVERY_CODES
    assert second_factor.has_one(session, account_id=alice.id)
    assert second_factor.pending(session, account_id=alice.id, cipher=CIPHER) is None
    with pytest.raises(AlreadyEnrolled):
        confirm(session, alice, code, clock())
    with pytest.raises(AlreadyEnrolled):
        second_factor.begin(session, account_id=alice.id, cipher=CIPHER, now=clock())
    # The code that set it up is used up.
    options = {"account_id": alice.id, "cipher": CIPHER, "now": clock()}
    assert not second_factor.check(session, code=code, **options).right


def test_setting_up_ends_the_other_sessions(session, alice, device, clock):
    other = enter(session, "alice").token
    confirm(session, alice, pyotp.TOTP(device.secret).at(clock()), clock())

    assert identity.look_up(session, other, kind=sign_in.BEARER, now=clock()) is None


def test_without_a_beginning_there_is_nothing_to_confirm(session, alice, clock):
    with pytest.raises(NotEnrolling):
        confirm(session, alice, "000000", clock())


def test_a_recovery_code_counts_once_and_even_after_too_many_wrong_codes(
    session, alice, device, clock
):
    codes = confirm(session, alice, pyotp.TOTP(device.secret).at(clock()), clock())
    options = {"account_id": alice.id, "cipher": CIPHER, "now": clock()}
    for _ in range(11):
        second_factor.check(session, code="000000", **options)

    assert second_factor.check(session, code=codes[0].lower(), **options).right
    assert not second_factor.check(session, code=codes[0], **options).right
    kept = session.scalars(select(RecoveryCode.digest).where(RecoveryCode.account_id == alice.id))
    assert all(codes[0].replace("-", "").encode() not in digest for digest in kept)


def test_a_reset_takes_the_device_and_the_sessions_away(session, auditor, clock):
    token = enter(session, "auditor", code=code_of("auditor", clock())).token
    second_factor.reset(session, account_id=auditor.id, actor_id=None, now=clock())

    assert identity.look_up(session, token, kind=sign_in.BEARER, now=clock()) is None
    anew = enter(session, "auditor").token
    found = identity.look_up(session, anew, kind=sign_in.BEARER, now=clock())
    assert found.stage is Stage.ENROLMENT
    with pytest.raises(NothingToReset):
        second_factor.reset(session, account_id=auditor.id, actor_id=None, now=clock())


def test_only_the_roles_of_the_setting_must_have_one(session):
    clerk = make_account(session, Role.CLERK)

    token = enter(session, clerk.username).token

    assert identity.look_up(session, token, kind=sign_in.BEARER, now=START).stage is Stage.FULL


def test_refused_codes_are_recorded(session, auditor, check):
    check("000000")

    actions = session.scalars(select(AuditEvent.action).where(AuditEvent.subject_id == auditor.id))
    assert "account:code_refused" in actions.all()


def test_a_proof_is_the_code_or_for_want_of_one_the_password(session, alice, auditor, clock):
    hers = identity.token_hash(enter(session, "alice").token)
    his = identity.token_hash(enter(session, "auditor", code=code_of("auditor", clock())).token)
    options = {"cipher": CIPHER, "now": clock.advance(minutes=6)}

    def prove(person, session_hash, proof):
        return sign_in.step_up(
            session, account_id=person.id, session_hash=session_hash, proof=proof, **options
        ).right

    assert not prove(alice, hers, "not the password")
    assert prove(alice, hers, PASSWORD)
    assert not prove(auditor, his, PASSWORD)
    assert prove(auditor, his, code_of("auditor", clock()))


def test_the_password_asked_for_again_is_not_guessed_for_ever(session, alice, clock):
    for _ in range(5):
        assert not sign_in.check_password(session, alice.id, "no", now=clock()).right

    assert sign_in.check_password(session, alice.id, PASSWORD, now=clock()).blocked_until
