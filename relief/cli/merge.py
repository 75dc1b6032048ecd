"""`relief merge`: bring the registry to what the departments' files say."""

import contextlib
import json
import time

import click

from relief.cli.bar import Bar
from relief.cli.context import application
from relief.cli.imports import held_words
from relief.core.database_roles import DatabaseRole
from relief.core.db import unit_of_work
from relief.core.progress import silent
from relief.registry.merging import service


@click.command(help="把各部门已入库的数据归并成困难群众库（可重复执行，只写入变化）。")
@click.option("--whole", is_flag=True, help="重新归并全部数据；平时只归并变化涉及的部分。")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
def merge(*, whole: bool, as_json: bool) -> None:
    """Merge in one transaction and say what changed."""
    started = time.perf_counter()
    bar = Bar()
    with application(DatabaseRole.WORKER) as app, contextlib.closing(bar):
        now = app.extensions["relief.clock"]()
        with unit_of_work() as session:
            report = service.merge(
                session,
                cipher=app.extensions["relief.cipher"],
                actor_id=None,
                now=now,
                progress=silent if as_json else bar,
                whole=whole,
            )
    seconds = round(time.perf_counter() - started, 2)
    if as_json:
        click.echo(json.dumps({**report.as_json(), "seconds": seconds}, ensure_ascii=False))
        return
    click.echo(
        f"归并完成：{'共' if report.whole else '本次涉及'} {report.persons} 人，"
        f"{report.households} 户；"
        f"新增待人工核对 {report.reviews_opened} 件，用时 {seconds} 秒。"
    )
    for roll in report.held:
        click.echo(held_words(roll))
