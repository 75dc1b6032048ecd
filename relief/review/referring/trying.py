"""How often an account may look for somebody and find nobody: who tries numbers is stopped."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from relief.accounts import throttle
from relief.audit import service as audit
from relief.core.clock import local_date
from relief.core.errors import DomainError
from relief.schemes import queries as schemes

MISSES = "referral_misses_max"
WINDOW, BLOCK = "referral_misses_window_minutes", "referral_misses_block_minutes"


def count(session: Session, *, account_id: uuid.UUID, now: datetime) -> datetime | None:
    """Count a look, and return until when the account is blocked, if it is.

    To be committed before anything is looked for, so that parallel looks cannot outrun it. The
    trail tells when a block begins. Raises ParameterNotSet.
    """
    today = local_date(now)
    blocked_for = timedelta(minutes=int(schemes.parameter(session, BLOCK, on=today)))
    blocked_until = throttle.count_attempt(
        session,
        _key(account_id),
        most=int(schemes.parameter(session, MISSES, on=today)),
        now=now,
        window=timedelta(minutes=int(schemes.parameter(session, WINDOW, on=today))),
        blocked_for=blocked_for,
    )
    if blocked_until == now + blocked_for:
        audit.record(
            session,
            "account:look_ups_blocked",
            subject_type="account",
            subject_id=account_id,
            actor_id=account_id,
            now=now,
        )
    return blocked_until


def give_back(session: Session, *, account_id: uuid.UUID) -> None:
    """Take back a look that found somebody: only misses count, and none is forgotten by it."""
    throttle.give_back(session, _key(account_id))


@contextmanager
def giving_back(
    opened: Callable[[], AbstractContextManager[Session]], *, account_id: uuid.UUID
) -> Iterator[None]:
    """Take back a look that was refused, and so told nothing of the registry."""
    try:
        yield
    except DomainError:
        with opened() as session:
            give_back(session, account_id=account_id)
        raise


def _key(account_id: uuid.UUID) -> str:
    return f"referral-look:{account_id}"
