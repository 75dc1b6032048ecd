"""`relief linkage`: train a linkage, measure it, and make records to do so."""

import contextlib
import json
from datetime import datetime
from pathlib import Path

import click

from relief.cli.bar import Bar
from relief.core.clock import local_date, system_clock
from relief.core.errors import DomainError
from relief.registry.intake import flatten as flattening
from relief.registry.matching import evaluation, preparing, specification, training

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group(help="人员比对：训练权重、对照真值评估，不需要数据库。")
def linkage() -> None:
    """Hold the commands."""


@linkage.command(
    help="按规格比对 RECORDS 中的记录，并与真值列对照，给出准确率、召回率和最严重的错误。"
)
@click.option("--records", "path", type=_FILE, required=True, help="CSV 或 Parquet 文件")
@click.option("--spec", "name", required=True, help="规格名（如 china-departments）或 YAML 文件")
@click.option("--truth", required=True, help="真值所在的列名")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
def evaluate(path: Path, name: str, truth: str, *, as_json: bool) -> None:
    """Link, compare and report."""
    try:
        spec = specification.load(specification.find(name))
        connection = evaluation.open_records(path, truth=truth)
        found = evaluation.evaluate(connection, spec, truth=truth)
    except DomainError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False))
        return
    click.echo(
        f"{found.records} 条记录，{found.descriptions} 种写法；真值 {found.true_entities} 人，"
        f"比对得 {found.found_entities} 人，用时 {found.seconds} 秒，内存 {found.peak_mb} MB"
    )
    for label, one in (
        ("记录对", found.pairs),
        ("无有效证件号的记录对", found.unidentified),
        ("整组完全正确", found.clusters),
    ):
        if one is not None:
            click.echo(
                f"{label}：准确率 {one.precision:.5f}，召回率 {one.recall:.5f}，F1 {one.f1:.5f}"
            )
    click.echo(f"把两个不同有效号码并为一人：{found.forbidden}")
    for mistake in found.mistakes:
        kind = "误并" if mistake["kind"] == "wrongly linked" else "漏并"
        reasons = "；".join(
            f"{one['label']} {one['weight']:+}" for one in mistake["comparisons"] if one["label"]
        )
        click.echo(f"{kind}（{mistake['weight']:+}）{reasons}")


@linkage.command(help="从记录学习权重，写入规格文件的 learned 一节。生产系统从不训练。")
@click.option("--records", "path", type=_FILE, required=True, help="CSV 或 Parquet 文件")
@click.option("--spec", "name", required=True, help="规格名或 YAML 文件")
@click.option("--truth", help="真值所在的列名；没有则用期望最大化估计")
def train(path: Path, name: str, truth: str | None) -> None:
    """Learn the weights and write them."""
    try:
        spec = specification.load(specification.find(name), forget=True)
        connection = evaluation.open_records(path, truth=truth)
        preparing.read(connection, spec, "source", record="record")
        if truth is not None:
            evaluation.say_who(connection, truth)
        learned = training.train(connection, spec, truth=truth)
        training.write(spec.path, learned)
    except DomainError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"权重已写入 {spec.path}")


@linkage.command(help="把 SOURCE 里的部门文件合成一个记录文件 TARGET（Parquet），供评估和训练。")
@click.argument("source", type=_FOLDER)
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="按哪一天检查日期，默认今天")
def records(source: Path, target: Path, today: datetime | None) -> None:
    """Read the files as intake does and write one row a description."""
    with contextlib.closing(Bar()) as bar:
        rows, passed = flattening.flatten(
            source,
            target,
            today=today.date() if today else local_date(system_clock()),
            progress=bar,
        )
    click.echo(f"{rows} 条描述已写入 {target}")
    if passed:
        click.echo(f"不是部门文件，已略过：{'、'.join(passed)}")
