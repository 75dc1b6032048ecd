"""`relief schemes`: look after the catalogue of schemes and their procedures."""

import json
from datetime import datetime

import click

from relief.cli.context import application
from relief.console.labels import label
from relief.core.clock import local_date, system_clock
from relief.core.database_roles import DatabaseRole
from relief.core.db import unit_of_work
from relief.organisation import queries as organisation
from relief.schemes import catalogue as catalogues
from relief.schemes import rule_soundness, rules, soundness, staffing

_SHOWN = 3


@click.group(help="救助项目与办理流程。")
def schemes() -> None:
    """Hold the commands about schemes."""


@schemes.command(
    help="检查各项目的办理流程：环节可达、各地有人承办、不违法公示、不超总时限、多部门并联会审；"
    "检查计算规则：能读懂、所用的参数和事实都有、单位相符。"
    "有问题时逐条列出，并以 1 退出。"
)
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="按哪一天生效的版本，默认今天")
@click.option("--staff", is_flag=True, help="另列出哪些地方没有可以承办的在用账号")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
def check(on: datetime | None, *, staff: bool, as_json: bool) -> None:
    """Prove the procedures sound, or say where they are not."""
    day = on.date() if on else local_date(system_clock())
    with application(DatabaseRole.OWNER), unit_of_work() as session:
        catalogue = catalogues.load(session, on=day)
        book = rules.book(session)
        found = [*soundness.faults(catalogue), *rule_soundness.faults(book)]
        empty = staffing.vacancies(session, catalogue) if staff and not found else []
        names = organisation.department_names(session)
    if as_json:
        told = {
            "on": day.isoformat(),
            "procedures": len(catalogue.plans),
            "schemes": len(catalogue.schemes),
            "rules": len(book.rules),
            "faults": [{"place": one.place, "message": one.message} for one in found],
            "vacancies": [one.as_json() for one in empty],
        }
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        for fault in found:
            click.echo(str(fault))
        for one in empty:
            shown = "、".join(one.regions[:_SHOWN]) + ("等" if len(one.regions) > _SHOWN else "")
            office = one.office
            click.echo(
                f"无人承办：{names[office.department_code]}{label(office.role, 'role')}，"
                f"{len(one.regions)}/{one.of} 处（{shown}），涉及 {'、'.join(one.schemes)}"
            )
        if not found:
            click.echo(
                f"{len(catalogue.schemes)} 个救助项目、{len(catalogue.plans)} 个办理流程、"
                f"{len(book.rules)} 条计算规则，没有问题"
            )
    if found:
        raise SystemExit(1)
