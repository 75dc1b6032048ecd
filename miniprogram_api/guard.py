"""The door of every request of the mini program: whose token is this, and what may they.

Deny by default, by the order in which it is asked: a token, an agreement to the privacy policy, a
role. There is no cookie. Each POST carries an `Idempotency-Key`, but signing in: its code can be
used once anyhow. PUT and DELETE do nothing more when they are repeated; a sign-out that is repeated
is answered 401.
"""

from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, current_app, g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, Unauthorized

from miniprogram_api.context import Caller, current_caller, now
from relief.bindings import policy, sign_in, standing
from relief.bindings.errors import ConsentMissing, RoleMissing
from relief.bindings.sign_in import Unknown
from relief.core import viewer
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.core.errors import Invalid
from relief.core.scope import Scope
from relief.core.viewer import Viewer
from relief.web import idempotency
from relief.web.problems import problem
from relief.web.text import refuse_unkeepable

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

# Endpoints that need no token. Add one only with the reason beside it.
PUBLIC = frozenset(
    {
        "healthz",  # asked by load balancers
        "api-docs.openapi_json",  # names no data
        "sessions.sign_in",
        "consent.read_policy",  # what one agrees to is read before
    }
)
KEYLESS = frozenset({"sessions.sign_in"})  # POST that takes no Idempotency-Key
_NOWHERE = Scope(ranges=(), department_code=None)  # sees no region of the registry
_REFUSALS = {
    Unknown.NEVER: ("sign-in-unknown", "登录已失效，请重新登录"),
    Unknown.EXPIRED: ("sign-in-expired", "登录已过期，请重新登录"),
}


class KeyMissing(Invalid):
    """A write that could not be repeated safely."""

    code, title = "idempotency-key-missing", "请求缺少 Idempotency-Key，无法保证重复提交只办理一次"


def install(app: Flask) -> None:
    """Put the door before every view of `app`."""
    app.before_request(_enter)
    app.before_request(refuse_unkeepable)


def still_allowed(session: "Session", *, now: datetime) -> None:
    """Look again at the caller's session and consent, for a view that asked WeChat meanwhile.

    Holds the account, so that neither ends before the view's work is done. Raises Unauthorized,
    ConsentMissing.
    """
    caller = current_caller()
    standing.hold(session, account_id=caller.account_id)
    if not standing.is_signed_in(session, session_id=caller.session_id):
        raise Unauthorized(www_authenticate=WWWAuthenticate("bearer"))
    standing.check_consent(session, account_id=caller.account_id, now=now)


def _enter() -> tuple[Response, int] | None:
    if request.url_rule is None or request.endpoint is None:
        return None  # no such page: the router's own 404 or 405 follows
    if request.endpoint in PUBLIC:
        return None
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return _sign_in_first("unauthorized", "请先登录")
    with unit_of_work() as session:
        caller = sign_in.look_up(session, token.strip(), now=now())
    if isinstance(caller, Unknown):
        return _sign_in_first(*_REFUSALS[caller])
    g.caller = caller
    viewer.current.set(Viewer(caller.account_id, _NOWHERE))
    _authorise(caller)
    return None


def _authorise(caller: Caller) -> None:
    """Compare what the view is marked with and who asks. Raises Forbidden and what it lacks."""
    view: Any = current_app.view_functions[request.endpoint or ""]
    if not hasattr(view, "mini_role"):
        raise Forbidden
    if not view.without_consent and caller.agreed < policy.current(local_date(now())).version:
        raise ConsentMissing
    if view.mini_role is not None and view.mini_role not in caller.roles:
        raise RoleMissing
    key = request.headers.get(idempotency.HEADER)
    if request.method == "POST" and request.endpoint not in KEYLESS and not key:
        raise KeyMissing


def _sign_in_first(code: str, title: str) -> tuple[Response, int]:
    response, status = problem(HTTPStatus.UNAUTHORIZED, code, title)
    response.headers["WWW-Authenticate"] = "Bearer"
    return response, status
