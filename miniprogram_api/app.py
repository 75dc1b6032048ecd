"""Builds the application that the WeChat mini program talks to; deployable alone."""

from flask import Flask

from miniprogram_api import guard
from miniprogram_api.bindings.routes import blp as bindings
from miniprogram_api.consent.routes import blp as consent
from miniprogram_api.me.routes import blp as me
from miniprogram_api.sessions.routes import blp as sessions
from relief import models  # noqa: F401  # completes the metadata
from relief.core.clock import Clock, system_clock
from relief.core.config import Config
from relief.core.database_roles import DatabaseRole
from relief.web import frame
from relief.web.problems import Api, openapi_security

TITLE = "城乡困难户帮扶平台·小程序接口"
# A folder of routes stands here; each begins its addresses with /mini/v1.
BLUEPRINTS = (sessions, consent, me, bindings)


def create_app(config: Config | None = None, clock: Clock = system_clock) -> Flask:
    """Return a configured application; it opens no connection until asked."""
    app = frame.build(
        "miniprogram_api", config=config or Config.from_env(role=DatabaseRole.MINI), clock=clock
    )
    app.config.update(
        API_TITLE=TITLE,
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/mini",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS=openapi_security(),
    )
    guard.install(app)
    api = Api(app)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    return app
