"""What every command needs: the settings, and the application around its work."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click
from flask import Flask
from flask.cli import ScriptInfo

from relief.core import logs
from relief.core.config import PREFIX, ConfigError

CHECKOUT = Path(__file__).resolve().parents[2]
SECRETS_FILE = "secrets.env"


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
    """Fill the environment from `var/secrets.env` if it names no settings of its own.

    So `relief import …` works beside a `make run`. A deployment names its settings and is
    never completed from a file that happens to lie there.
    """
    given = os.environ if env is None else env
    if not any(f"{PREFIX}{name}" in given for name in ("SECRET_KEY", "DATA_KEYS", "INDEX_KEY")):
        for name, value in read_env_file(var_dir() / SECRETS_FILE).items():
            os.environ.setdefault(name, value)


def create_application() -> Flask:
    """Build the web application from the environment.

    By its name, as Flask's own command does: the application stands above the commands.
    """
    load_settings()
    try:
        return ScriptInfo(app_import_path="relief.app:create_app").load_app()
    except ConfigError as error:
        raise BadSettings(str(error)) from None


@contextmanager
def application(process: str = "command") -> Iterator[Flask]:
    """Give a command the application, inside its context."""
    logs.configure(process)
    app = create_application()
    with app.app_context():
        yield app
