"""Signing in and out, and the caller's own sessions."""

import uuid

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from relief.accounts import queries
from relief.accounts import sign_in as service
from relief.accounts.permissions import Permission
from relief.console.formats import moment
from relief.console.forms import field
from relief.core.db import unit_of_work
from relief.web import guard
from relief.web.context import Stage, cipher, current_actor, now, requires

sessions = Blueprint("sessions", __name__, url_prefix="/sessions")


def sign_in() -> Response | str | tuple[str, int]:
    """Show the sign-in form, or open a session and lead to the first page."""
    if request.headers.get("HX-Request"):
        # A part of a page was asked for after the session ended: renew the whole page.
        return Response(status=204, headers={"HX-Redirect": url_for("console.sign_in")})
    if request.method == "GET":
        if g.get("actor"):
            return redirect(url_for("console.home.show"), code=303)
        return render_template("console/sign_in.html", left="left" in request.args)
    with unit_of_work() as session:
        attempt = service.sign_in(
            session,
            username=field("username"),
            password=request.form.get("password", ""),
            kind=service.COOKIE,
            address=guard.client_address(),
            user_agent=request.headers.get("User-Agent", ""),
            cipher=cipher(),
            now=now(),
            replaces=request.cookies.get(guard.COOKIE_NAME),
        )
    if attempt.token is None:
        fault = "登录名或密码不正确，或者账号已停用。"
        if attempt.blocked_until:
            fault = f"错误次数太多，请在 {moment(attempt.blocked_until)} 以后再试。"
        return render_template("console/sign_in.html", fault=fault, username=field("username")), 401
    response = redirect(url_for("console.home.show"), code=303)
    guard.set_session_cookie(response, attempt.token)
    return response


@sessions.get("")
@requires(Permission.SIGNED_IN, scope="own")
def show() -> str:
    """List the caller's open sessions."""
    actor = current_actor()
    with unit_of_work() as session:
        found = queries.open_sessions(
            session, account_id=actor.id, current=actor.session_hash, now=now()
        )
    return render_template("console/sessions/show.html", sessions=found)


@sessions.post("/<uuid:session_id>/end")
@requires(Permission.SIGNED_IN, scope="own")
def end(session_id: uuid.UUID) -> Response:
    """End one of the caller's sessions."""
    actor = current_actor()
    with unit_of_work() as session:
        service.end_sessions(
            session, account_id=actor.id, session_id=session_id, actor_id=actor.id, now=now()
        )
    flash("已结束这次登录。", "good")
    return redirect(url_for(".show"), code=303)


@sessions.post("/end-others")
@requires(Permission.SIGNED_IN, scope="own")
def end_others() -> Response:
    """End every session of the caller but this one."""
    actor = current_actor()
    with unit_of_work() as session:
        service.end_sessions(
            session, account_id=actor.id, actor_id=actor.id, now=now(), but=actor.session_hash
        )
    flash("其他登录已全部结束。", "good")
    return redirect(url_for(".show"), code=303)


@sessions.post("/leave")
@requires(Permission.SIGNED_IN, scope="own", stages=Stage)
def leave() -> Response:
    """End this session."""
    actor = current_actor()
    with unit_of_work() as session:
        service.sign_out(session, session_hash=actor.session_hash, actor_id=actor.id, now=now())
    return _out()


@sessions.post("/leave-everywhere")
@requires(Permission.SIGNED_IN, scope="own", stages=Stage)
def leave_everywhere() -> Response:
    """End every session of the caller, this one too."""
    actor = current_actor()
    with unit_of_work() as session:
        service.sign_out(session, session_hash=actor.session_hash, actor_id=actor.id, now=now())
        service.end_all_sessions(session, account_id=actor.id, now=now())
    return _out()


def _out() -> Response:
    response = redirect(url_for("console.sign_in", left=1), code=303)
    guard.clear_session_cookie(response)
    return response
