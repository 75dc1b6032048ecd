"""How often an account may try to bind itself: who guesses codes or numbers is stopped."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from relief.accounts import throttle
from relief.audit import service as audit
from relief.bindings.rules import rules_on


def count(session: Session, *, account_id: uuid.UUID, now: datetime) -> datetime | None:
    """Count a try, and return until when the account is blocked, if it is.

    To be committed before anything is looked at, so that parallel tries cannot outrun it. The trail
    tells when a block begins, and not each try within it.
    """
    rules = rules_on(session, now=now)
    blocked_until = throttle.count_attempt(
        session,
        _key(account_id),
        most=rules.bind_tries,
        now=now,
        window=rules.window,
        blocked_for=rules.blocked_for,
    )
    if blocked_until == now + rules.blocked_for:
        _record(session, "mini_account:bind_blocked", account_id, now)
    return blocked_until


def give_back(session: Session, *, account_id: uuid.UUID) -> None:
    """Take back a try that told nothing, because WeChat gave no answer."""
    throttle.give_back(session, _key(account_id))


def note_failure(session: Session, *, account_id: uuid.UUID, why: str, now: datetime) -> None:
    """Note in the trail that a try failed. `why`: the code of the error."""
    _record(session, "mini_account:bind_failed", account_id, now, why=why)


def forgive(session: Session, *, account_id: uuid.UUID) -> None:
    """Forget the tries before a success."""
    throttle.forgive(session, _key(account_id))


def _key(account_id: uuid.UUID) -> str:
    return f"mini-bind:{account_id}"


def _record(
    session: Session, action: str, account_id: uuid.UUID, now: datetime, **details: object
) -> None:
    audit.record(
        session,
        action,
        subject_type="mini_account",
        subject_id=account_id,
        actor_id=account_id,
        now=now,
        details=details,
    )
