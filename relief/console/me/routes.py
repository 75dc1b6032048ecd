"""One's own password and second factor, and proving anew who one is."""

import io
from datetime import datetime

import segno
from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from relief.accounts import passwords, service, sign_in
from relief.accounts import second_factor as factors
from relief.accounts.errors import WeakPassword, WrongCode, WrongPassword
from relief.accounts.permissions import Permission
from relief.console.formats import moment
from relief.console.forms import field
from relief.core.db import unit_of_work
from relief.web import guard
from relief.web.context import Stage, cipher, config, current_actor, now, requires

me = Blueprint("me", __name__, url_prefix="/me")

Answer = Response | str | tuple[str, int]


@me.get("/code")
@requires(Permission.SIGNED_IN, scope="own", stages=[Stage.CODE])
def code() -> Answer:
    """Ask for the code that the sign-in still lacks."""
    if current_actor().stage is not Stage.CODE:
        return redirect(url_for("console.home.show"), code=303)
    return render_template("console/me/code.html")


@me.post("/code")
@requires(Permission.SIGNED_IN, scope="own", stages=[Stage.CODE])
def give_code() -> Answer:
    """Take the code and go on under a new session."""
    actor = current_actor()
    if actor.stage is not Stage.CODE:
        return redirect(url_for("console.home.show"), code=303)
    with unit_of_work() as session:
        attempt = sign_in.give_code(
            session,
            session_hash=actor.session_hash,
            code=field("code"),
            cipher=cipher(),
            now=now(),
        )
    if attempt.token is None:
        fault = _fault(attempt.blocked_until, WrongCode.title)
        return render_template("console/me/code.html", faults={"code": fault}), 422
    response = redirect(url_for("console.home.show"), code=303)
    guard.set_session_cookie(response, attempt.token)
    return response


@me.get("/confirm")
@requires(Permission.SIGNED_IN, scope="own", stages=[Stage.ENROLMENT])
def confirm() -> str:
    """Ask for a code, or for the password again, before something that needs it."""
    return render_template("console/me/confirm.html", next=_next(request.args.get("next", "")))


@me.post("/confirm")
@requires(Permission.SIGNED_IN, scope="own", stages=[Stage.ENROLMENT])
def give_proof() -> Answer:
    """Take the proof and lead back to where it was asked for."""
    actor, then = current_actor(), _next(field("next"))
    with unit_of_work() as session:
        checked = sign_in.step_up(
            session,
            account_id=actor.id,
            session_hash=actor.session_hash,
            proof=request.form.get("proof", ""),
            cipher=cipher(),
            now=now(),
        )
    if not checked.right:
        wrong = WrongCode.title if actor.has_second_factor else "密码不正确"
        faults = {"proof": _fault(checked.blocked_until, wrong)}
        return render_template("console/me/confirm.html", next=then, faults=faults), 422
    return redirect(then, code=303)


@me.get("/password")
@requires(Permission.SIGNED_IN, scope="own", stages=[Stage.PASSWORD])
def password() -> str:
    """Show the form for a new password."""
    return _password_form({})


@me.post("/password")
@requires(Permission.SIGNED_IN, scope="own", stages=[Stage.PASSWORD])
def change_password() -> Answer:
    """Change the password; the other sessions end."""
    actor, wanted = current_actor(), request.form.get("password", "")
    if wanted != request.form.get("again", ""):
        return _password_form({"again": "两次输入的新密码不一致。"}), 422
    try:
        with unit_of_work() as session:
            checked = sign_in.check_password(
                session, actor.id, request.form.get("present", ""), now=now()
            )
            if checked.right:
                service.change_password(
                    session,
                    account_id=actor.id,
                    password=wanted,
                    session_hash=actor.session_hash,
                    now=now(),
                    rules=config().sign_in,
                )
    except WeakPassword as error:
        return _password_form({"password": f"{error.detail}。"}), 422
    if not checked.right:
        fault = _fault(checked.blocked_until, WrongPassword.title)
        return _password_form({"present": fault}), 422
    flash("密码已修改，其他登录已全部退出。", "good")
    return redirect(url_for("console.sessions.show"), code=303)


@me.get("/second-factor")
@requires(Permission.SIGNED_IN, scope="own", step_up=True, stages=[Stage.ENROLMENT])
def second_factor() -> str:
    """Show how to set the second factor up, or that it is."""
    return _enrolment_page({})


@me.post("/second-factor")
@requires(Permission.SIGNED_IN, scope="own", step_up=True, stages=[Stage.ENROLMENT])
def begin() -> Response:
    """Make the key for the device."""
    with unit_of_work() as session:
        factors.begin(session, account_id=current_actor().id, cipher=cipher(), now=now())
    return redirect(url_for(".second_factor"), code=303)


@me.post("/second-factor/confirmation")
@requires(Permission.SIGNED_IN, scope="own", step_up=True, stages=[Stage.ENROLMENT])
def enrol() -> Answer:
    """Take the device's first code and show the recovery codes, this once."""
    actor = current_actor()
    with unit_of_work() as session:
        codes = factors.confirm(
            session,
            account_id=actor.id,
            code=field("code"),
            session_hash=actor.session_hash,
            cipher=cipher(),
            now=now(),
        )
    if codes is None:
        return _enrolment_page({"code": f"{WrongCode.title}。"}), 422
    return render_template("console/me/recovery_codes.html", codes=codes)


def _enrolment_page(faults: dict[str, str]) -> str:
    actor = current_actor()
    with unit_of_work() as session:
        pending = factors.pending(session, account_id=actor.id, cipher=cipher())
    return render_template(
        "console/me/second_factor.html",
        key=_in_fours(pending.secret) if pending else None,
        picture=_picture(pending.uri) if pending else None,
        required=actor.stage is Stage.ENROLMENT,
        faults=faults,
    )


def _picture(text: str) -> str:
    """Return a QR code as an element of the page: it needs no address and no style of its own."""
    out = io.BytesIO()
    segno.make(text, error="m").save(
        out, kind="svg", scale=4, border=4, xmldecl=False, svgns=True, title="绑定用二维码"
    )
    return out.getvalue().decode()


def _in_fours(secret: str) -> str:
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def _password_form(faults: dict[str, str]) -> str:
    return render_template(
        "console/me/password.html",
        hint=passwords.hint(config().sign_in),
        required=current_actor().stage is Stage.PASSWORD,
        faults=faults,
    )


def _fault(blocked_until: datetime | None, otherwise: str) -> str:
    if blocked_until:
        return f"错误次数太多，请在 {moment(blocked_until)} 以后再试。"
    return f"{otherwise}。"


def _next(path: str) -> str:
    """Return a page of ours to go on to: nothing that a browser takes for another host."""
    ours = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if ours else url_for("console.home.show")
