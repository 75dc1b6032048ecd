"""Accounts: made, given roles and regions, disabled. The database keeps posts apart."""

import uuid
from collections.abc import Callable, Iterable
from datetime import datetime

from psycopg.errors import Diagnostic
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relief.accounts.errors import (
    AccountNotFound,
    OwnAccount,
    RoleDoesNotFitPost,
    UnknownDepartment,
    UsernameTaken,
)
from relief.accounts.models import Account, AccountRegion, AccountRole
from relief.accounts.passwords import hash_password
from relief.accounts.sign_in import end_all_sessions
from relief.accounts.types import Post, Role
from relief.audit import service as audit
from relief.core.errors import DomainError
from relief.core.ids import new_id
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
) -> Account:
    """Add an account; its post, which decides the roles it can ever have, never changes.

    Raises UsernameTaken, UnknownDepartment, RegionNotFound, RoleDoesNotFitPost, WeakPassword.
    """
    account = Account(
        id=new_id(now),
        username=username.strip().lower(),
        display_name=display_name,
        post=post,
        department_code=department_code,
        password_hash=hash_password(password),
        created_at=now,
        created_by=actor_id,
    )
    session.add(account)
    _explained(session.flush)
    _record(session, "account:created", account.id, actor_id, now, username=account.username)
    for role in roles:
        _add_role(session, account, role, actor_id=actor_id, now=now)
    for code in regions:
        _add_region(session, account, code, actor_id=actor_id, now=now)
    return account


def grant_role(
    session: Session, *, account_id: uuid.UUID, role: Role, actor_id: uuid.UUID, now: datetime
) -> None:
    """Give an account a role. Raises AccountNotFound, OwnAccount, RoleDoesNotFitPost."""
    account = _other(session, account_id, actor_id)
    _add_role(session, account, role, actor_id=actor_id, now=now)


def revoke_role(
    session: Session, *, account_id: uuid.UUID, role: Role, actor_id: uuid.UUID, now: datetime
) -> None:
    """Take a role back; it counts from the next request. Raises AccountNotFound, OwnAccount."""
    account = _other(session, account_id, actor_id)
    session.execute(
        delete(AccountRole).where(AccountRole.account_id == account.id, AccountRole.role == role)
    )
    _record(session, "account:role_revoked", account.id, actor_id, now, role=role.value)


def grant_region(
    session: Session, *, account_id: uuid.UUID, code: str, actor_id: uuid.UUID, now: datetime
) -> None:
    """Add a region or zone to work in. Raises AccountNotFound, OwnAccount, RegionNotFound."""
    account = _other(session, account_id, actor_id)
    _add_region(session, account, code, actor_id=actor_id, now=now)


def revoke_region(
    session: Session, *, account_id: uuid.UUID, code: str, actor_id: uuid.UUID, now: datetime
) -> None:
    """Take a region or zone back. Raises AccountNotFound, OwnAccount."""
    account = _other(session, account_id, actor_id)
    session.execute(
        delete(AccountRegion).where(
            AccountRegion.account_id == account.id, AccountRegion.code == code
        )
    )
    _record(session, "account:region_revoked", account.id, actor_id, now, region=code)


def disable(
    session: Session, *, account_id: uuid.UUID, actor_id: uuid.UUID, now: datetime
) -> Account:
    """Shut an account and end its sessions at once. Raises AccountNotFound, OwnAccount."""
    account = _other(session, account_id, actor_id)
    if account.disabled_at is None:
        account.disabled_at = now
        end_all_sessions(session, account_id=account.id, now=now)
    _record(session, "account:disabled", account.id, actor_id, now)
    return account


def set_password(
    session: Session,
    *,
    account_id: uuid.UUID,
    password: str,
    actor_id: uuid.UUID | None,
    now: datetime,
) -> None:
    """Replace a password and end every session. Raises AccountNotFound, WeakPassword."""
    account = get_account(session, account_id)
    account.password_hash = hash_password(password)
    end_all_sessions(session, account_id=account.id, now=now)
    _record(session, "account:password_set", account.id, actor_id, now)


def get_account(session: Session, account_id: uuid.UUID) -> Account:
    """Return an account, locked until the transaction ends. Raises AccountNotFound."""
    account = session.get(Account, account_id, with_for_update=True)
    if account is None:
        raise AccountNotFound
    return account


def _other(session: Session, account_id: uuid.UUID, actor_id: uuid.UUID) -> Account:
    account = get_account(session, account_id)
    if account.id == actor_id:
        raise OwnAccount
    return account


def _add_role(
    session: Session, account: Account, role: Role, *, actor_id: uuid.UUID | None, now: datetime
) -> None:
    statement = (
        insert(AccountRole)
        .values(
            account_id=account.id,
            role=role,
            post=account.post,
            granted_at=now,
            granted_by=actor_id,
        )
        .on_conflict_do_nothing(index_elements=["account_id", "role"])
    )
    _explained(lambda: session.execute(statement))
    _record(session, "account:role_granted", account.id, actor_id, now, role=role.value)


def _add_region(
    session: Session, account: Account, code: str, *, actor_id: uuid.UUID | None, now: datetime
) -> None:
    organisation.ranges_of(session, codes=[code])  # refuses what is neither region nor zone
    session.execute(
        insert(AccountRegion)
        .values(account_id=account.id, code=code)
        .on_conflict_do_nothing(index_elements=["account_id", "code"])
    )
    _record(session, "account:region_granted", account.id, actor_id, now, region=code)


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


def _record(
    session: Session,
    action: str,
    account_id: uuid.UUID,
    actor_id: uuid.UUID | None,
    now: datetime,
    **details: object,
) -> None:
    audit.record(
        session,
        action,
        subject_type="account",
        subject_id=account_id,
        actor_id=actor_id,
        now=now,
        details=details,
    )
