"""Signing in to the mini program, and out."""

from typing import Any

from flask import request

from miniprogram_api.context import cipher, current_caller, now, requires
from miniprogram_api.sessions.schemas import MiniSignInIn, MiniTokenOut
from relief.bindings import sign_in as accounts
from relief.core.db import unit_of_work
from relief.integrations.wechat.errors import CodeRefused
from relief.web.blueprint import Blueprint
from relief.web.problems import too_many_attempts
from relief.web.wechat import asking_wechat

blp = Blueprint("sessions", __name__, url_prefix="/mini/v1/sessions", description="登录")


@blp.post("")
@blp.doc(security=[])
@blp.arguments(MiniSignInIn)
@blp.response(201, MiniTokenOut)
@blp.alt_response(403, description="wechat-person-blocked：微信限制该用户登录")
@blp.alt_response(409, description="wechat-not-set-up：没有配置小程序")
@blp.alt_response(422, description="wechat-code-refused：登录码已用过或已过期，请重新 wx.login")
@blp.alt_response(429, description="失败次数过多")
@blp.alt_response(503, description="微信暂时不可用；请稍后重新 wx.login")
def sign_in(payload: dict[str, Any]) -> Any:
    """Open a session for whoever the code of `wx.login` stands for, and return its token.

    Sending the same request again opens none: WeChat takes a code once. After any error the phone
    asks `wx.login` for a new one.
    """
    moment, address = now(), request.remote_addr or ""
    with unit_of_work() as session:
        blocked_until = accounts.blocked(session, address=address, now=moment)
    if blocked_until is not None:
        return too_many_attempts(blocked_until, moment)
    try:
        with asking_wechat() as gateway:
            who = gateway.sign_in(payload["code"])
    except CodeRefused:
        with unit_of_work() as session:
            accounts.count_failure(session, address=address, now=moment)
        raise
    with unit_of_work() as session:
        return accounts.sign_in(
            session,
            openid=who.openid,
            session_key=who.session_key,
            cipher=cipher(),
            now=moment,
        )


@blp.delete("/current")
@requires(None, scope="own", without_consent=True)
@blp.response(204)
def sign_out() -> None:
    """End the session that asks."""
    with unit_of_work() as session:
        accounts.sign_out(session, caller=current_caller(), now=now())


@blp.delete("")
@requires(None, scope="own", without_consent=True)
@blp.response(204)
def sign_out_everywhere() -> None:
    """End every session of the account, on whatever phone."""
    caller = current_caller()
    with unit_of_work() as session:
        accounts.sign_out_everywhere(
            session, account_id=caller.account_id, actor_id=caller.account_id, now=now()
        )
