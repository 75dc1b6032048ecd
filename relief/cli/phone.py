"""`relief phone`: sign in to the mini program as one of the sample's people."""

import json
from typing import Any

import click

from relief.cli import stand_in
from relief.integrations.outbound import Outbound, OutboundError

# How far from the console's port the other two listen (`relief.cli.run`).
MINI, WECHAT = 1, 4


@click.command(help="以示例用户登录小程序，输出登录凭证；须先用 make run 运行带示例数据的平台。")
@click.argument("who", type=click.Choice(list(stand_in.PEOPLE)))
@click.option("--port", default=8000, show_default=True, type=int, help="make run 的管理端端口")
def phone(who: str, port: int) -> None:
    """Do what a phone does: `wx.login`, sign in, agree to the privacy policy."""
    mini, wechat = (f"127.0.0.1:{port + further}" for further in (MINI, WECHAT))
    outbound = Outbound([mini, wechat])
    login = f"http://{wechat}/_ctl/people/{stand_in.PEOPLE[who]}/login"
    code = _ask(outbound, "POST", login, {})["code"]
    base = f"http://{mini}/mini/v1"
    token = _ask(outbound, "POST", f"{base}/sessions", {"code": code})["token"]
    version = _ask(outbound, "GET", f"{base}/policy")["version"]
    _ask(outbound, "PUT", f"{base}/consent", {"version": version}, token)
    click.echo(f'curl -H "Authorization: Bearer {token}" {base}/me')
    click.echo(token)


def _ask(outbound: Outbound, method: str, url: str, body: Any = None, token: str = "") -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        answer = outbound.call(method, url, json=body, headers=headers)
    except OutboundError:
        message = "无法连接：平台没有在这个端口运行，或者没有使用示例数据"
        raise click.ClickException(message) from None
    said = json.loads(answer.content or b"{}")
    if not answer.is_good:
        raise click.ClickException(said.get("title", "请求没有成功"))
    return said
