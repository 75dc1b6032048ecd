"""Signing in and out: opaque tokens, throttling, and the end of sessions."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from relief.accounts import second_factor, throttle
from relief.accounts.errors import SessionNotFound
from relief.accounts.identity import POLICY, SessionPolicy, token_hash
from relief.accounts.models import Account, SignInAttempt, StaffSession
from relief.accounts.passwords import matches
from relief.accounts.second_factor import CodeCheck
from relief.audit import service as audit
from relief.core.ids import new_id
from relief.core.privacy.cipher import Cipher

TOKEN_BYTES = 32
COOKIE, BEARER = "cookie", "bearer"


@dataclass(frozen=True, slots=True)
class SignIn:
    """What came of an attempt: a token; or none, with `blocked_until` when there were too many.

    `needs_code`: the password was right, and a program must send the code along with it.
    It is returned and not raised, because the count of failures must be committed.
    """

    token: str | None = None
    account_id: uuid.UUID | None = None
    expires_at: datetime | None = None
    blocked_until: datetime | None = None
    needs_code: bool = False


def sign_in(
    session: Session,
    *,
    username: str,
    password: str,
    kind: str,
    address: str,
    user_agent: str,
    cipher: Cipher,
    now: datetime,
    code: str | None = None,
    replaces: str | None = None,
    policy: SessionPolicy = POLICY,
) -> SignIn:
    """Open a session under a new token, and end the one it `replaces`.

    An unknown name, a disabled account and a wrong password look the same and take as long.
    A try of one name from one address is counted before the password is looked at, under a lock
    on the count's row, so that parallel guesses cannot outrun it. A block holds for that pair:
    nobody can lock a colleague out from elsewhere. An address is blocked only after failures
    with many names, and is counted afterwards: its other users do not wait for each other.

    That an account has a second factor is told only to who knows its password. A browser's
    session is then opened without it and leads to the page for the code; a program sends the
    code with the password.
    """
    name = username.strip().lower()
    pair_key = f"pair:{throttle.digest(f'{name}|{address}')}"
    address_key = f"address:{throttle.digest(address)}"
    count = partial(
        throttle.count_attempt,
        session,
        now=now,
        window=policy.window,
        blocked_for=policy.blocked_for,
    )
    blocked_until = throttle.blocked(session, address_key, now=now) or count(
        pair_key, most=policy.failures
    )
    if blocked_until is not None:
        return SignIn(blocked_until=blocked_until)
    account = session.scalars(select(Account).where(Account.username == name)).one_or_none()
    usable = account is not None and account.disabled_at is None
    right = matches(password, account.password_hash if account and usable else None)
    if account is None or not right:
        count(address_key, most=policy.address_failures - 1)
        _record(session, "account:sign_in_failed", account, address=address, now=now)
        return SignIn()
    enrolled = second_factor.has_one(session, account_id=account.id)
    if enrolled and kind == BEARER:
        if not code:
            return SignIn(needs_code=True)
        checked = second_factor.check(
            session, account_id=account.id, code=code, cipher=cipher, now=now
        )
        if not checked.right:
            count(address_key, most=policy.address_failures - 1)
            _record(session, "account:sign_in_failed", account, address=address, now=now)
            return SignIn(blocked_until=checked.blocked_until)
    throttle.forgive(session, pair_key)
    if replaces:
        end_session(session, token_hash(replaces), now=now)
    _record(session, "account:signed_in", account, address=address, now=now)
    opened = StaffSession(
        account_id=account.id,
        kind=kind,
        created_at=now,
        expires_at=now + policy.absolute,
        address=address[:64],
        user_agent=user_agent[:200],
        second_factor=enrolled and kind == BEARER,
        # Just now; but where there is a second factor, a password alone confirms nothing.
        confirmed_at=None if enrolled and kind != BEARER else now,
    )
    return _open(session, opened, now)


def give_code(
    session: Session, *, session_hash: bytes, code: str, cipher: Cipher, now: datetime
) -> SignIn:
    """Bring a browser's session to its second factor, under a new token; the old one ends.

    With a wrong code there is no token.
    """
    old = session.scalars(
        select(StaffSession)
        .where(StaffSession.token_hash == session_hash, StaffSession.ended_at.is_(None))
        .with_for_update()
    ).one_or_none()
    if old is None or old.second_factor:
        return SignIn()
    checked = second_factor.check(
        session, account_id=old.account_id, code=code, cipher=cipher, now=now
    )
    if not checked.right:
        return SignIn(blocked_until=checked.blocked_until)
    old.ended_at = now
    opened = StaffSession(
        account_id=old.account_id,
        kind=old.kind,
        created_at=old.created_at,
        expires_at=old.expires_at,
        address=old.address,
        user_agent=old.user_agent,
        second_factor=True,
        confirmed_at=now,
    )
    audit.record(
        session,
        "account:code_given",
        subject_type="account",
        subject_id=old.account_id,
        actor_id=old.account_id,
        now=now,
    )
    return _open(session, opened, now)


def step_up(
    session: Session,
    *,
    account_id: uuid.UUID,
    session_hash: bytes,
    proof: str,
    cipher: Cipher,
    now: datetime,
    policy: SessionPolicy = POLICY,
) -> CodeCheck:
    """Let a session's holder prove again who they are: by a code, or by the password.

    The password serves only accounts without a second factor. Tries are counted either way.
    """
    by_code = second_factor.has_one(session, account_id=account_id)
    if by_code:
        checked = second_factor.check(
            session, account_id=account_id, code=proof, cipher=cipher, now=now
        )
    else:
        checked = check_password(session, account_id, proof, now=now, policy=policy)
    if checked.right:
        second_factor.mark_confirmed(session, session_hash, by_code=by_code, now=now)
    audit.record(
        session,
        "account:stepped_up" if checked.right else "account:step_up_failed",
        subject_type="account",
        subject_id=account_id,
        actor_id=account_id,
        now=now,
    )
    return checked


def check_password(
    session: Session,
    account_id: uuid.UUID,
    password: str,
    *,
    now: datetime,
    policy: SessionPolicy = POLICY,
) -> CodeCheck:
    """Compare a password that is asked for again. The count is of the account: it has signed in."""
    key = f"again:{account_id}"
    blocked_until = throttle.count_attempt(
        session,
        key,
        most=policy.failures,
        now=now,
        window=policy.window,
        blocked_for=policy.blocked_for,
    )
    if blocked_until is not None:
        return CodeCheck(right=False, blocked_until=blocked_until)
    stored = session.scalar(select(Account.password_hash).where(Account.id == account_id))
    if not matches(password, stored):
        return CodeCheck(right=False)
    throttle.forgive(session, key)
    return CodeCheck(right=True)


def _open(session: Session, opened: StaffSession, now: datetime) -> SignIn:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    opened.token_hash, opened.id, opened.last_seen_at = token_hash(token), new_id(now), now
    session.add(opened)
    return SignIn(token=token, account_id=opened.account_id, expires_at=opened.expires_at)


def sign_out(session: Session, *, session_hash: bytes, actor_id: uuid.UUID, now: datetime) -> None:
    """End the session that asks for it."""
    end_session(session, session_hash, now=now)
    audit.record(
        session,
        "account:signed_out",
        subject_type="account",
        subject_id=actor_id,
        actor_id=actor_id,
        now=now,
    )


def end_session(session: Session, session_hash: bytes, *, now: datetime) -> None:
    """End one session, if it is open."""
    session.execute(
        update(StaffSession)
        .where(StaffSession.token_hash == session_hash, StaffSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def end_all_sessions(
    session: Session, *, account_id: uuid.UUID, now: datetime, but: bytes = b""
) -> None:
    """End every open session of an account, `but` one if it is to go on."""
    session.execute(
        update(StaffSession)
        .where(
            StaffSession.account_id == account_id,
            StaffSession.token_hash != but,
            StaffSession.ended_at.is_(None),
        )
        .values(ended_at=now)
    )


def end_sessions(
    session: Session,
    *,
    account_id: uuid.UUID,
    actor_id: uuid.UUID,
    now: datetime,
    session_id: uuid.UUID | None = None,
    but: bytes = b"",
) -> None:
    """End one open session of an account, or all `but` one; recorded. Raises SessionNotFound."""
    if session_id is None:
        end_all_sessions(session, account_id=account_id, now=now, but=but)
    else:
        ended = session.execute(
            update(StaffSession)
            .where(
                StaffSession.account_id == account_id,
                StaffSession.id == session_id,
                StaffSession.ended_at.is_(None),
            )
            .values(ended_at=now)
            .returning(StaffSession.id)
        ).all()
        if not ended:
            raise SessionNotFound
    audit.record(
        session,
        "account:sessions_ended",
        subject_type="account",
        subject_id=account_id,
        actor_id=actor_id,
        now=now,
        details={"session": str(session_id) if session_id else "all"},
    )


def purge_sessions(session: Session, *, now: datetime, policy: SessionPolicy = POLICY) -> int:
    """Delete sessions that ended or ran out long ago, and stale counts; return how many."""
    before = now - policy.keep_ended
    purged = session.execute(
        delete(StaffSession)
        .where(or_(StaffSession.ended_at < before, StaffSession.expires_at < before))
        .returning(StaffSession.token_hash)
    ).all()
    session.execute(
        delete(SignInAttempt).where(
            SignInAttempt.first_at < now - policy.window,
            or_(SignInAttempt.blocked_until.is_(None), SignInAttempt.blocked_until < now),
        )
    )
    return len(purged)


def _record(
    session: Session, action: str, account: Account | None, *, address: str, now: datetime
) -> None:
    audit.record(
        session,
        action,
        subject_type="account",
        subject_id=account.id if account else audit.NOBODY,
        actor_id=account.id if account and action == "account:signed_in" else None,
        now=now,
        details={"address": address},
    )
