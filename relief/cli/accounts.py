"""`relief accounts`: the first accounts of an installation, and a new password for any."""

import click

from relief.accounts import queries, second_factor, service
from relief.accounts.samples import sample_code
from relief.accounts.types import POST_OF, Role
from relief.cli.context import application
from relief.core.database_roles import DatabaseRole
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
    with application(DatabaseRole.OWNER) as app:
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
                    rules=app.extensions["relief.config"].sign_in,
                )
        except DomainError as error:
            raise click.ClickException(error.detail or error.title) from None
    click.echo(f"已建立账号 {username}。")


@accounts.command(help="重设密码，并结束该账号已有的全部登录。")
@click.argument("username")
@click.password_option(
    help="新密码；不给出时提示输入", prompt="新密码", confirmation_prompt="再输入一次"
)
def password(*, username: str, password: str) -> None:
    """Give an account whose password was lost or told a new one."""
    with application(DatabaseRole.OWNER) as app:
        try:
            with unit_of_work() as session:
                service.set_password(
                    session,
                    account_id=queries.account_id_of(session, username=username),
                    password=password,
                    actor_id=None,
                    now=app.extensions["relief.clock"](),
                    rules=app.extensions["relief.config"].sign_in,
                )
        except DomainError as error:
            raise click.ClickException(error.detail or error.title) from None
    click.echo(f"已重设账号 {username} 的密码，对方下次登录时须修改。")


@accounts.command("reset-totp", help="重置动态验证码（手机丢失时），并结束该账号全部登录。")
@click.argument("username")
def reset_totp(*, username: str) -> None:
    """Take an account's second factor away: where no two security administrators can sign in."""
    with application(DatabaseRole.OWNER) as app:
        try:
            with unit_of_work() as session:
                second_factor.reset(
                    session,
                    account_id=queries.account_id_of(session, username=username),
                    actor_id=None,
                    now=app.extensions["relief.clock"](),
                )
        except DomainError as error:
            raise click.ClickException(error.detail or error.title) from None
    click.echo(f"已重置账号 {username} 的动态验证码，对方下次登录时须重新绑定。")


@accounts.command(help="显示示例账号当前的动态验证码；只在示例数据上可用。")
@click.argument("username")
def code(*, username: str) -> None:
    """Print the code of a sample account. A real one's never leaves its device."""
    with application(DatabaseRole.OWNER) as app:
        if not app.extensions["relief.config"].sample:
            message = "只有装入示例数据的系统（RELIEF_SAMPLE_DATA=1）才能显示动态验证码。"
            raise click.ClickException(message)
        with unit_of_work() as session:
            found = sample_code(
                session,
                username=username,
                cipher=app.extensions["relief.cipher"],
                now=app.extensions["relief.clock"](),
            )
    if found is None:
        message = f"{username} 不是示例账号，或者登录时不需要动态验证码。"
        raise click.ClickException(message)
    click.echo(found)
