"""Signing in and out over HTTP."""

from typing import Any

from flask import request

from relief.accounts import queries
from relief.accounts import sign_in as accounts
from relief.api.sessions.schemas import MeOut, SessionsOut, SignInIn, TokenOut
from relief.core.db import unit_of_work
from relief.web.blueprint import Blueprint
from relief.web.context import Actor, Permission, current_actor, now, requires
from relief.web.guard import client_address
from relief.web.problems import problem

blp = Blueprint("sessions", __name__, url_prefix="/v1", description="登录")


@blp.post("/sign-in")
@blp.doc(security=[])
@blp.arguments(SignInIn)
@blp.response(200, TokenOut)
@blp.alt_response(401, description="登录名或密码不正确")
@blp.alt_response(429, description="失败次数过多")
def sign_in(payload: dict[str, str]) -> Any:
    """Open a session and return its bearer token."""
    moment = now()
    with unit_of_work() as session:
        result = accounts.sign_in(
            session,
            username=payload["username"],
            password=payload["password"],
            kind=accounts.BEARER,
            address=client_address(),
            user_agent=request.headers.get("User-Agent", ""),
            now=moment,
        )
    if result.blocked_until is not None:
        response, status = problem(429, "too-many-attempts", "尝试次数过多，请稍后再试")
        response.headers["Retry-After"] = str(
            max(1, int((result.blocked_until - moment).total_seconds()))
        )
        return response, status
    if result.token is None:
        return problem(401, "sign-in-failed", "登录名或密码不正确")
    return result


@blp.post("/sign-out")
@requires(Permission.SIGNED_IN, scope="own")
@blp.response(204)
def sign_out() -> None:
    """End the session that asks."""
    actor = current_actor()
    with unit_of_work() as session:
        accounts.sign_out(session, session_hash=actor.session_hash, actor_id=actor.id, now=now())


@blp.get("/me")
@requires(Permission.SIGNED_IN, scope="own")
@blp.response(200, MeOut)
def me() -> Actor:
    """Return the caller's account and what it may do."""
    return current_actor()


@blp.get("/sessions")
@requires(Permission.SIGNED_IN, scope="own")
@blp.response(200, SessionsOut)
def list_sessions() -> dict[str, Any]:
    """Return the caller's open sessions."""
    actor = current_actor()
    with unit_of_work() as session:
        return {
            "items": queries.open_sessions(
                session, account_id=actor.id, current=actor.session_hash, now=now()
            )
        }
