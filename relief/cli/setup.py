"""`relief setup`: bring a database to the present form and load the reference data."""

import os
from datetime import datetime

import click
from alembic import command
from alembic.config import Config as AlembicConfig

from relief.cli.context import CHECKOUT, BadSettings, load_settings
from relief.core.clock import system_clock
from relief.core.db import session_on
from relief.core.health import unreachable
from relief.organisation import seeding as organisation
from relief.schemes import seeding as schemes

SETTING = "RELIEF_DATABASE_URL"


def migrate(database_url: str) -> None:
    """Run the migrations up to the newest on the database named."""
    before = os.environ.get(SETTING)
    os.environ[SETTING] = database_url  # where migrations/env.py looks
    try:
        command.upgrade(AlembicConfig(toml_file=str(CHECKOUT / "pyproject.toml")), "head")
    finally:
        if before is None:
            del os.environ[SETTING]
        else:
            os.environ[SETTING] = before


def prepare_database(database_url: str, *, now: datetime) -> None:
    """Migrate, and load `seeds/` in one transaction; a repeat changes nothing."""
    migrate(database_url)
    with session_on(database_url) as session:
        organisation.load_seeds(session, now=now)
        schemes.load_seeds(session, now=now)


@click.command(help="迁移 RELIEF_DATABASE_URL 所指的数据库并装载基础数据（可重复执行）。")
def setup() -> None:
    """Migrate and seed; needs no other setting."""
    load_settings()
    if not (url := os.environ.get(SETTING)):
        message = f"{SETTING} is missing: PostgreSQL address, postgresql://…"
        raise BadSettings(message)
    if fault := unreachable(url):
        message = f"数据库无法连接：{fault}"
        raise click.ClickException(message)
    prepare_database(url, now=system_clock())
    click.echo("数据库已就绪。")
