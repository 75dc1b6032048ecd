"""`relief keys`: which keys are in use, and the change to the present ones. Never a key itself."""

import contextlib
import dataclasses
import json
import time
from collections.abc import Sequence

import click
from flask import Flask

from relief.cli.bar import Bar
from relief.cli.context import application
from relief.core.database_roles import DatabaseRole
from relief.core.db import unit_of_work
from relief.core.errors import DomainError
from relief.core.privacy.cipher import CannotOpen, KeyMissing
from relief.core.privacy.holders import Keys, Use
from relief.tasks import key_rotation
from relief.tasks.key_rotation import Rotation, Usage
from relief.wiring import HOLDERS

_USES = {Use.DATA: "数据密钥", Use.INDEX: "索引密钥", Use.NONE: "未加密"}
_HOLDERS = {
    "secret_value": "个人敏感信息",
    "stored_file": "原始文件",
    "source_record": "明细行指纹",
    "idempotency_record": "重复请求的应答",
    "account_totp": "动态验证码密钥",
}


@click.group(help="查看和轮换密钥（从不显示密钥本身）。")
def keys() -> None:
    """Hold the commands on keys."""


@keys.command(help="列出每个密钥编号下还有多少数据。")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
def status(*, as_json: bool) -> None:
    """Say how many values of each kind are under which key."""
    with application(DatabaseRole.OWNER) as app:
        ours = _keys(app)
        with unit_of_work() as session:
            usages = key_rotation.status(session, HOLDERS, ours)
        spent = sorted(key_rotation.spent(usages, ours))
    if as_json:
        found = {
            "usage": [dataclasses.asdict(usage) for usage in usages],
            "spent": [{"use": use.value, "key_id": key_id} for use, key_id in spent],
        }
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for line in _table(usages):
        click.echo(line)
    for use, key_id in spent:
        click.echo(f"{_USES[use]} {key_id} 已无数据使用，可以从设置中移除。")


@keys.command(help="把全部数据改用当前密钥（可随时中断并重新执行，期间服务照常）。")
def rotate() -> None:
    """Turn everything to the present keys."""
    bar = Bar()
    started = time.perf_counter()
    with application(DatabaseRole.OWNER) as app, contextlib.closing(bar):
        rotation = Rotation(
            unit_of_work=unit_of_work,
            database_url=app.extensions["relief.config"].database_url,
            holders=HOLDERS,
            keys=_keys(app),
            clock=app.extensions["relief.clock"],
            progress=bar,
        )
        try:
            turned = key_rotation.rotate(rotation)
        except KeyMissing as error:
            message = f"有数据使用的密钥不在设置中：{error}"
            raise click.ClickException(message) from None
        except CannotOpen as error:
            message = f"有数据无法解密，轮换已停止：{error}"
            raise click.ClickException(message) from None
        except DomainError as error:
            raise click.ClickException(error.detail or error.title) from None
    count = sum(turned.values())
    seconds = time.perf_counter() - started
    click.echo(f"密钥轮换完成：{count} 项已改用当前密钥，用时 {seconds:.1f} 秒。")


def _keys(app: Flask) -> Keys:
    return Keys(app.extensions["relief.cipher"], app.extensions["relief.config"].storage_dir)


def _table(usages: Sequence[Usage]) -> list[str]:
    return [
        f"{_HOLDERS.get(usage.holder, usage.holder)}：{_USES[usage.use]}"
        + (f" {usage.key_id}" if usage.use is not Use.NONE else "")
        + f"，{usage.count} 项，{_state(usage)}"
        for usage in usages
    ] or ["还没有加密的数据。"]


def _state(usage: Usage) -> str:
    if usage.is_present:
        return "当前"
    if usage.is_known or usage.use is Use.NONE:
        return "待轮换"
    return "设置中没有这个密钥，数据无法读取"
