"""The second factor: codes of thirty seconds (TOTP), each good once, and recovery codes."""

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from relief.accounts import throttle, trail
from relief.accounts.errors import AlreadyEnrolled, NotEnrolling, NothingToReset
from relief.accounts.models import Account, AccountTotp, RecoveryCode, StaffSession
from relief.core.db import bigint
from relief.core.privacy.cipher import Cipher

STEP_SECONDS = 30
DRIFT = 1  # steps that a device's clock may be fast or slow
RECOVERY_CODES = 10
ISSUER = "城乡困难户帮扶平台"
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without what is read as something else
_RECOVERY_LENGTH = 16  # of 32 letters: 80 bits, so that a plain digest does


@dataclass(frozen=True, slots=True)
class CodePolicy:
    """How many wrong codes an account bears. Only who knows the password gets this far.

    A recovery code is accepted even then: nobody who learnt a password can lock its owner out.
    """

    failures: int = 10
    window: timedelta = timedelta(hours=1)
    blocked_for: timedelta = timedelta(minutes=30)


CODE_POLICY = CodePolicy()


@dataclass(frozen=True, slots=True)
class CodeCheck:
    """What came of a code. Returned and not raised: the count of failures must be committed."""

    right: bool
    blocked_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The key that a device is to learn, as text and as the address in the QR code."""

    secret: str
    uri: str


def begin(session: Session, *, account_id: uuid.UUID, cipher: Cipher, now: datetime) -> None:
    """Make a key for an account's device; it counts once a first code has been given.

    Repeated before that, the same key stays. Raises AlreadyEnrolled.
    """
    sealed = cipher.seal(pyotp.random_base32(), row_id=account_id)
    session.execute(
        insert(AccountTotp)
        .values(account_id=account_id, sealed=sealed, begun_at=now)
        .on_conflict_do_nothing(index_elements=["account_id"])
    )
    if _row(session, account_id).confirmed_at is not None:
        raise AlreadyEnrolled
    trail.record(session, "account:totp_begun", account_id, account_id, now)


def pending(session: Session, *, account_id: uuid.UUID, cipher: Cipher) -> Enrolment | None:
    """Return the key that waits for its first code, if one does."""
    found = session.execute(
        select(AccountTotp.sealed, Account.username)
        .join(Account, Account.id == AccountTotp.account_id)
        .where(AccountTotp.account_id == account_id, AccountTotp.confirmed_at.is_(None))
    ).one_or_none()
    if found is None:
        return None
    secret = cipher.open(found.sealed, row_id=account_id)
    return Enrolment(
        secret, pyotp.TOTP(secret).provisioning_uri(name=found.username, issuer_name=ISSUER)
    )


def confirm(
    session: Session,
    *,
    account_id: uuid.UUID,
    code: str,
    session_hash: bytes,
    cipher: Cipher,
    now: datetime,
) -> Sequence[str] | None:
    """Take the first code; return the recovery codes, told this once, or None if it is wrong.

    The session that asks goes on, with its second factor; every other one ends.
    Raises NotEnrolling, AlreadyEnrolled.
    """
    row = session.scalar(
        select(AccountTotp).where(AccountTotp.account_id == account_id).with_for_update()
    )
    if row is None:
        raise NotEnrolling
    if row.confirmed_at is not None:
        raise AlreadyEnrolled
    step = _matching_step(cipher.open(row.sealed, row_id=account_id), code, now)
    if step is None:
        return None
    row.confirmed_at, row.last_step = now, bigint(step)
    codes = _new_recovery_codes(session, account_id)
    _end_others(session, account_id, session_hash, now)
    mark_confirmed(session, session_hash, by_code=True, now=now)
    trail.record(session, "account:totp_enrolled", account_id, account_id, now)
    return codes


def enrol(
    session: Session, *, account_id: uuid.UUID, secret: str, cipher: Cipher, now: datetime
) -> None:
    """Set up an account's key without a device: for sample accounts, whose codes are told."""
    session.add(
        AccountTotp(
            account_id=account_id,
            sealed=cipher.seal(secret, row_id=account_id),
            begun_at=now,
            confirmed_at=now,
        )
    )
    session.flush()


def has_one(session: Session, *, account_id: uuid.UUID) -> bool:
    """Tell whether an account has a second factor that counts."""
    return bool(
        session.scalar(
            select(func.count())
            .select_from(AccountTotp)
            .where(AccountTotp.account_id == account_id, AccountTotp.confirmed_at.is_not(None))
        )
    )


