"""`relief import`: load department files, or take a batch back."""

import contextlib
import json
import sys
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask import Flask

from relief.cli.bar import Bar
from relief.cli.context import application
from relief.core.database_roles import DatabaseRole
from relief.core.db import unit_of_work
from relief.core.errors import DomainError
from relief.core.privacy.cipher import Cipher
from relief.core.progress import Progress, silent
from relief.registry.intake import driver, service
from relief.registry.intake.types import BatchReport
from relief.registry.merging.service import merge
from relief.registry.types import BatchStatus

# What the sample generator writes beside the files of the departments.
_NOT_OURS = {"truth.csv", "irregularities.csv"}
_SUFFIXES = {".csv", ".xlsx"}
_STATUS = {
    BatchStatus.LOADED: "已入库",
    BatchStatus.REPEATED: "重复文件",
    BatchStatus.FAILED: "未能读取",
}


class Refused(click.ClickException):
    """The command was understood and cannot be done."""


@click.command("import", help="导入部门数据文件（csv、xlsx 或其所在目录），并归并。")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--scheme", metavar="S01", help="救助项目代码；不给出时按表头识别。")
@click.option(
    "--rows",
    "expected_rows",
    type=click.IntRange(min=0),
    help="文件应有的数据行数（不含表头和合计）；不符则整个文件不入库。只用于单个文件。",
)
@click.option(
    "--region",
    metavar="210302000000",
    type=int,
    help="名册只覆盖这个区划（12 位区划代码）时给出；不给出时为全市的名册。",
)
@click.option("--no-merge", is_flag=True, help="只入库，不归并。")
@click.option("--undo", metavar="批次", type=click.UUID, help="撤销一个批次及由它归并的数据。")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象。")
def import_(
    paths: tuple[Path, ...],
    scheme: str | None,
    expected_rows: int | None,
    region: int | None,
    undo: uuid.UUID | None,
    *,
    no_merge: bool,
    as_json: bool,
) -> None:
    """Load files and merge them, or undo a batch; exit code 1 if a file failed."""
    if bool(paths) == (undo is not None):
        message = "请给出要导入的文件或目录，或用 --undo 给出要撤销的批次。"
        raise click.UsageError(message)
    bar = Bar(sys.stderr)
    tell = silent if as_json else bar
    with application(DatabaseRole.WORKER) as app, contextlib.closing(bar):
        now = app.extensions["relief.clock"]()
        try:
            if undo is not None:
                result = _undo(undo, app.extensions["relief.cipher"], now, tell)
            else:
                result = _import(
                    app,
                    list(_files(paths)),
                    scheme,
                    tell,
                    merging=not no_merge,
                    expected_rows=expected_rows,
                    region=region,
                )
        except DomainError as error:
            raise Refused(error.detail or error.title) from None
    click.echo(json.dumps(result, ensure_ascii=False) if as_json else _summary(result))
    if any(file["status"] == BatchStatus.FAILED for file in result.get("files", ())):
        raise SystemExit(1)


def _import(
    app: Flask,
    files: Sequence[Path],
    scheme: str | None,
    tell: Progress,
    *,
    merging: bool,
    expected_rows: int | None,
    region: int | None,
) -> dict[str, Any]:
    if not files:
        message = "没有找到 csv 或 xlsx 文件。"
        raise Refused(message)
    if expected_rows is not None and len(files) > 1:
        message = "--rows 只能与单个文件一起使用。"
        raise Refused(message)
    job = driver.Import(
        unit_of_work=unit_of_work,
        scheme_code=scheme,
        actor_id=None,
        cipher=app.extensions["relief.cipher"],
        storage=app.extensions["relief.config"].storage_dir,
        clock=app.extensions["relief.clock"],
        progress=tell,
        expected_rows=expected_rows,
        region_code=region,
    )
    reports = driver.import_paths(files, job)
    result = _totals(reports)
    if merging:
        with unit_of_work() as session:
            now = app.extensions["relief.clock"]()
            report = merge(
                session,
                cipher=app.extensions["relief.cipher"],
                actor_id=None,
                now=now,
                progress=tell,
            )
            result["merge"] = report.as_json()
    return result


def _undo(batch_id: uuid.UUID, cipher: Cipher, now: datetime, tell: Progress) -> dict[str, Any]:
    with unit_of_work() as session:
        service.undo_batch(session, batch_id=batch_id, actor_id=None, now=now)
        merged = merge(session, cipher=cipher, actor_id=None, now=now, progress=tell)
    return {"undone": str(batch_id), "merge": merged.as_json()}


def _totals(reports: Sequence[BatchReport]) -> dict[str, Any]:
    return {
        "received": sum(report.received for report in reports),
        "loaded": sum(report.loaded for report in reports),
        "rejected": sum(report.rejected for report in reports),
        "files": [report.as_json() for report in reports],
    }


def _files(paths: Iterable[Path]) -> Iterable[Path]:
    """Yield the files named, and the tables in the folders named."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for file in sorted(path.iterdir()):
            is_table = file.is_file() and file.suffix.lower() in _SUFFIXES
            if is_table and file.name not in _NOT_OURS and not file.name.startswith((".", "~$")):
                yield file


def _summary(result: dict[str, Any]) -> str:
    if "undone" in result:
        return f"批次 {result['undone']} 已撤销，数据已重新归并。"
    lines = [
        f"{file['file']}：{_STATUS[BatchStatus(file['status'])]}，"
        f"收到 {file['received']} 行，入库 {file['loaded']} 行，退回 {file['rejected']} 行。"
        + (file["fault"] or "")
        for file in result["files"]
    ]
    total = "收到 {received} 行，入库 {loaded} 行，退回 {rejected} 行。".format(**result)
    lines.append(f"合计：{total}")
    if merged := result.get("merge"):
        counted = "共" if merged["whole"] else "本次涉及"
        lines.append(f"归并完成：{counted} {merged['persons']} 人，{merged['households']} 户。")
        lines.extend(held_words(roll) for roll in merged["held"])
    return "\n".join(lines)


def held_words(roll: Mapping[str, Any]) -> str:
    """Say which roll did not have its effect, and what it would have done."""
    return (
        f"{roll['file']}：名册没有生效，等待数据管理员确认（会使在册的 {roll['people']} 人中"
        f" {roll['removed']} 人离开）。批次 {roll['batch']}"
    )
