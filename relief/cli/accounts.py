"""`relief accounts`: the first accounts of an installation."""

import click

from relief.accounts import service
from relief.accounts.types import POST_OF, Role
from relief.cli.context import application
from relief.core.db import unit_of_work
from relief.core.errors import DomainError


@click.group(help="管理工作人员账号。")
def accounts() -> None:
    """Hold the commands on accounts."""


@accounts.command(help="新建账号。第一个安全管理员和系统管理员由此建立，其余在管理页面办理。")
@click.argument("username")
@click.option("--name", required=True, help="显示的姓名")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([role.value for role in Role]),
    help="角色，可重复",
)
@click.option("--department", help="部门代码，如 D01")
@click.option("--region", "regions", multiple=True, help="区划代码或功能区代码，可重复")
@click.password_option(
    help="密码；不给出时提示输入", prompt="密码", confirmation_prompt="再输入一次"
)
def create(
    *,
    username: str,
    name: str,
    roles: tuple[str, ...],
    department: str | None,
    regions: tuple[str, ...],
    password: str,
) -> None:
    """Create an account. The first role decides the post, and the database refuses a misfit."""
    wanted = [Role(role) for role in roles]
    with application() as app:
        try:
            with unit_of_work() as session:
                service.create_account(
                    session,
                    username=username,
                    display_name=name,
                    post=POST_OF[wanted[0]],
                    password=password,
                    department_code=department,
                    roles=wanted,
                    regions=regions,
                    actor_id=None,
                    now=app.extensions["relief.clock"](),
                )
        except DomainError as error:
            raise click.ClickException(error.detail or error.title) from None
    click.echo(f"已建立账号 {username}。")
