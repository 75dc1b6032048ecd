"""`relief backup`, `relief restore` and `relief drill`."""

import contextlib
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from relief import wiring
from relief.backups import drill as drills
from relief.backups import service
from relief.cli.bar import Bar
from relief.cli.context import BadSettings, load_settings
from relief.core.clock import system_clock
from relief.core.config import Config, ConfigError
from relief.core.errors import DomainError
from relief.core.health import unreachable
from relief.core.progress import Progress, silent
from relief.integrations.postgres.archive import ArchiveError

URL, STORAGE = "RELIEF_OWNER_DATABASE_URL", "RELIEF_STORAGE_DIR"
_json = click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象。")
_folder = click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
_url = click.option(
    "--url",
    metavar="URL",
    help="数据库地址，须能读到所有行（属主或备份角色）；不给出时用 RELIEF_OWNER_DATABASE_URL。",
)


@click.command(help="在 FOLDER 中新建一份备份：数据库、加密的原始文件和清单。密钥不在其中。")
@_folder
@_url
@_json
def backup(folder: Path, url: str | None, *, as_json: bool) -> None:
    """Make a backup and say where it is."""
    began = time.monotonic()
    with _work(quiet=as_json) as tell:
        target, made = service.back_up(
            _address(url), _storage(), folder, now=system_clock(), progress=tell
        )
    facts = {
        "backup": str(target),
        "tables": len(made.tables),
        "rows": sum(table.rows for table in made.tables.values()),
        "files": len(made.files),
        "bytes": made.dump.size + sum(file.size for file in made.files),
        "key_ids": made.key_ids,
        "seconds": round(time.monotonic() - began, 2),
    }
    _say(
        facts,
        "备份完成：{backup}，{tables} 张表 {rows} 行，{files} 个原始文件，共 {bytes} 字节，"
        f"用时 {{seconds}} 秒。恢复时需要编号为 {_numbers(made.key_ids)} 的数据密钥和索引密钥，"
        "请另行保管。",
        as_json=as_json,
    )


@click.command(help="把 FOLDER（一份备份，或其中最新的一份）恢复到空的数据库和空的存储目录。")
@_folder
@click.option("--into", metavar="URL", help="目标数据库；不给出时用 RELIEF_OWNER_DATABASE_URL。")
@_json
def restore(folder: Path, into: str | None, *, as_json: bool) -> None:
    """Check, restore, verify, and only then say so."""
    began = time.monotonic()
    with _work(quiet=as_json) as tell:
        source, found = service.restore(folder, _address(into), _storage(), progress=tell)
    facts = {
        "backup": str(source),
        "made_at": found.made_at,
        "revision": found.revision,
        "tables": len(found.tables),
        "rows": sum(table.rows for table in found.tables.values()),
        "files": len(found.files),
        "seconds": round(time.monotonic() - began, 2),
    }
    _say(
        facts,
        "已恢复 {backup}（{made_at}，迁移版本 {revision}）：{tables} 张表 {rows} 行、"
        "{files} 个原始文件均与清单一致，用时 {seconds} 秒。请运行 relief setup 后再启动各进程。",
        as_json=as_json,
    )


@click.command(help="演练：把 FOLDER 中最新的备份恢复到临时数据库并逐项比对，之后删除。")
@_folder
@_url
@_json
def drill(folder: Path, url: str | None, *, as_json: bool) -> None:
    """Restore beside the real database and compare; exit code 1 if anything differs."""
    with _work(quiet=as_json) as tell:
        try:
            config = Config.from_env()
        except ConfigError as error:
            raise BadSettings(str(error)) from None
        outcome = drills.drill(
            folder,
            _address(url),
            cipher=config.cipher,
            verifiers=wiring.verifiers_of(config),
            progress=tell,
        )
    if as_json:
        facts = {"backup": outcome.backup, "green": outcome.green, "checks": outcome.checks}
        click.echo(json.dumps({**facts, **outcome.figures}, ensure_ascii=False))
    else:
        for name, faults in outcome.checks.items():
            click.echo(f"{name}：{'；'.join(faults[:20]) or '一致'}")
        verdict = "演练通过" if outcome.green else "演练未通过，这份备份不可依靠"
        click.echo(f"{verdict}：{outcome.backup}")
    if not outcome.green:
        raise SystemExit(1)


@contextlib.contextmanager
def _work(*, quiet: bool) -> Iterator[Progress]:
    """Load the settings and show progress; an error of the work is one clear line."""
    load_settings()
    bar = Bar(sys.stderr)
    try:
        with contextlib.closing(bar):
            yield silent if quiet else bar
    except (DomainError, ArchiveError) as error:
        words = error.detail or error.title if isinstance(error, DomainError) else str(error)
        raise click.ClickException(words) from None


def _address(given: str | None) -> str:
    url = given or _setting(URL, "PostgreSQL address, postgresql://…")
    if fault := unreachable(url):
        message = f"数据库无法连接：{fault}"
        raise click.ClickException(message)
    return url


def _storage() -> Path:
    return Path(_setting(STORAGE, "folder for encrypted original files"))


def _setting(name: str, meaning: str) -> str:
    if not (value := os.environ.get(name)):
        message = f"{name} is missing: {meaning}"
        raise BadSettings(message)
    return value


def _numbers(key_ids: list[int]) -> str:
    return "、".join(map(str, key_ids)) or "（无）"


def _say(facts: dict[str, Any], words: str, *, as_json: bool) -> None:
    click.echo(json.dumps(facts, ensure_ascii=False) if as_json else words.format(**facts))
