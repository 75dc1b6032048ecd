"""Counts of failed tries, and blocks: of names, of addresses and of codes."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import case, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from relief.accounts.models import SignInAttempt


def digest(text: str) -> str:
    """Return a short fixed form: a name may be long, or a password typed in the wrong box."""
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def blocked(session: Session, key: str, *, now: datetime) -> datetime | None:
    """Return until when a key is blocked, if it is."""
    return session.scalar(
        select(SignInAttempt.blocked_until).where(
            SignInAttempt.key == key, SignInAttempt.blocked_until > now
        )
    )


def count_attempt(
    session: Session,
    key: str,
    *,
    most: int,
    now: datetime,
    window: timedelta,
    blocked_for: timedelta,
) -> datetime | None:
    """Add one try to a count, and return until when it is blocked, if it is.

    The row stays locked until the transaction ends.
    """
    stale = SignInAttempt.first_at <= now - window
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
        blocked_until = now + blocked_for
        session.execute(
            update(SignInAttempt)
            .where(SignInAttempt.key == key)
            .values(blocked_until=blocked_until)
        )
    return blocked_until


def give_back(session: Session, key: str) -> None:
    """Take one try off a count: it came to nothing for a reason that was not the caller's."""
    session.execute(
        update(SignInAttempt)
        .where(SignInAttempt.key == key, SignInAttempt.failures > 0)
        .values(failures=SignInAttempt.failures - 1)
    )


def forgive(session: Session, key: str) -> None:
    """Forget the failures before a success."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.key == key))
