"""`relief linkage`: train a linkage, measure it, and make records to do so."""

import contextlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from relief.cli.bar import Bar
from relief.core.clock import local_date, system_clock
from relief.core.errors import DomainError
from relief.registry.intake import flatten as flattening
from relief.registry.matching import evaluation, preparing, specification, training
from relief.registry.matching import records as matching_records
from relief.registry.matching.evaluation import Quality
from relief.registry.matching.records import RECORD, Records
from relief.registry.matching.specification import Specification
from relief.registry.merging import evaluation as composing

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_HOME = "household_id"
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
@click.option(
    "--household-truth",
    "home",
    help="真实家庭所在的列名，默认 household_id（文件有这一列、规格注明 households 时）",
)
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
def evaluate(path: Path, name: str, truth: str, home: str | None, *, as_json: bool) -> None:
    """Link, compare and report."""
    with _told(), matching_records.open_records(path) as records:
        spec = specification.load(specification.find(name))
        records.need(truth)
        found = evaluation.evaluate(records.connection, spec, truth=truth)
        under = _households(records, spec, truth, home)
    if as_json:
        households = asdict(under) if under else None
        click.echo(json.dumps({**found.as_json(), "households": households}, ensure_ascii=False))
        return
    click.echo(
        f"{found.records} 条记录，{found.descriptions} 种写法；真值 {found.true_entities} 人，"
        f"比对得 {found.found_entities} 人，用时 {found.seconds} 秒，内存 {found.peak_mb} MB"
    )
    for label, one in (
        ("记录对", found.pairs),
        ("无有效证件号的记录对", found.unidentified),
        ("整组完全正确", found.clusters),
        ("同住的人", under),
    ):
        if one is not None:
            click.echo(
                f"{label}：准确率 {one.precision:.5f}，召回率 {one.recall:.5f}，F1 {one.f1:.5f}"
            )
    click.echo(f"把两个不同有效号码并为一人：{found.forbidden}")
    for left in found.left_out:
        click.echo(
            f"分块“{left['block']}”有 {left['left_out']} 块过大，未比对"
            f"（最大 {left['largest']} 条）"
        )
    for mistake in found.mistakes:
        kind = "误并" if mistake["kind"] == "wrongly linked" else "漏并"
        reasons = "；".join(
            f"{one['label']} {one['weight']:+}" for one in mistake["comparisons"] if one["label"]
        )
        click.echo(f"{kind}（{mistake['weight']:+}）{reasons}")


def _households(
    records: Records, spec: Specification, truth: str, home: str | None
) -> Quality | None:
    """Measure the households where they were asked for, or where the file allows it."""
    if home is None:
        if not (spec.households and _HOME in records.headings and composing.can_measure(records)):
            return None
        home = _HOME
    elif not spec.households:
        message = f"规格“{spec.name}”没有注明 households: true，不组成家庭"
        raise click.ClickException(message)
    return composing.evaluate(records, spec, truth=truth, home=home)


@linkage.command(help="从记录学习权重，写入规格文件的 learned 一节。生产系统从不训练。")
@click.option("--records", "path", type=_FILE, required=True, help="CSV 或 Parquet 文件")
@click.option("--spec", "name", required=True, help="规格名或 YAML 文件")
@click.option("--truth", help="真值所在的列名；没有则用期望最大化估计")
def train(path: Path, name: str, truth: str | None) -> None:
    """Learn the weights and write them."""
    with _told(), matching_records.open_records(path) as records:
        spec = specification.load(specification.find(name), forget=True)
        preparing.read(records.connection, spec, "source", record=RECORD)
        if truth is not None:
            records.need(truth)
            evaluation.say_who(records.connection, truth)
        learned = training.train(records.connection, spec, truth=truth)
        training.write(spec.path, learned)
    click.echo(f"权重已写入 {spec.path}")


@contextmanager
def _told() -> Iterator[None]:
    """Tell what is wrong with a file in one line."""
    try:
        yield
    except DomainError as error:
        raise click.ClickException(str(error)) from None


@linkage.command(help="把 SOURCE 里的部门文件合成一个记录文件 TARGET（Parquet），供评估和训练。")
@click.argument("source", type=_FOLDER)
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="按哪一天检查日期，默认今天")
def records(source: Path, target: Path, today: datetime | None) -> None:
    """Read the files as intake does and write one row a description."""
    try:
        with contextlib.closing(Bar()) as bar:
            rows, passed = flattening.flatten(
                source,
                target,
                today=today.date() if today else local_date(system_clock()),
                progress=bar,
            )
    except OSError as error:
        message = f"无法写入 {target}：{error.strerror}"
        raise click.ClickException(message) from None
    if passed:
        click.echo(f"不是部门文件，已略过：{'、'.join(passed)}")
    if not rows:
        message = f"{source} 里没有部门文件，什么也没有写"
        raise click.ClickException(message)
    click.echo(f"{rows} 条描述已写入 {target}")
