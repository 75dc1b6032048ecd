"""`relief setup`: bring a database to the present form and load the reference data."""

import os
from datetime import datetime

import click
from alembic import command
from alembic.config import Config as AlembicConfig

from relief.cli.context import CHECKOUT, application
from relief.core.clock import system_clock
from relief.core.db import unit_of_work


def migrate(database_url: str) -> None:
    """Run the migrations up to the newest on the database named."""
    os.environ["RELIEF_DATABASE_URL"] = database_url
    command.upgrade(AlembicConfig(toml_file=str(CHECKOUT / "pyproject.toml")), "head")


def load_reference_data(now: datetime) -> None:
    """Load `seeds/` into the database of the current application; a repeat changes nothing."""
    # The loaders are imported here, so that a broken seed cannot stop the other commands.
    from relief.organisation import seeding as organisation  # noqa: PLC0415
    from relief.schemes import seeding as schemes  # noqa: PLC0415

    with unit_of_work() as session:
        organisation.load_seeds(session, now=now)
        schemes.load_seeds(session, now=now)


@click.command(help="迁移数据库并装载区划、部门、救助项目等基础数据(可重复执行)。")
def setup() -> None:
    """Migrate and seed the database that RELIEF_DATABASE_URL names."""
    with application() as app:
        migrate(app.extensions["relief.config"].database_url)
        load_reference_data(system_clock())
    click.echo("数据库已就绪。")
