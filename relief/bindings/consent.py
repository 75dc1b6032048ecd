"""Agreeing to the privacy policy, and taking it back."""

import uuid
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from relief.audit import service as audit
from relief.bindings import policy, standing
from relief.bindings.errors import PolicyOutdated
from relief.bindings.models import MiniAccount, MiniConsent
from relief.core.clock import local_date
from relief.core.ids import new_id


def agree(session: Session, *, account_id: uuid.UUID, version: int, now: datetime) -> int:
    """Note that an account agrees to the version that holds today; return it.

    Agreeing again changes nothing. Raises PolicyOutdated for another version: what was read is
    not what holds.
    """
    standing.hold(session, account_id=account_id)
    wanted = policy.current(local_date(now)).version
    if version != wanted:
        raise PolicyOutdated
    made = session.scalar(
        insert(MiniConsent)
        .values(id=new_id(now), account_id=account_id, version=version, agreed_at=now)
        .on_conflict_do_nothing()
        .returning(MiniConsent.id)
    )
    if made is not None:
        _record(session, "mini_account:agreed", account_id, now, version=version)
    return version


def withdraw(session: Session, *, account_id: uuid.UUID, now: datetime) -> None:
    """Take back what an account agreed to, whatever the version; again, nothing changes.

    From now on the mini program does nothing for it but signing in, agreeing, unbinding and signing
    out, and WeChat's key of it is forgotten.
    """
    standing.hold(session, account_id=account_id)
    taken = session.scalars(
        update(MiniConsent)
        .where(MiniConsent.account_id == account_id, MiniConsent.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
        .returning(MiniConsent.version)
    ).all()
    if taken:
        session.execute(
            update(MiniAccount).where(MiniAccount.id == account_id).values(session_key=None)
        )
        _record(session, "mini_account:consent_withdrawn", account_id, now, versions=sorted(taken))


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
