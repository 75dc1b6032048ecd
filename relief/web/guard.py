"""The door of every request to the staff application: who asks, and may they.

Deny by default: a view says what it requires (`relief.web.context.requires`), or its endpoint
stands in `PUBLIC`, or nobody gets in. Programs send a bearer token; browsers a cookie, and
with every unsafe request a token that only our own pages know.
"""

import hmac
from collections.abc import Callable

from flask import Flask, current_app, g, redirect, request, url_for
from flask.sessions import SecureCookieSessionInterface
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, Unauthorized
from werkzeug.wrappers import Response as BaseResponse

from relief.accounts import identity
from relief.accounts.errors import (
    CodeRequired,
    EnrolmentRequired,
    PasswordExpired,
    StepUpRequired,
)
from relief.accounts.sign_in import BEARER, COOKIE
from relief.accounts.types import Stage
from relief.core import viewer
from relief.core.db import unit_of_work
from relief.core.errors import DomainError
from relief.core.viewer import Viewer
from relief.web.context import Actor, config, now
from relief.web.text import refuse_unkeepable

API_PREFIX = "/v1/"
COOKIE_NAME = "relief_session"
CSRF_FIELD, CSRF_HEADER = "_csrf", "X-CSRF-Token"
SIGN_IN_PAGE = "console.sign_in"
CONFIRM_PAGE = "console.me.confirm"
_LACKING: dict[Stage, tuple[type[DomainError], str]] = {
    Stage.CODE: (CodeRequired, "console.me.code"),
    Stage.PASSWORD: (PasswordExpired, "console.me.password"),
    Stage.ENROLMENT: (EnrolmentRequired, "console.me.second_factor"),
}
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_STRANGERS = frozenset({"cross-site", "same-site"})  # another port or sister domain is same-site

# Endpoints that need no session. Add one only with the reason beside it.
PUBLIC = frozenset(
    {
        "healthz",  # asked by load balancers
        "static",  # style sheets and scripts of our own
        "console.static",
        "api-docs.openapi_json",  # names no data
        "sessions.sign_in",
        "console.sign_in",
        # Whoever holds a paper may learn whether it is ours, and nothing of what it says.
        "papers.check",
        "console.check",
    }
)


class _Notices(SecureCookieSessionInterface):
    """Flask's own cookie, which carries a form's short answer to the next page."""

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002  # Flask's signature
        """Tell whether the cookie travels by HTTPS only, as the session's does."""
        return _needs_https()


def install(app: Flask) -> None:
    """Put the door before every view of `app`."""
    app.session_interface = _Notices()
    app.before_request(_authenticate)
    app.before_request(_authorise)
    app.before_request(refuse_unkeepable)
    app.jinja_env.globals["csrf_token"] = csrf_token


def csrf_token() -> str:
    """Return the token that forms of the current session must carry."""
    actor: Actor | None = g.get("actor")
    bound_to = actor.session_hash if actor else b""
    key = str(current_app.secret_key).encode()
    return hmac.new(key, b"csrf|" + bound_to, "sha256").hexdigest()


def set_session_cookie(response: BaseResponse, token: str) -> None:
    """Give a browser its session: for this browser run only, and unreadable to scripts."""
    response.set_cookie(
        COOKIE_NAME, token, httponly=True, samesite="Lax", secure=_needs_https(), path="/"
    )


def clear_session_cookie(response: BaseResponse) -> None:
    """Take a browser's session cookie away."""
    response.delete_cookie(
        COOKIE_NAME, httponly=True, samesite="Lax", secure=_needs_https(), path="/"
    )


def client_address() -> str:
    """Return the address the request came from."""
    return request.remote_addr or ""


def _needs_https() -> bool:
    """Tell whether the cookie may travel by HTTPS only: yes, but on this very machine."""
    host = request.host.rsplit(":", 1)[0]
    return request.is_secure or host not in {"127.0.0.1", "localhost", "[::1]"}


def _is_api() -> bool:
    return request.path.startswith(API_PREFIX)


def _authenticate() -> None:
    kind, token = _presented()
    if token:
        with unit_of_work() as database:
            actor = identity.look_up(database, token, kind=kind, now=now(), rules=config().sign_in)
        g.actor = actor
        if actor is not None:
            viewer.current.set(Viewer(actor.id, actor.scope))


def _presented() -> tuple[str, str]:
    """Return the kind and text of the request's token: programs and browsers never mix."""
    if _is_api():
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return BEARER, token.strip() if scheme.lower() == "bearer" else ""
    return COOKIE, request.cookies.get(COOKIE_NAME, "")


def _authorise() -> BaseResponse | None:
    if request.url_rule is None or request.endpoint is None:
        return None  # no such page: the router's own 404 or 405 follows
    if request.headers.get("Sec-Fetch-Site") in _STRANGERS and not _is_safe():
        raise Forbidden  # a stranger's page made this request
    if request.endpoint in PUBLIC:
        return None
    actor: Actor | None = g.get("actor")
    if actor is None:
        return _ask_to_sign_in()
    if not (_is_api() or _is_safe()):
        _check_csrf()
    return _may_pass(actor, current_app.view_functions[request.endpoint])


def _may_pass(actor: Actor, view: Callable[..., object]) -> BaseResponse | None:
    """Compare what a view is marked with and who asks: how far they came, what they may."""
    if actor.stage not in getattr(view, "stages", frozenset({Stage.FULL})):
        return _lead_on(actor.stage)
    permission = getattr(view, "required_permission", None)
    if permission is None or not actor.may(permission):
        raise Forbidden
    scope = getattr(view, "scope_kind", None)
    if (scope == "city" and not actor.whole_city) or (scope == "system" and not actor.whole_system):
        raise Forbidden
    if getattr(view, "step_up", False) and not actor.fresh(now(), to_fill_in=_is_page()):
        return _ask_again()
    return None


def _lead_on(stage: Stage) -> BaseResponse:
    """Refuse a session that has not come far enough, and say or show what it lacks."""
    error, page = _LACKING[stage]
    if _is_api() or page not in current_app.view_functions:
        raise error
    if request.headers.get("HX-Request"):
        return BaseResponse(status=204, headers={"HX-Redirect": url_for(page)})
    return redirect(url_for(page), code=303)


def _ask_again() -> BaseResponse:
    """Ask who is there, before a form is filled in; what was sent too late is refused."""
    if not _is_page() or CONFIRM_PAGE not in current_app.view_functions:
        raise StepUpRequired
    return redirect(url_for(CONFIRM_PAGE, next=request.full_path.removesuffix("?")), code=303)


def _is_page() -> bool:
    return _is_safe() and not _is_api()


def _is_safe() -> bool:
    return request.method in _SAFE


def _check_csrf() -> None:
    """Refuse a browser's unsafe request that none of our own pages made."""
    given = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD, "")
    if not hmac.compare_digest(given.encode(), csrf_token().encode()):
        raise Forbidden


def _ask_to_sign_in() -> BaseResponse:
    if _is_api() or SIGN_IN_PAGE not in current_app.view_functions:
        raise Unauthorized(www_authenticate=WWWAuthenticate("bearer"))
    return redirect(url_for(SIGN_IN_PAGE), code=303)
