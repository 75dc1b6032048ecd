"""`relief audit`: check the audit trail against its seals, and anchor it outside the database.

Checking needs a database account that may read, the seal key and the anchors: no key to
personal data, so that an auditor can do it on a machine of their own.
"""

import json
import os

import click

from relief.audit import anchoring, checks
from relief.cli.context import BadSettings, load_settings
from relief.core.clock import system_clock
from relief.core.config import PREFIX, ConfigError, SealSettings
from relief.core.database_roles import DatabaseRole
from relief.core.db import session_on, snapshot_on
from relief.core.health import unreachable


@click.group(help="审计日志：校验是否被改动、写外部存证。")
def audit() -> None:
    """Hold the commands."""


@audit.command(help="对照封存记录和外部存证校验全部审计日志；有问题时退出码为 1。只读。")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
def verify(*, as_json: bool) -> None:
    """Name the first bad row and what was done to it."""
    url, settings = _settings(DatabaseRole.AUDIT)
    with snapshot_on(url) as session:
        report = checks.check(session, settings=settings, now=system_clock())
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        click.echo(f"审计日志{'' if report.whole else '有问题：'}{checks.words(report)}")
        click.echo(f"尚未封存的事件：{report.unsealed} 条")
        if report.torn_anchors:
            click.echo(f"外部存证中有 {report.torn_anchors} 处未写完的行（写入时进程被中断）")
    if not report.whole:
        raise SystemExit(1)


@audit.command(help="立即把最新的封存写入外部存证（平时每小时自动写一次）。")
def anchor() -> None:
    """Anchor the newest seal now."""
    url, settings = _settings(DatabaseRole.WORKER)
    with session_on(url) as session:
        written = anchoring.anchor_newest(
            session, anchor=checks.anchor_of(settings), now=system_clock()
        )
    if written is None:
        message = "还没有任何封存，请确认定时任务进程在运行。"
        raise click.ClickException(message)
    click.echo(f"已写入外部存证：第 {written.number} 号，封存 {written.seq}。")


def _settings(role: DatabaseRole) -> tuple[str, SealSettings]:
    load_settings()
    if not (url := os.environ.get(PREFIX + role.setting)):
        message = f"{PREFIX}{role.setting} is missing: PostgreSQL address, postgresql://…"
        raise BadSettings(message)
    try:
        settings = SealSettings.from_env()
    except ConfigError as error:
        raise BadSettings(str(error)) from None
    if fault := unreachable(url):
        message = f"数据库无法连接：{fault}"
        raise click.ClickException(message)
    return url, settings
