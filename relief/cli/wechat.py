"""`relief wechat`: a stand-in for WeChat's servers, to run the mini program without an AppID."""

import ipaddress
import signal
import threading

import click

from devtools.wechat.server import StandIn, listening
from devtools.wechat.world import AppSettings, Person, World
from relief.core.clock import system_clock

_APP = AppSettings()


def _of_this_machine(_context: click.Context, _option: click.Parameter, host: str) -> str:
    """Refuse to listen where others could reach it: who asks is not asked for a password."""
    try:
        here = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        here = False
    if not here:
        message = "只能是本机地址，如 127.0.0.1"
        raise click.BadParameter(message)
    return host


@click.command(help="在本机运行微信接口的替身：只有虚构的用户，状态只在内存中，供开发和演示使用。")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    callback=_of_this_machine,
    help="监听地址，只能是本机地址",
)
@click.option(
    "--port", default=8009, show_default=True, type=int, help="监听端口；0 为任一空闲端口"
)
@click.option("--seed", type=int, help="随机种子：相同则编号相同")
@click.option("--appid", default=_APP.appid, show_default=True, help="小程序 AppID")
@click.option("--secret", default=_APP.secret, show_default=True, help="小程序 AppSecret（虚构）")
@click.option("--person", "people", multiple=True, help="一开始就有的用户的 openid，可重复")
def wechat(
    *, host: str, port: int, seed: int | None, appid: str, secret: str, people: tuple[str, ...]
) -> None:
    """Serve until told to stop; the last line that it prints is for programs."""
    world = World(system_clock, seed=seed, app=AppSettings(appid, secret))
    world.people.update({openid: Person(openid, appid) for openid in people})
    try:
        with listening(world, host=host, port=port) as stand_in:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, lambda *_: _stop(stand_in))
            click.echo(
                f"AppID {appid}，AppSecret {secret}；控制接口 {stand_in.base}_ctl/（仅限本机）"
            )
            click.echo(f"ready {stand_in.base}")
            stand_in.serve()
    except OSError as error:
        message = f"无法在 {host}:{port} 上监听：{error.strerror}"
        raise click.ClickException(message) from None


def _stop(stand_in: StandIn) -> None:
    # `shutdown` waits for the loop that this very thread is in.
    threading.Thread(target=stand_in.stop, daemon=True).start()
