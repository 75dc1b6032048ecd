"""Signing in and out: opaque tokens, throttling, and the end of sessions."""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from relief.accounts.identity import POLICY, SessionPolicy, token_hash
from relief.accounts.models import Account, SignInAttempt, StaffSession
from relief.accounts.passwords import matches
from relief.audit import service as audit

TOKEN_BYTES = 32
COOKIE, BEARER = "cookie", "bearer"


@dataclass(frozen=True, slots=True)
class SignIn:
    """What came of an attempt: a token; or none, with `blocked_until` when there were too many.

    It is returned and not raised, because the count of failures must be committed.
    """

    token: str | None = None
    account_id: uuid.UUID | None = None
    expires_at: datetime | None = None
    blocked_until: datetime | None = None


def sign_in(
    session: Session,
    *,
    username: str,
    password: str,
    kind: str,
    address: str,
    user_agent: str,
    now: datetime,
    replaces: str | None = None,
    policy: SessionPolicy = POLICY,
) -> SignIn:
    """Open a session under a new token, and end the one it `replaces`.

    An unknown name, a disabled account and a wrong password look the same and take as long.
    A try of one name from one address is counted before the password is looked at, under a lock
    on the count's row, so that parallel guesses cannot outrun it. A block holds for that pair:
    nobody can lock a colleague out from elsewhere. An address is blocked only after failures
    with many names, and is counted afterwards: its other users do not wait for each other.
    """
    name = username.strip().lower()
    pair_key, address_key = f"pair:{_digest(f'{name}|{address}')}", f"address:{_digest(address)}"
    blocked_until = _blocked(session, address_key, now=now) or _count_attempt(
        session, pair_key, most=policy.failures, now=now, policy=policy
    )
    if blocked_until is not None:
        return SignIn(blocked_until=blocked_until)
    account = session.scalars(select(Account).where(Account.username == name)).one_or_none()
    usable = account is not None and account.disabled_at is None
    right = matches(password, account.password_hash if account and usable else None)
    if account is None or not right:
        _count_attempt(
            session, address_key, most=policy.address_failures - 1, now=now, policy=policy
        )
        _record(session, "account:sign_in_failed", account, address=address, now=now)
        return SignIn()
    session.execute(delete(SignInAttempt).where(SignInAttempt.key == pair_key))
    if replaces:
        end_session(session, token_hash(replaces), now=now)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    expires_at = now + policy.absolute
    session.add(
        StaffSession(
            token_hash=token_hash(token),
            account_id=account.id,
            kind=kind,
            created_at=now,
            last_seen_at=now,
            expires_at=expires_at,
            address=address[:64],
            user_agent=user_agent[:200],
        )
    )
    _record(session, "account:signed_in", account, address=address, now=now)
    return SignIn(token=token, account_id=account.id, expires_at=expires_at)


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


def end_all_sessions(session: Session, *, account_id: uuid.UUID, now: datetime) -> None:
    """End every open session of an account."""
    session.execute(
        update(StaffSession)
        .where(StaffSession.account_id == account_id, StaffSession.ended_at.is_(None))
        .values(ended_at=now)
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


def _blocked(session: Session, key: str, *, now: datetime) -> datetime | None:
    return session.scalar(
        select(SignInAttempt.blocked_until).where(
            SignInAttempt.key == key, SignInAttempt.blocked_until > now
        )
    )


def _count_attempt(
    session: Session, key: str, *, most: int, now: datetime, policy: SessionPolicy
) -> datetime | None:
    """Add one try to a count, and return until when it is blocked, if it is.

    The row stays locked until the transaction ends.
    """
    stale = SignInAttempt.first_at <= now - policy.window
    served = SignInAttempt.blocked_until <= now
    afresh = or_(stale, served)
    statement = insert(SignInAttempt).values(key=key, failures=1, first_at=now)
    attempt = session.execute(
        statement.on_conflict_do_update(
            index_elements=["key"],
            set_={
                "failures": case((afresh, 1), else_=SignInAttempt.failures + 1),
                "first_at": case((afresh, now), else_=SignInAttempt.first_at),
                "blocked_until": case((afresh, None), else_=SignInAttempt.blocked_until),
            },
        ).returning(SignInAttempt.failures, SignInAttempt.blocked_until)
    ).one()
    failures, blocked_until = attempt
    if blocked_until is None and failures > most:
        blocked_until = now + policy.blocked_for
        session.execute(
            update(SignInAttempt)
            .where(SignInAttempt.key == key)
            .values(blocked_until=blocked_until)
        )
    return blocked_until


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


def _digest(text: str) -> str:
    """Return a short fixed form: a name may be long, or a password typed in the wrong box."""
    return hashlib.sha256(text.encode()).hexdigest()[:40]
