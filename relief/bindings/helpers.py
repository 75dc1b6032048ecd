"""Binding a phone to a helper: a code on the screen of their staff account, good once and soon."""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from relief.audit import service as audit
from relief.bindings import presenting, standing, trying
from relief.bindings.errors import AlreadyBound, HelperAlreadyBound, HelperCodeInvalid
from relief.bindings.models import HelperBinding, HelperCode
from relief.bindings.rules import rules_on
from relief.core.ids import new_id

# None that is taken for another when it is read from a screen and typed.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 10
_STILL_HELPER = text("SELECT staff_id FROM bound_to(:of)")


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A code, told once, and how long it is good."""

    code: str
    expires_at: datetime


def issue(session: Session, *, staff_id: uuid.UUID, now: datetime) -> IssuedCode:
    """Return a new code for a helper; what was issued before is good no more.

    Raises HelperAlreadyBound.
    """
    bound = select(HelperBinding.id).where(
        HelperBinding.staff_id == staff_id, HelperBinding.ended_at.is_(None)
    )
    if session.scalar(bound) is not None:
        raise HelperAlreadyBound
    session.execute(
        update(HelperCode)
        .where(
            HelperCode.staff_id == staff_id,
            HelperCode.used_at.is_(None),
            HelperCode.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )
    code = "".join(secrets.choice(_LETTERS) for _ in range(CODE_LENGTH))
    issued = IssuedCode(code, now + rules_on(session, now=now).helper_code)
    session.add(
        HelperCode(
            id=new_id(now),
            staff_id=staff_id,
            code_hash=_digest(code),
            issued_at=now,
            expires_at=issued.expires_at,
        )
    )
    _record(session, "account:mini_code_issued", staff_id, staff_id, now)
    return issued


def bind(session: Session, *, account_id: uuid.UUID, code: str, now: datetime) -> None:
    """Bind an account to the helper whose code this is.

    Raises HelperCodeInvalid, also if they are a helper no more, AlreadyBound, and
    HelperAlreadyBound, if they bound another phone meanwhile.
    """
    standing.hold(session, account_id=account_id)
    hashed = _digest(code.strip().upper())
    presenting.show(session, [hashed])
    found = session.scalars(
        select(HelperCode).where(HelperCode.code_hash == hashed).with_for_update()
    ).one_or_none()
    if found is None or found.used_at or found.revoked_at or now >= found.expires_at:
        raise HelperCodeInvalid
    if session.scalar(_STILL_HELPER, {"of": account_id}) is None:
        unbind(session, account_id=account_id, now=now)  # of who is a helper no more
    made = session.scalar(
        insert(HelperBinding)
        .values(id=new_id(now), account_id=account_id, staff_id=found.staff_id, bound_at=now)
        .on_conflict_do_nothing()
        .returning(HelperBinding.id)
    )
    if made is None:
        raise AlreadyBound if _is_bound(session, account_id) else HelperAlreadyBound
    if session.scalar(_STILL_HELPER, {"of": account_id}) is None:
        raise HelperCodeInvalid
    found.used_at = now
    trying.forgive(session, account_id=account_id)
    _record(session, "account:mini_bound", found.staff_id, account_id, now)


def unbind(
    session: Session,
    *,
    now: datetime,
    account_id: uuid.UUID | None = None,
    staff_id: uuid.UUID | None = None,
) -> None:
    """End a helper's binding, from the phone or from the console; without one nothing happens."""
    whose = (
        HelperBinding.account_id == account_id
        if account_id is not None
        else HelperBinding.staff_id == staff_id
    )
    ended = session.scalar(
        update(HelperBinding)
        .where(whose, HelperBinding.ended_at.is_(None))
        .values(ended_at=now)
        .returning(HelperBinding.staff_id)
    )
    if ended is not None:
        _record(session, "account:mini_unbound", ended, account_id or ended, now)


def _is_bound(session: Session, account_id: uuid.UUID) -> bool:
    mine = select(HelperBinding.id).where(
        HelperBinding.account_id == account_id, HelperBinding.ended_at.is_(None)
    )
    return session.scalar(mine) is not None


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()


def _record(
    session: Session, action: str, staff_id: uuid.UUID, actor_id: uuid.UUID, now: datetime
) -> None:
    audit.record(
        session,
        action,
        subject_type="account",
        subject_id=staff_id,
        actor_id=actor_id,
        now=now,
    )
