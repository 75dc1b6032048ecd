"""Accounts: made, given roles and regions, disabled. The database keeps posts apart."""

import uuid
from collections.abc import Callable, Iterable
from datetime import datetime

from psycopg.errors import Diagnostic
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relief.accounts import trail
from relief.accounts.errors import (
    AccountNotFound,
    OwnAccount,
    RoleDoesNotFitPost,
    UnknownDepartment,
    UsernameTaken,
    WeakPassword,
)
from relief.accounts.models import Account, AccountRegion, AccountRole, PasswordHistory
from relief.accounts.passwords import hash_password, matches, refuse_weak
from relief.accounts.sign_in import end_all_sessions, end_sessions
from relief.accounts.types import Post, Role
from relief.core.errors import DomainError
from relief.core.ids import new_id
from relief.core.sign_in_rules import DEFAULT_RULES, SignInRules
from relief.organisation import queries as organisation

_EXPLAINED: dict[str, type[DomainError]] = {
    "uq_account_username": UsernameTaken,
    "fk_account_department_code_department": UnknownDepartment,
    "ck_account_role_role_fits_post": RoleDoesNotFitPost,
}


def create_account(
    session: Session,
    *,
    username: str,
    display_name: str,
    post: Post,
    password: str,
    actor_id: uuid.UUID | None,
    now: datetime,
    department_code: str | None = None,
    roles: Iterable[Role] = (),
    regions: Iterable[str] = (),
    rules: SignInRules = DEFAULT_RULES,
) -> Account:
    """Add an account; its post, which decides the roles it can ever have, never changes.

    Raises UsernameTaken, UnknownDepartment, RegionNotFound, RoleDoesNotFitPost, WeakPassword.
    """
    refuse_weak(password, username=username.strip(), rules=rules)
    account = Account(
        id=new_id(now),
        username=username.strip().lower(),
        display_name=display_name,
        post=post,
        department_code=department_code,
        password_hash=hash_password(password),
        password_set_at=now,
        # Who makes an account for someone else knows its password.
        must_change_password=actor_id is not None,
        created_at=now,
        created_by=actor_id,
    )
    session.add(account)
    _explained(session.flush)
    trail.record(session, "account:created", account.id, actor_id, now, username=account.username)
    for role in roles:
        add_role(session, account, role, actor_id=actor_id, now=now)
    for code in regions:
        add_region(session, account, code, actor_id=actor_id, now=now)
    return account


def revoke_role(
    session: Session, *, account_id: uuid.UUID, role: Role, actor_id: uuid.UUID, now: datetime
) -> None:
    """Take a role back and end the account's sessions. Raises AccountNotFound, OwnAccount."""
    account = other(session, account_id, actor_id)
    gone = session.execute(
        delete(AccountRole)
        .where(AccountRole.account_id == account.id, AccountRole.role == role)
        .returning(AccountRole.role)
    ).all()
    if gone:
        end_all_sessions(session, account_id=account.id, now=now)
    trail.record(session, "account:role_revoked", account.id, actor_id, now, role=role.value)


def revoke_region(
    session: Session, *, account_id: uuid.UUID, code: str, actor_id: uuid.UUID, now: datetime
) -> None:
    """Take a region or zone back. Raises AccountNotFound, OwnAccount."""
    account = other(session, account_id, actor_id)
    session.execute(
        delete(AccountRegion).where(
            AccountRegion.account_id == account.id, AccountRegion.code == code
        )
    )
    trail.record(session, "account:region_revoked", account.id, actor_id, now, region=code)


def disable(
    session: Session, *, account_id: uuid.UUID, actor_id: uuid.UUID, now: datetime
) -> Account:
    """Shut an account and end its sessions at once. Raises AccountNotFound, OwnAccount."""
    account = other(session, account_id, actor_id)
    if account.disabled_at is None:
        account.disabled_at = now
        end_all_sessions(session, account_id=account.id, now=now)
    trail.record(session, "account:disabled", account.id, actor_id, now)
    return account


def end_others_sessions(
    session: Session,
    *,
    account_id: uuid.UUID,
    actor_id: uuid.UUID,
    now: datetime,
    session_id: uuid.UUID | None = None,
) -> None:
    """End one session of somebody else, or all.

    Raises AccountNotFound, OwnAccount, SessionNotFound.
    """
    account = other(session, account_id, actor_id)
    end_sessions(session, account_id=account.id, session_id=session_id, actor_id=actor_id, now=now)


