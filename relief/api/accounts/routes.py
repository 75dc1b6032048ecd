"""Accounts over HTTP: one administrator makes them, another gives them roles."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Response
from werkzeug.exceptions import NotFound

from relief.accounts import grants, queries, service
from relief.accounts.types import GrantKind, Role
from relief.api.accounts.schemas import (
    AccountArgs,
    AccountIn,
    AccountOut,
    AccountPageOut,
    EndSessionsIn,
)
from relief.api.grants.schemas import GrantOut
from relief.api.sessions.schemas import SessionsOut
from relief.core.db import unit_of_work
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, config, current_actor, now, requires
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
@requires(Permission.CREATE_ACCOUNTS, scope="none", step_up=True)
@blp.arguments(AccountIn)
@blp.response(201, AccountOut)
@blp.alt_response(409, description="登录名已被使用")
def create_account(payload: dict[str, Any]) -> Response:
    """Make an account without roles."""
    actor, moment = current_actor(), now()
    with unit_of_work() as session:

        def work() -> queries.AccountRow:
            account = service.create_account(
                session, **payload, actor_id=actor.id, now=moment, rules=config().sign_in
            )
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
@requires(Permission.GRANT_ROLES, scope="none", step_up=True)
@blp.response(202, GrantOut)
@blp.alt_response(409, description="角色与岗位互斥，或者已经授予")
def propose_role(account_id: uuid.UUID, role: str) -> grants.ProposalRow:
    """Propose a role; it counts when a second person has approved it."""
    return _propose(account_id, GrantKind.ROLE, _role(role).value)


@blp.delete("/<uuid:account_id>/roles/<role>")
@requires(Permission.GRANT_ROLES, scope="none", step_up=True)
@blp.response(200, AccountOut)
def revoke_role(account_id: uuid.UUID, role: str) -> queries.AccountRow:
    """Take a role back; the account's sessions end at once."""
    return _change(service.revoke_role, account_id, role=_role(role))


@blp.put("/<uuid:account_id>/regions/<code>")
@requires(Permission.GRANT_ROLES, scope="none", step_up=True)
@blp.response(202, GrantOut)
@blp.alt_response(409, description="已经授予")
def propose_region(account_id: uuid.UUID, code: str) -> grants.ProposalRow:
    """Propose a region or functional zone; it counts when a second person has approved it."""
    return _propose(account_id, GrantKind.REGION, code)


@blp.delete("/<uuid:account_id>/regions/<code>")
@requires(Permission.GRANT_ROLES, scope="none", step_up=True)
@blp.response(200, AccountOut)
def revoke_region(account_id: uuid.UUID, code: str) -> queries.AccountRow:
    """Take a region or functional zone back."""
    return _change(service.revoke_region, account_id, code=code)


@blp.post("/<uuid:account_id>/disable")
@requires(Permission.GRANT_ROLES, scope="none", step_up=True)
@blp.response(200, AccountOut)
def disable(account_id: uuid.UUID) -> queries.AccountRow:
    """Shut an account and end its sessions."""
    return _change(service.disable, account_id)


@blp.post("/<uuid:account_id>/second-factor/reset")
@requires(Permission.GRANT_ROLES, scope="none", step_up=True)
@blp.response(202, GrantOut)
@blp.alt_response(409, description="没有绑定动态验证码")
def propose_reset(account_id: uuid.UUID) -> grants.ProposalRow:
    """Propose to take a second factor away; it is gone when a second person has approved it."""
    return _propose(account_id, GrantKind.TOTP_RESET, "")


@blp.get("/<uuid:account_id>/sessions")
@requires(Permission.GRANT_ROLES, scope="none")
@blp.response(200, SessionsOut)
def list_sessions(account_id: uuid.UUID) -> dict[str, Any]:
    """Return an account's open sessions."""
    with unit_of_work() as session:
        queries.account_detail(session, account_id=account_id)
        found = queries.open_sessions(session, account_id=account_id, current=b"", now=now())
    return {"items": found}


@blp.post("/<uuid:account_id>/sessions/end")
@requires(Permission.GRANT_ROLES, scope="none", step_up=True)
@blp.arguments(EndSessionsIn)
@blp.response(200, AccountOut)
def end_sessions(payload: dict[str, Any], account_id: uuid.UUID) -> queries.AccountRow:
    """End one session of somebody else, or all."""
    return _change(service.end_others_sessions, account_id, **payload)


def _propose(account_id: uuid.UUID, kind: GrantKind, what: str) -> grants.ProposalRow:
    with unit_of_work() as session:
        proposal_id = grants.propose(
            session,
            account_id=account_id,
            kind=kind,
            what=what,
            actor_id=current_actor().id,
            now=now(),
        )
        return grants.get(session, proposal_id=proposal_id)


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
