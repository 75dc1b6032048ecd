"""Who signed a list, with what they may at this moment: the worker acts for them and no further."""

import uuid

from sqlalchemy.orm import Session

from relief.accounts import queries as accounts
from relief.accounts.identity import Actor, scope_of
from relief.accounts.models import Account
from relief.accounts.permissions import Permission, permissions_of


def signer_now(
    session: Session,
    *,
    account_id: uuid.UUID,
    department_code: str,
    permission: Permission = Permission.DECIDE_CASES,
) -> Actor | None:
    """Return the signer as they are now; None for who may not do it for the department any more.

    Three queries.
    """
    account = session.get_one(Account, account_id, populate_existing=True)
    roles = frozenset(accounts.account_detail(session, account_id=account_id).roles)
    permissions = permissions_of(roles)
    if (
        account.disabled_at is not None
        or account.department_code != department_code
        or permission not in permissions
    ):
        return None
    return Actor(
        id=account.id,
        username=account.username,
        display_name=account.display_name,
        post=account.post,
        roles=roles,
        permissions=permissions,
        department_code=account.department_code,
        department_name=None,
        scope=scope_of(session, account),
        session_hash=b"",  # of no session: the signature was given in one
    )