def set_password(
    session: Session,
    *,
    account_id: uuid.UUID,
    password: str,
    actor_id: uuid.UUID | None,
    now: datetime,
    rules: SignInRules = DEFAULT_RULES,
) -> None:
    """Give an account a new password, which its owner must change, and end every session.

    Raises AccountNotFound, WeakPassword.
    """
    account = get_account(session, account_id)
    _replace_password(session, account, password, now=now, rules=rules)
    account.must_change_password = True
    end_all_sessions(session, account_id=account.id, now=now)
    trail.record(session, "account:password_set", account.id, actor_id, now)


def change_password(
    session: Session,
    *,
    account_id: uuid.UUID,
    password: str,
    session_hash: bytes,
    now: datetime,
    rules: SignInRules = DEFAULT_RULES,
) -> None:
    """Change one's own password, and end one's other sessions.

    The caller has compared the old one (`sign_in.check_password`). Raises WeakPassword.
    """
    account = get_account(session, account_id)
    _replace_password(session, account, password, now=now, rules=rules)
    account.must_change_password = False
    end_all_sessions(session, account_id=account.id, now=now, but=session_hash)
    trail.record(session, "account:password_changed", account.id, account.id, now)


def _replace_password(
    session: Session, account: Account, password: str, *, now: datetime, rules: SignInRules
) -> None:
    refuse_weak(password, username=account.username, rules=rules)
    earlier = session.scalars(
        select(PasswordHistory)
        .where(PasswordHistory.account_id == account.id)
        .order_by(PasswordHistory.replaced_at.desc(), PasswordHistory.id.desc())
    ).all()
    remembered = [account.password_hash, *(row.password_hash for row in earlier)]
    if any(matches(password, old) for old in remembered[: rules.password_history]):
        message = f"新密码不能与最近 {rules.password_history} 个密码相同"
        raise WeakPassword(message)
    for row in earlier[max(rules.password_history - 2, 0) :]:
        session.delete(row)
    session.add(
        PasswordHistory(
            id=new_id(now),
            account_id=account.id,
            password_hash=account.password_hash,
            replaced_at=now,
        )
    )
    account.password_hash = hash_password(password)
    account.password_set_at = now


def get_account(session: Session, account_id: uuid.UUID) -> Account:
    """Return an account, locked until the transaction ends. Raises AccountNotFound."""
    account = session.get(Account, account_id, with_for_update=True)
    if account is None:
        raise AccountNotFound
    return account


def other(session: Session, account_id: uuid.UUID, actor_id: uuid.UUID) -> Account:
    """Return somebody else's account, locked. Raises AccountNotFound, OwnAccount."""
    account = get_account(session, account_id)
    if account.id == actor_id:
        raise OwnAccount
    return account


def add_role(
    session: Session,
    account: Account,
    role: Role,
    *,
    actor_id: uuid.UUID | None,
    now: datetime,
    proposed_by: uuid.UUID | None = None,
) -> None:
    """Give an account a role; with an actor, two persons must have agreed on it.

    The database refuses one given by or proposed by its holder. Raises RoleDoesNotFitPost.
    """
    statement = (
        insert(AccountRole)
        .values(
            account_id=account.id,
            role=role,
            post=account.post,
            granted_at=now,
            granted_by=actor_id,
            proposed_by=proposed_by,
        )
        .on_conflict_do_nothing(index_elements=["account_id", "role"])
    )
    _explained(lambda: session.execute(statement))
    trail.record(session, "account:role_granted", account.id, actor_id, now, role=role.value)


def add_region(
    session: Session, account: Account, code: str, *, actor_id: uuid.UUID | None, now: datetime
) -> None:
    """Let an account work in one more region or zone. Raises RegionNotFound."""
    organisation.ranges_of(session, codes=[code])  # refuses what is neither region nor zone
    session.execute(
        insert(AccountRegion)
        .values(account_id=account.id, code=code)
        .on_conflict_do_nothing(index_elements=["account_id", "code"])
    )
    trail.record(session, "account:region_granted", account.id, actor_id, now, region=code)


def _explained(work: Callable[[], object]) -> None:
    """Run a write, and name the rule when a known constraint refuses it."""
    try:
        work()
    except IntegrityError as error:
        diagnostic: Diagnostic | None = getattr(error.orig, "diag", None)
        known = _EXPLAINED.get((diagnostic and diagnostic.constraint_name) or "")
        if known is None:
            raise
        raise known from error
