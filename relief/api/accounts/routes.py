"""Accounts over HTTP: one administrator makes them, another gives them roles."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Response
from werkzeug.exceptions import NotFound

from relief.accounts import queries, service
from relief.accounts.types import Role
from relief.api.accounts.schemas import AccountArgs, AccountIn, AccountOut, AccountPageOut
from relief.core.db import unit_of_work
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, current_actor, now, requires
from relief.web.idempotency import answer

blp = Blueprint("accounts", __name__, url_prefix="/v1/accounts", description="账号")


@blp.get("")
@requires(Permission.SEE_ACCOUNTS, scope="none")
@blp.arguments(AccountArgs, location="query")
@blp.response(200, AccountPageOut)
def list_accounts(args: dict[str, Any]) -> Any:
    """List accounts, newest first."""
    with unit_of_work() as session:
        return queries.list_accounts(
            session,
            limit=args["limit"],
            cursor=args["cursor"],
            department_code=args["department"],
        )


@blp.post("")
@requires(Permission.CREATE_ACCOUNTS, scope="none")
@blp.arguments(AccountIn)
@blp.response(201, AccountOut)
@blp.alt_response(409, description="登录名已被使用")
def create_account(payload: dict[str, Any]) -> Response:
    """Make an account without roles."""
    actor, moment = current_actor(), now()
    with unit_of_work() as session:

        def work() -> queries.AccountRow:
            account = service.create_account(session, **payload, actor_id=actor.id, now=moment)
            return queries.account_detail(session, account_id=account.id)

        return answer(session, AccountOut, actor_id=actor.id, now=moment, work=work, status=201)


@blp.get("/<uuid:account_id>")
@requires(Permission.SEE_ACCOUNTS, scope="none")
@blp.response(200, AccountOut)
def get_account(account_id: uuid.UUID) -> queries.AccountRow:
    """Return one account."""
    with unit_of_work() as session:
        return queries.account_detail(session, account_id=account_id)


@blp.put("/<uuid:account_id>/roles/<role>")
@requires(Permission.GRANT_ROLES, scope="none")
@blp.response(200, AccountOut)
@blp.alt_response(409, description="角色与岗位互斥")
def grant_role(account_id: uuid.UUID, role: str) -> queries.AccountRow:
    """Grant a role."""
    return _change(service.grant_role, account_id, role=_role(role))


@blp.delete("/<uuid:account_id>/roles/<role>")
@requires(Permission.GRANT_ROLES, scope="none")
@blp.response(200, AccountOut)
def revoke_role(account_id: uuid.UUID, role: str) -> queries.AccountRow:
    """Take a role back; it counts from the next request."""
    return _change(service.revoke_role, account_id, role=_role(role))


@blp.put("/<uuid:account_id>/regions/<code>")
@requires(Permission.GRANT_ROLES, scope="none")
@blp.response(200, AccountOut)
def grant_region(account_id: uuid.UUID, code: str) -> queries.AccountRow:
    """Add a region or functional zone."""
    return _change(service.grant_region, account_id, code=code)


@blp.delete("/<uuid:account_id>/regions/<code>")
@requires(Permission.GRANT_ROLES, scope="none")
@blp.response(200, AccountOut)
def revoke_region(account_id: uuid.UUID, code: str) -> queries.AccountRow:
    """Take a region or functional zone back."""
    return _change(service.revoke_region, account_id, code=code)


@blp.post("/<uuid:account_id>/disable")
@requires(Permission.GRANT_ROLES, scope="none")
@blp.response(200, AccountOut)
def disable(account_id: uuid.UUID) -> queries.AccountRow:
    """Shut an account and end its sessions."""
    return _change(service.disable, account_id)


def _change(
    change: Callable[..., object], account_id: uuid.UUID, **what: object
) -> queries.AccountRow:
    with unit_of_work() as session:
        change(session, account_id=account_id, **what, actor_id=current_actor().id, now=now())
        return queries.account_detail(session, account_id=account_id)


def _role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError:
        raise NotFound from None
