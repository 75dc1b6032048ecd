"""`relief sample`: make department files about people who do not exist."""

import dataclasses
import json
from pathlib import Path

import click

from devtools.sample import CannotMakeSoMany, generate
from relief.core.progress import silent


def _tell(done: int, total: int, message: str) -> None:
    click.echo(f"[{done}/{total}] {message}", err=True)


@click.command(
    help="在 OUT_DIR 生成 13 个部门 33 个救助项目的示例数据文件（虚构人员），并写出对照表。"
)
@click.argument("out_dir", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--households",
    default=2_000,
    show_default=True,
    type=click.IntRange(10, 900_000),
    help="户数。",
)
@click.option(
    "--records", default=130_000, show_default=True, type=click.IntRange(min=1), help="记录总数。"
)
@click.option(
    "--seed",
    default=1,
    show_default=True,
    type=click.IntRange(0, 2**31 - 1),
    help="随机种子：相同则文件逐字节相同。",
)
@click.option("--json", "as_json", is_flag=True, help="只输出一个 JSON 对象。")
def sample(out_dir: Path, *, households: int, records: int, seed: int, as_json: bool) -> None:
    """Make the files and say how many rows each holds."""
    try:
        report = generate(
            out_dir, households=households, records=records, seed=seed,
            progress=silent if as_json else _tell,
        )  # fmt: skip
    except CannotMakeSoMany as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        message = f"无法写入 {out_dir}：{error.strerror}"
        raise click.ClickException(message) from None
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(report), ensure_ascii=False))
        return
    click.echo(
        f"已生成 {len(report.files)} 个文件：{report.households} 户、{report.persons} 人、"
        f"{report.records} 条记录，用时 {report.seconds} 秒，位于 {out_dir}"
    )
