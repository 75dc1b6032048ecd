"""`relief workdays`: count working days as the platform counts them."""

from datetime import datetime

import click

from relief.cli.context import application
from relief.core.database_roles import DatabaseRole
from relief.core.db import unit_of_work
from relief.organisation import queries as organisation


@click.group(help="工作日推算。")
def workdays() -> None:
    """Hold the commands about working days."""


@workdays.command(help="从 DATE（当日不计）起数 N 个工作日，打印期限的最后一日。")
@click.argument("start", metavar="DATE", type=click.DateTime(["%Y-%m-%d"]))
@click.argument("count", metavar="N", type=click.IntRange(min=0, max=10_000))
def add(start: datetime, count: int) -> None:
    """Print the due day, and 暂定 if a calendar still to come may move it."""
    with application(DatabaseRole.OWNER), unit_of_work() as session:
        due = organisation.calendar(session).add_working_days(start.date(), count)
    click.echo(f"{due.day.isoformat()} 暂定" if due.provisional else due.day.isoformat())
