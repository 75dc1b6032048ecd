"""`relief registers`: load files of outside registers, look at them, take one back."""

import contextlib
import json
import sys
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from flask import Flask

from relief.cli.bar import Bar
from relief.cli.context import application
from relief.cli.imports import Refused
from relief.core.database_roles import DatabaseRole
from relief.core.db import unit_of_work
from relief.core.errors import DomainError
from relief.core.progress import silent
from relief.registers import batches
from relief.registers.intake import layouts, service
from relief.registers.intake.service import RegisterReport
from relief.registers.types import Content, Register, RegisterBatchStatus

_SUFFIXES = {".csv", ".xlsx"}
# What the sample generator writes beside the registers.
_NOT_OURS = {"planted.csv"}
_STATUS = {
    RegisterBatchStatus.LOADED: "已入库",
    RegisterBatchStatus.REPEATED: "重复文件",
    RegisterBatchStatus.FAILED: "未能读取",
    RegisterBatchStatus.UNDONE: "已撤销",
}
_CONTENT = {Content.WHOLE: "全量", Content.CHANGES: "变更"}


@click.group(help="外部登记数据（财政供养、车辆、房产、婚姻等）：导入、查看、撤销。")
def registers() -> None:
    """Group the commands about outside registers."""


@registers.command("import", help="导入外部登记数据文件（csv、xlsx 或其所在目录）；不归并。")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--register",
    type=click.Choice([one.value for one in Register]),
    help="登记数据种类；不给出时按表头识别。",
)
@click.option(
    "--rows",
    "expected_rows",
    type=click.IntRange(min=0),
    help="文件应有的数据行数（不含表头和合计）；不符则整个文件不入库。只用于单个文件。",
)
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象。")
def import_(
    paths: tuple[Path, ...], register: str | None, expected_rows: int | None, *, as_json: bool
) -> None:
    """Load files, each in a transaction of its own; exit code 1 if one failed."""
    files = list(_files(paths))
    if not files:
        message = "没有找到 csv 或 xlsx 文件。"
        raise Refused(message)
    if expected_rows is not None and len(files) > 1:
        message = "--rows 只能与单个文件一起使用。"
        raise Refused(message)
    bar = Bar(sys.stderr)
    tell = silent if as_json else bar
    reports = []
    with application(DatabaseRole.WORKER) as app, contextlib.closing(bar):
        for done, file in enumerate(files):
            tell(done, len(files), f"正在导入 {file.name}")
            wanted = Register(register) if register else None
            reports.append(_import(app, file, wanted, expected_rows))
        tell(len(files), len(files), "登记数据已处理")
    click.echo(_as_json(reports) if as_json else "\n".join(map(_line, reports)))
    if any(report.status is RegisterBatchStatus.FAILED for report in reports):
        raise SystemExit(1)


@registers.command("list", help="列出最近的外部登记数据批次。")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
def list_(limit: int) -> None:
    """List the newest batches."""
    titles = {one.register: one.layout.title for one in layouts.load_all().values()}
    with application(DatabaseRole.WORKER), unit_of_work() as session:
        for batch in batches.newest(session, limit=limit):
            click.echo(
                f"{batch.id}  {titles[batch.register]}（{_CONTENT[batch.content]}，"
                f"{batch.data_on or '无数据日期'}）  {_STATUS[batch.status]}  "
                f"收到 {batch.received} 行，入库 {batch.loaded} 行，退回 {batch.rejected} 行"
            )


@registers.command("rejected", help="列出一个批次退回的行及原因（不含行的内容）。")
@click.argument("batch", type=click.UUID)
def rejected(batch: uuid.UUID) -> None:
    """List why rows were sent back; exit code 1 for a batch that there is not."""
    try:
        with application(DatabaseRole.WORKER), unit_of_work() as session:
            batches.delivery(session, batch_id=batch)
            rows = batches.rejected(session, batch)
            for row in rows:
                click.echo(f"第 {row.row_number} 行：{row.reason}")
    except DomainError as error:
        raise Refused(error.detail or error.title) from None
    if not rows:
        click.echo("这个批次没有退回的行。")


@registers.command("undo", help="撤销一个批次；它所替代的数据重新有效。")
@click.argument("batch", type=click.UUID)
def undo(batch: uuid.UUID) -> None:
    """Take a batch back."""
    with application(DatabaseRole.WORKER) as app:
        now = app.extensions["relief.clock"]()
        try:
            with unit_of_work() as session:
                service.undo(session, batch_id=batch, actor_id=None, now=now)
        except DomainError as error:
            raise Refused(error.detail or error.title) from None
    click.echo(f"批次 {batch} 已撤销。")


def _import(
    app: Flask, file: Path, register: Register | None, expected_rows: int | None
) -> RegisterReport:
    with unit_of_work() as session:
        return service.import_file(
            session,
            file,
            register=register,
            actor_id=None,
            cipher=app.extensions["relief.cipher"],
            storage=app.extensions["relief.config"].storage_dir,
            now=app.extensions["relief.clock"](),
            expected_rows=expected_rows,
        )


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield the files named, and the tables in the folders named."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for file in sorted(path.iterdir()):
            is_table = file.is_file() and file.suffix.lower() in _SUFFIXES
            if is_table and file.name not in _NOT_OURS and not file.name.startswith((".", "~$")):
                yield file


def _as_json(reports: Sequence[RegisterReport]) -> str:
    found: dict[str, Any] = {
        "received": sum(report.received for report in reports),
        "loaded": sum(report.loaded for report in reports),
        "rejected": sum(report.rejected for report in reports),
        "files": [report.as_json() for report in reports],
    }
    return json.dumps(found, ensure_ascii=False)


def _line(report: RegisterReport) -> str:
    return (
        f"{report.file_name}：{_STATUS[report.status]}，收到 {report.received} 行，"
        f"入库 {report.loaded} 行，退回 {report.rejected} 行。{report.fault or ''}"
    )
