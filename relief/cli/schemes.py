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
from relief.review.recognition import drawable
from relief.schemes import catalogue as catalogues
from relief.schemes import (
    county_standards,
    regional_soundness,
    rosters,
    rule_soundness,
    rules,
    soundness,
    staffing,
)
from relief.schemes.drafting import proof

_SHOWN = 3


@click.group(help="救助项目与办理流程。")
def schemes() -> None:
    """Hold the commands about schemes."""


@schemes.command(
    help="检查各项目的办理流程：环节可达、各地有人承办、不违法公示、不超总时限、多部门并联会审；"
    "检查按名单进入的项目：有认可的身份或提取名单的登记库；"
    "检查计算规则：能读懂、所用的参数和事实都有、单位相符；"
    "检查区县标准：允许另定、不低于不得降低的市级标准，其他低于市级的列为提醒。"
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
        allowed = county_standards.by_name(session)
        lower = regional_soundness.lower(book, on=day)
        places = organisation.region_names(session, codes={one.county.region_code for one in lower})
        floors = regional_soundness.below_floor(lower, allowed, places)
        warned = regional_soundness.warnings(lower, allowed, places)
        found = [
            *soundness.faults(catalogue),
            *rosters.faults(session, procedures=catalogue.plans, on=day),
            *drawable.faults(session, on=day),
            *rule_soundness.faults(book),
            *regional_soundness.faults(book, allowed),
            *floors,
        ]
        empty = staffing.vacancies(session, catalogue) if staff and not found else []
        names = organisation.department_names(session)
    if as_json:
        told = {
            "on": day.isoformat(),
            "procedures": len(catalogue.plans),
            "schemes": len(catalogue.schemes),
            "rules": len(book.rules),
            "faults": [proof.as_json(one) for one in found],
            "warnings": [proof.as_json(one) for one in warned],
            "vacancies": [one.as_json() for one in empty],
        }
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        for fault in found:
            click.echo(str(fault))
        for one in warned:
            click.echo(f"提醒：{one}")
        for vacancy in empty:
            regions = vacancy.regions
            shown = "、".join(regions[:_SHOWN]) + ("等" if len(regions) > _SHOWN else "")
            office = vacancy.office
            click.echo(
                f"无人承办：{names[office.department_code]}{label(office.role, 'role')}，"
                f"{len(regions)}/{vacancy.of} 处（{shown}），涉及 {'、'.join(vacancy.schemes)}"
            )
        if not found:
            click.echo(
                f"{len(catalogue.schemes)} 个救助项目、{len(catalogue.plans)} 个办理流程、"
                f"{len(book.rules)} 条计算规则，没有问题"
            )
    if found:
        raise SystemExit(1)
