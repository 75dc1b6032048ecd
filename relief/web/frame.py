"""What every front end has: request ids, limits, hard headers, a health page, Chinese JSON."""

import logging
import re
import secrets
import time

from flask import Flask, Response, g, jsonify, request
from flask.json.provider import DefaultJSONProvider

from relief.core import logs, viewer
from relief.core.clock import Clock
from relief.core.config import Config
from relief.core.db import db
from relief.core.health import database_answers
from relief.web import hardening, limits, wechat

logger = logging.getLogger("relief.requests")

HEALTH_PATH = "/healthz"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def build(name: str, *, config: Config, clock: Clock) -> Flask:
    """Return an application with the database, the shared extensions and the health page."""
    app = Flask(name)
    app.config.update(
        SECRET_KEY=config.secret_key,
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={
            "pool_pre_ping": True,
            "pool_size": 8,
            "max_overflow": 4,
            "connect_args": {
                "connect_timeout": 5,
                "application_name": name,
                # A plan that is good for any name and any region is bad for most: a search for
                # a rare name took 1.6 s by the general plan and 1 ms by its own.
                "options": "-c plan_cache_mode=force_custom_plan",
            },
        },
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    provider = DefaultJSONProvider(app)
    provider.ensure_ascii = False
    app.json = provider
    app.extensions["relief.clock"] = clock
    app.extensions["relief.cipher"] = config.cipher
    app.extensions["relief.config"] = config
    db.init_app(app)
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(_forget)
    hardening.install(app)
    limits.install(app)
    wechat.install(app)
    app.add_url_rule(HEALTH_PATH, "healthz", healthz)
    return app


def healthz() -> tuple[Response, int]:
    """Tell a load balancer whether this process can serve; needs no sign-in."""
    ready = database_answers(db.session())
    return jsonify(status="ok" if ready else "no-database"), 200 if ready else 503


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(12)
    logs.request_id.set(g.request_id)
    viewer.current.set(None)
    g.began = time.monotonic()


def _forget(_error: BaseException | None) -> None:
    """Let the next request of this thread begin as nobody's."""
    viewer.current.set(None)


def _end(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.get("request_id", "")
    if request.path != HEALTH_PATH:
        rule = request.url_rule
        logger.info(
            "request",
            extra={
                "method": request.method,
                # The pattern and not the path: a path may name a record, and a query a person.
                "route": rule.rule if rule else None,
                "status": response.status_code,
                "ms": round((time.monotonic() - g.get("began", time.monotonic())) * 1000, 1),
            },
        )
    return response
