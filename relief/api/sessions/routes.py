"""Signing in and out over HTTP."""

import uuid
from typing import Any

from flask import request

from relief.accounts import queries
from relief.accounts import sign_in as accounts
from relief.accounts.errors import CodeRequired
from relief.api.sessions.schemas import MeOut, SessionsOut, SignInIn, TokenOut
from relief.core.db import unit_of_work
from relief.web.blueprint import Blueprint
from relief.web.context import (
    Actor,
    Permission,
    Stage,
    cipher,
    current_actor,
    now,
    requires,
)
from relief.web.guard import client_address
from relief.web.problems import problem, too_many_attempts

blp = Blueprint("sessions", __name__, url_prefix="/v1", description="登录")


@blp.post("/sign-in")
@blp.doc(security=[])
@blp.arguments(SignInIn)
@blp.response(200, TokenOut)
@blp.alt_response(
    401, description="登录名、密码或动态验证码不正确；code-required：须同时给出验证码"
)
@blp.alt_response(429, description="失败次数过多")
def sign_in(payload: dict[str, Any]) -> Any:
    """Open a session and return its bearer token.

    Without a `code` an account that has a second factor is told `code-required`.
    """
    moment = now()
    with unit_of_work() as session:
        result = accounts.sign_in(
            session,
            username=payload["username"],
            password=payload["password"],
            kind=accounts.BEARER,
            address=client_address(),
            user_agent=request.headers.get("User-Agent", ""),
            cipher=cipher(),
            now=moment,
            code=payload["code"],
        )
    if result.blocked_until is not None:
        return too_many_attempts(result.blocked_until, moment)
    if result.needs_code:
        return problem(401, CodeRequired.code, CodeRequired.title)
    if result.token is None:
        return problem(401, "sign-in-failed", "登录名或密码不正确")
    return result


@blp.post("/sign-out")
@requires(Permission.SIGNED_IN, scope="own", stages=Stage)
@blp.response(204)
def sign_out() -> None:
    """End the session that asks."""
    actor = current_actor()
    with unit_of_work() as session:
        accounts.sign_out(session, session_hash=actor.session_hash, actor_id=actor.id, now=now())


@blp.get("/me")
@requires(Permission.SIGNED_IN, scope="own", stages=[Stage.PASSWORD, Stage.ENROLMENT])
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


@blp.delete("/sessions/<uuid:session_id>")
@requires(Permission.SIGNED_IN, scope="own")
@blp.response(204)
def end_session(session_id: uuid.UUID) -> None:
    """End one of the caller's sessions."""
    actor = current_actor()
    with unit_of_work() as session:
        accounts.end_sessions(
            session, account_id=actor.id, session_id=session_id, actor_id=actor.id, now=now()
        )


@blp.post("/sessions/end-others")
@requires(Permission.SIGNED_IN, scope="own")
@blp.response(204)
def end_others() -> None:
    """End every session of the caller but the one that asks."""
    actor = current_actor()
    with unit_of_work() as session:
        accounts.end_sessions(
            session, account_id=actor.id, actor_id=actor.id, now=now(), but=actor.session_hash
        )