def check(
    session: Session,
    *,
    account_id: uuid.UUID,
    code: str,
    cipher: Cipher,
    now: datetime,
    policy: CodePolicy = CODE_POLICY,
) -> CodeCheck:
    """Use up a code of the device or a recovery code, and tell whether it was right.

    Steps: (1) a recovery code is used if it is an unused one; (2) the try is counted, under a
    lock on the count; (3) the code is compared with this step's and its neighbours'; (4) its step
    is compared-and-set in the database, so that of two requests with one code one is refused.
    """
    code = "".join(code.split()).upper()
    if _use_recovery_code(session, account_id, code.replace("-", ""), now):
        trail.record(session, "account:recovery_code_used", account_id, account_id, now)
        return CodeCheck(right=True)
    key = f"code:{account_id}"
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
    row = session.scalar(select(AccountTotp).where(AccountTotp.account_id == account_id))
    step = None
    if row is not None and row.confirmed_at is not None:
        step = _matching_step(cipher.open(row.sealed, row_id=account_id), code, now)
    if step is None or not _use_step(session, account_id, step):
        trail.record(session, "account:code_refused", account_id, account_id, now)
        return CodeCheck(right=False)
    throttle.forgive(session, key)
    return CodeCheck(right=True)


def current_code(
    session: Session, *, account_id: uuid.UUID, cipher: Cipher, now: datetime
) -> str | None:
    """Return the code that a device shows now: for sample accounts only."""
    row = session.scalar(select(AccountTotp).where(AccountTotp.account_id == account_id))
    if row is None:
        return None
    return pyotp.TOTP(cipher.open(row.sealed, row_id=account_id)).at(now)


def reset(
    session: Session, *, account_id: uuid.UUID, actor_id: uuid.UUID | None, now: datetime
) -> None:
    """Take an account's second factor and recovery codes away, and end its sessions.

    Raises NothingToReset.
    """
    gone = session.execute(
        delete(AccountTotp)
        .where(AccountTotp.account_id == account_id)
        .returning(AccountTotp.account_id)
    ).all()
    if not gone:
        raise NothingToReset
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    _end_others(session, account_id, b"", now)
    trail.record(session, "account:totp_reset", account_id, actor_id, now)


def mark_confirmed(session: Session, session_hash: bytes, *, by_code: bool, now: datetime) -> None:
    """Remember that a session's holder has just proved who they are."""
    values: dict[str, object] = {"confirmed_at": now}
    if by_code:
        values["second_factor"] = True
    session.execute(
        update(StaffSession).where(StaffSession.token_hash == session_hash).values(values)
    )


def _matching_step(secret: str, code: str, now: datetime) -> int | None:
    """Return the step whose code this is. Every neighbour is compared, whatever matched."""
    device, present, found = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS, None
    given = "".join(code.split()).encode()
    for step in range(present - DRIFT, present + DRIFT + 1):
        if hmac.compare_digest(device.generate_otp(step).encode(), given):
            found = step
    return found


def _use_step(session: Session, account_id: uuid.UUID, step: int) -> bool:
    used = session.execute(
        update(AccountTotp)
        .where(
            AccountTotp.account_id == account_id,
            func.coalesce(AccountTotp.last_step, -1) < step,
        )
        .values(last_step=step)
        .returning(AccountTotp.account_id)
        .execution_options(synchronize_session=False)
    ).all()
    return bool(used)


def _new_recovery_codes(session: Session, account_id: uuid.UUID) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    codes = [
        "".join(secrets.choice(_ALPHABET) for _ in range(_RECOVERY_LENGTH))
        for _ in range(RECOVERY_CODES)
    ]
    session.add_all(
        RecoveryCode(account_id=account_id, digest=_digest(account_id, code)) for code in codes
    )
    return ["-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in codes]


def _use_recovery_code(session: Session, account_id: uuid.UUID, code: str, now: datetime) -> bool:
    if len(code) != _RECOVERY_LENGTH:
        return False
    used = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.account_id == account_id,
            RecoveryCode.digest == _digest(account_id, code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.account_id)
    ).all()
    return bool(used)


def _digest(account_id: uuid.UUID, code: str) -> bytes:
    return hashlib.sha256(account_id.bytes + code.encode()).digest()


def _end_others(
    session: Session, account_id: uuid.UUID, session_hash: bytes, now: datetime
) -> None:
    session.execute(
        update(StaffSession)
        .where(
            StaffSession.account_id == account_id,
            StaffSession.token_hash != session_hash,
            StaffSession.ended_at.is_(None),
        )
        .values(ended_at=now)
    )


def _row(session: Session, account_id: uuid.UUID) -> AccountTotp:
    return session.scalars(
        select(AccountTotp)
        .where(AccountTotp.account_id == account_id)
        .execution_options(populate_existing=True)
    ).one()
