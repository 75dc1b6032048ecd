"""Builds the application that the departments use: the staff API and the console."""

from flask import Flask

from relief import (
    models,  # noqa: F401  # completes the metadata
    wiring,  # noqa: F401  # fills the hooks
)
from relief.accounts.types import Role
from relief.api import API_BLUEPRINTS
from relief.console import CONSOLE_BLUEPRINTS
from relief.core.clock import Clock, system_clock
from relief.core.config import PREFIX, Config, ConfigError
from relief.web import frame, guard
from relief.web.problems import Api, openapi_security

TITLE = "城乡困难户帮扶平台"


def create_app(config: Config | None = None, clock: Clock = system_clock) -> Flask:
    """Return a configured application; it opens no connection until asked."""
    config = config or Config.from_env()
    if unknown := config.sign_in.second_factor_roles - {role.value for role in Role}:
        message = f"{PREFIX}SECOND_FACTOR_ROLES names no role of ours: {', '.join(sorted(unknown))}"
        raise ConfigError(message)
    app = frame.build("relief", config=config, clock=clock)
    app.config.update(
        API_TITLE=TITLE,
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS=openapi_security(),
    )
    guard.install(app)
    api = Api(app)
    for blueprint in API_BLUEPRINTS:
        api.register_blueprint(blueprint)
    for page in CONSOLE_BLUEPRINTS:
        app.register_blueprint(page)
    return app
