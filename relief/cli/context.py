"""What every command needs: the settings, and the application around its work."""

import importlib
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click
from flask import Flask

from relief.core import logs
from relief.core.config import PREFIX, Config, ConfigError
from relief.core.database_roles import DatabaseRole

CHECKOUT = Path(__file__).resolve().parents[2]
SECRETS_FILE = "secrets.env"
DATABASE_FILE = "database.env"
KEY_SETTINGS = ("SECRET_KEY", "DATA_KEYS", "INDEX_KEYS", "INDEX_KEY")


class BadSettings(click.ClickException):
    """Settings are missing or wrong: one line for each, and exit code 2."""

    exit_code = 2


def var_dir() -> Path:
    """Return the folder of everything `relief run` keeps."""
    return Path(os.environ.get("RELIEF_VAR_DIR", CHECKOUT / "var"))


def read_env_file(path: Path) -> dict[str, str]:
    """Return the NAME=value lines of a file, or nothing if there is no file."""
    if not path.is_file():
        return {}
    lines = path.read_text("utf-8").splitlines()
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}


def load_settings(env: Mapping[str, str] | None = None) -> None:
    """Fill the environment from what `relief run` keeps, if it names no secrets of its own.

    So `relief import …` works beside a `make run`. A deployment names its settings and is
    never completed from a file that happens to lie there.
    """
    given = os.environ if env is None else env
    if not any(f"{PREFIX}{name}" in given for name in KEY_SETTINGS):
        for file in (SECRETS_FILE, DATABASE_FILE):
            for name, value in read_env_file(var_dir() / file).items():
                os.environ.setdefault(name, value)


def create_application(role: DatabaseRole, target: str = "relief.app:create_app") -> Flask:
    """Build an application from the environment, with the database account of `role`.

    By its name, as Flask's own command does: the applications stand above the commands.
    """
    module, _, factory = target.partition(":")
    try:
        config = Config.from_env(role=role)
    except ConfigError as error:
        raise BadSettings(str(error)) from None
    app = getattr(importlib.import_module(module), factory)(config)
    assert isinstance(app, Flask)  # noqa: S101  # narrows for the type checker
    return app


@contextmanager
def application(role: DatabaseRole, process: str = "command") -> Iterator[Flask]:
    """Give a command the application, inside its context."""
    logs.configure(process, level=logging.WARNING)
    load_settings()
    app = create_application(role)
    with app.app_context():
        yield app
