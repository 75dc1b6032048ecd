"""Signing in and out of the mini program: opaque tokens of which only a digest is kept."""

import enum
import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Uuid, delete, func, or_, select, text, update
from sqlalchemy.orm import Session

from relief.accounts import throttle
from relief.audit import service as audit
from relief.bindings import openids, presenting, standing
from relief.bindings.actors import CREATED
from relief.bindings.holding import session_key_bound
from relief.bindings.models import MiniAccount, MiniConsent, MiniSession
from relief.bindings.rules import rules_on
from relief.bindings.types import MiniRole
from relief.core.ids import new_id
from relief.core.privacy.cipher import Cipher

TOKEN_BYTES = 32
LONGEST_TOKEN = 200
# A use is written down this often at most: the one write that a GET may cause.
TOUCH_EVERY = timedelta(hours=1)
KEEP_ENDED = timedelta(days=30)
# The mini program's database account reads no person and no staff: the database tells it this much.
_BOUND = text("SELECT person_id, household_id, staff_id FROM bound_to(:of)").columns(
    person_id=Uuid, household_id=Uuid, staff_id=Uuid
)
_AGREED = (
    select(func.max(MiniConsent.version))
    .where(MiniConsent.account_id == MiniSession.account_id, MiniConsent.withdrawn_at.is_(None))
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that was opened. The token is told once and kept nowhere."""

    token: str = field(repr=False)
    account_id: uuid.UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a household, by whom it is bound."""

    person_id: uuid.UUID
    household_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf a request of the mini program acts.

    `agreed`: the version of the privacy policy that was agreed to last, 0 for none. `member`: whose
    telephone was bound, if that person is in a household. `staff_id`: the helper's
    staff account, if it is in use and has that role.
    """

    account_id: uuid.UUID
    session_id: uuid.UUID
    token_hash: bytes
    expires_at: datetime
    agreed: int
    member: "Member | None" = None
    staff_id: uuid.UUID | None = None

    @property
    def roles(self) -> frozenset[MiniRole]:
        """Return what the account may be now."""
        held = ((MiniRole.HOUSEHOLD, self.member), (MiniRole.HELPER, self.staff_id))
        return frozenset(role for role, of in held if of is not None)


class Unknown(enum.Enum):
    """Why a token stands for nobody."""

    NEVER = "never"  # was none of ours, or its session was ended
    EXPIRED = "expired"


def token_hash(token: str) -> bytes:
    """Return the only form in which a token is stored."""
    return hashlib.sha256(token.encode()).digest()


def blocked(session: Session, *, address: str, now: datetime) -> datetime | None:
    """Return until when an address may not sign in, if it may not."""
    return throttle.blocked(session, _key(address), now=now)


def count_failure(session: Session, *, address: str, now: datetime) -> None:
    """Count a code that WeChat did not take. To be committed though the sign-in failed."""
    rules = rules_on(session, now=now)
    throttle.count_attempt(
        session,
        _key(address),
        most=rules.sign_in_failures - 1,
        now=now,
        window=rules.window,
        blocked_for=rules.blocked_for,
    )
    audit.record(
        session,
        "mini_account:sign_in_failed",
        subject_type="mini_account",
        subject_id=audit.NOBODY,
        actor_id=None,
        now=now,
        details={"address": address},
    )


def sign_in(
    session: Session, *, openid: str, session_key: str, cipher: Cipher, now: datetime
) -> Opened:
    """Open a session for the account of an openid, which is made when it is new.

    The session key takes the place of the one of the last sign-in, which WeChat has ended, unless
    this one began before it.
    """
    rules = rules_on(session, now=now)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    hashed = token_hash(token)
    account, is_new = openids.account_of(
        session, openid=openid, cipher=cipher, now=now, also=[hashed]
    )
    if is_new or now >= account.signed_in_at:  # an older one that came late is not the newest
        account.session_key = cipher.seal_bytes(
            session_key.encode(), associated=session_key_bound(account.id)
        )
        account.signed_in_at = now
    if is_new:
        _record(session, CREATED, account.id, now)
    session.add(
        MiniSession(
            id=new_id(now),
            token_hash=hashed,
            account_id=account.id,
            created_at=now,
            last_seen_at=now,
            idle_until=now + rules.idle,
            expires_at=now + rules.session,
        )
    )
    _record(session, "mini_account:signed_in", account.id, now)
    return Opened(token, account.id, now + rules.session)


def look_up(session: Session, token: str, *, now: datetime) -> Caller | Unknown:
    """Return whose token this is and what they are bound to, and note its use now and then."""
    if not 0 < len(token) <= LONGEST_TOKEN:
        return Unknown.NEVER
    hashed = token_hash(token)
    presenting.show(session, [hashed])
    row = session.execute(
        select(MiniSession, _AGREED).where(MiniSession.token_hash == hashed)
    ).one_or_none()
    if row is None or row[0].ended_at is not None:
        return Unknown.NEVER
    found, agreed = row
    if now >= min(found.expires_at, found.idle_until):
        return Unknown.EXPIRED
    if found.last_seen_at <= now - TOUCH_EVERY:
        found.last_seen_at, found.idle_until = now, now + rules_on(session, now=now).idle
    presenting.become(session, found.account_id)
    person_id, household_id, staff_id = session.execute(_BOUND, {"of": found.account_id}).one()
    return Caller(
        account_id=found.account_id,
        session_id=found.id,
        token_hash=hashed,
        expires_at=found.expires_at,
        agreed=agreed or 0,
        member=Member(person_id, household_id) if household_id else None,
        staff_id=staff_id,
    )


def sign_out(session: Session, *, caller: Caller, now: datetime) -> None:
    """End the session that asks for it."""
    _end(session, caller.account_id, now, only=[caller.session_id])
    _record(session, "mini_account:signed_out", caller.account_id, now)


def sign_out_everywhere(
    session: Session, *, account_id: uuid.UUID, actor_id: uuid.UUID | None, now: datetime
) -> None:
    """End every session of an account, and forget WeChat's key of it."""
    _end(session, account_id, now)
    session.execute(
        update(MiniAccount).where(MiniAccount.id == account_id).values(session_key=None)
    )
    audit.record(
        session,
        "mini_account:sessions_ended",
        subject_type="mini_account",
        subject_id=account_id,
        actor_id=actor_id,
        now=now,
    )


def purge_sessions(session: Session, *, now: datetime) -> int:
    """Delete sessions that ended or ran out long ago; return how many."""
    before = now - KEEP_ENDED
    gone = (
        delete(MiniSession)
        .where(or_(MiniSession.ended_at < before, MiniSession.expires_at < before))
        .returning(MiniSession.id)
    )
    return len(session.scalars(gone).all())


def _end(
    session: Session, account_id: uuid.UUID, now: datetime, *, only: Sequence[uuid.UUID] = ()
) -> None:
    standing.hold(session, account_id=account_id)
    ending = update(MiniSession).where(
        MiniSession.account_id == account_id, MiniSession.ended_at.is_(None)
    )
    if only:
        ending = ending.where(MiniSession.id.in_(only))
    session.execute(ending.values(ended_at=now))


def _key(address: str) -> str:
    return f"mini-address:{throttle.digest(address)}"


def _record(session: Session, action: str, account_id: uuid.UUID, now: datetime) -> None:
    audit.record(
        session,
        action,
        subject_type="mini_account",
        subject_id=account_id,
        actor_id=account_id,
        now=now,
    )
