"""`relief setup`: bring a database to the present form and load the reference data."""

import os
from collections.abc import Sequence
from datetime import datetime

import click
import psycopg
from alembic import command
from alembic.config import Config as AlembicConfig

from relief import privileges
from relief.bindings import policy
from relief.cli.context import CHECKOUT, BadSettings, load_settings
from relief.core.clock import system_clock
from relief.core.config import PREFIX
from relief.core.database_roles import DatabaseRole
from relief.core.db import session_on
from relief.core.health import unreachable
from relief.integrations.postgres import accounts
from relief.notifications import templates
from relief.organisation import seeding as organisation
from relief.review.recounting import Moved, recount
from relief.schemes import seeding as schemes
from relief.schemes.drafting.kept import kept

ADMIN = "RELIEF_DATABASE_URL"  # a superuser's, named once and by nobody but this command
_COUNTED_BY = frozenset({"calendar_day", "calendar_year", "pause_reason", "reminder_rule"})
NAMED = 20  # of the last days that moved; each case's timeline tells its own
OWNER = PREFIX + DatabaseRole.OWNER.setting


def migrate(owner_url: str) -> None:
    """Run the migrations up to the newest on the database named."""
    before = os.environ.get(OWNER)
    os.environ[OWNER] = owner_url  # where migrations/env.py looks
    try:
        command.upgrade(AlembicConfig(toml_file=str(CHECKOUT / "pyproject.toml")), "head")
    finally:
        if before is None:
            del os.environ[OWNER]
        else:
            os.environ[OWNER] = before


def prepare_database(
    urls: accounts.Urls, *, now: datetime, admin_url: str | None = None
) -> Sequence[Moved]:
    """Make the accounts if a superuser's address is given, migrate, load `seeds/`, grant.

    Where the calendar or the reminders are other ones now, the clocks of open cases are counted
    anew; the last days that moved are returned. A repeat changes nothing.
    """
    templates.load_all()  # a file that nobody can use is refused before anything is done
    policy.load_all()
    if admin_url is not None:
        accounts.create_accounts(admin_url, urls)
    owner_url = urls[DatabaseRole.OWNER]
    migrate(owner_url)
    with session_on(owner_url) as session:
        changed = organisation.load_seeds(session, now=now) | schemes.load_seeds(session, now=now)
    accounts.grant(urls, privileges.rights(), privileges.CALLS)
    if _COUNTED_BY.isdisjoint(changed):
        return ()
    with session_on(urls[DatabaseRole.WORKER]) as session:
        return tuple(recount(session, now=now))


@click.command(
    help="建立数据库账号、迁移并装载基础数据（可重复执行）。首次执行须在 RELIEF_DATABASE_URL "
    "中给出超级用户的数据库地址；此后只需各账号的地址。"
)
@click.option("--accounts-only", is_flag=True, help="只建立数据库账号，不建表；用于恢复备份之前。")
def setup(*, accounts_only: bool) -> None:
    """Prepare the database that the addresses of the five accounts name."""
    load_settings()
    urls = {role: os.environ.get(PREFIX + role.setting, "") for role in DatabaseRole}
    missing = [
        f"{PREFIX}{role.setting} is missing: PostgreSQL address, postgresql://…"
        for role, url in urls.items()
        if not url
    ]
    if missing:
        raise BadSettings("\n".join(missing))
    admin_url = os.environ.get(ADMIN)
    if fault := unreachable(admin_url or urls[DatabaseRole.OWNER]):
        message = f"数据库无法连接：{fault}"
        raise click.ClickException(message)
    if accounts_only and not admin_url:
        message = f"{ADMIN} is missing: only a superuser makes accounts"
        raise BadSettings(message)
    try:
        if accounts_only:
            accounts.create_accounts(str(admin_url), urls)
        else:
            _say(prepare_database(urls, now=system_clock(), admin_url=admin_url))
            say_kept(urls[DatabaseRole.OWNER])
    except psycopg.errors.UndefinedObject as error:
        message = f"缺少数据库账号，请在 {ADMIN} 中给出超级用户的地址，再执行一次：{error}"
        raise click.ClickException(message.strip()) from None
    except psycopg.errors.InsufficientPrivilege as error:
        message = f"RELIEF_DATABASE_URL 的账号不是超级用户，不能建立数据库账号：{error}"
        raise click.ClickException(message.strip()) from None
    click.echo("数据库已就绪。")


def say_kept(owner_url: str) -> None:
    """Name the procedures that the seeds no longer say."""
    with session_on(owner_url) as session:
        for one in kept(session):
            click.echo(
                f"办理流程 {one.code} {one.name} 已在控制台发布第 {one.version} 版"
                f"（{one.valid_from} 起施行），种子文件中的该流程没有装入。"
            )


def _say(moved: Sequence[Moved]) -> None:
    if not moved:
        return
    click.echo(f"工作日历已变动，{len(moved)} 个办理期限随之改变：")
    for one in moved[:NAMED]:
        click.echo(f"  {one.number} {one.stage}：{one.before or '未定'} → {one.after or '未定'}")
    if len(moved) > NAMED:
        click.echo(f"  ……其余见各申请事项的“经过”（共 {len(moved)} 个）。")
