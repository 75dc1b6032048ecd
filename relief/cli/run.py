"""`relief run`: the whole platform on one machine, from an empty folder to the first page."""

import os
import signal
import socket  # noqa: TID251  # finds a free port on this machine
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

import click
import psycopg

from devtools.sample.helpers import invent
from relief.accounts.samples import SampleAccount, create_sample_accounts
from relief.cli import sample_data, stand_in
from relief.cli.children import Child, ChildFailed, Family
from relief.cli.context import var_dir
from relief.cli.sample_data import SampleFailed, Steps
from relief.cli.serve import preload, serve
from relief.cli.setup import ADMIN, OWNER, prepare_database
from relief.cli.state import AlreadyRunning, State
from relief.core.clock import system_clock
from relief.core.config import PREFIX, Config, ConfigError
from relief.core.db import session_on
from relief.core.health import unreachable
from relief.integrations.postgres import PostgresError, Server
from relief.integrations.postgres.accounts import derive_urls
from relief.integrations.postgres.identity import identity
from relief.news.samples import load_sample_articles
from relief.registry.queries.emptiness import is_empty
from relief.schemes.samples import load_county_standards
from relief.visits.samples import load_sample_helpers

# Each process and how far its port lies from PORT; 5 to 9 are kept for what comes later.
PROCESSES = ("web", "mini", "jobs", "worker")
STAND_IN = len(PROCESSES)  # the port of the stand-in for WeChat, where there is one
HIGHEST_PORT = 65535 - len(PROCESSES)
CODE_COMMAND = "RELIEF_SAMPLE_DATA=1 .venv/bin/relief accounts code 用户名"
PHONE_COMMAND = ".venv/bin/relief phone"
BANNER = "页面上的“示例数据”横幅表示：所有人员、证件号码、电话和账户均为程序虚构，与真实个人无关。"


class Stopped(Exception):
    """Someone asked to stop before everything was ready."""


@dataclass
class Run:
    """One run: what it prints, and how it is told to stop."""

    state: State
    port: int
    sample: str
    stop: threading.Event
    stoppers: list[Callable[[], None]]

    def tell(self, line: str) -> None:
        """Print one line at once, whoever reads it."""
        click.echo(line)

    def ask_to_stop(self, *_signal: object) -> None:
        """Stop what runs now; nothing new is started."""
        self.stop.set()
        for stopper in self.stoppers:
            stopper()

    def check(self) -> None:
        """Raise Stopped if someone asked to stop."""
        if self.stop.is_set():
            raise Stopped


@click.command(help="在本机运行整个平台；首次运行会建库并装入虚构的示例数据。")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(1, HIGHEST_PORT),
    help="管理端端口；小程序接口等依次使用其后的端口",
)
@click.option(
    "--sample",
    default="small",
    show_default=True,
    type=click.Choice([*sample_data.SIZES, "none"]),
    help="困难群众库为空时装入的示例数据：small 2,000 户，city 45,628 户，none 不装",
)
def run(*, port: int, sample: str) -> None:
    """Prepare what is missing, start every process and stay until told to stop."""
    state = State(var_dir())
    this = Run(state, port, sample, threading.Event(), [])
    with ExitStack() as stack:
        try:
            about = {"pid": os.getpid(), "address": f"http://127.0.0.1:{port}"}
            lock = stack.enter_context(state.locked(about))
            check_ports(range(port, port + len(PROCESSES)), port)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, this.ask_to_stop)
            serve_all(this, stack, lock.close)
        except Stopped:
            pass
        except _FAULTS as error:
            if not this.stop.is_set():
                raise click.ClickException(str(error)) from None
    this.tell("已停止。")


def serve_all(this: Run, stack: ExitStack, at_fork: Callable[[], None]) -> None:
    """Do every step; what was started is stopped by `stack`, the database last.

    `at_fork` is called in every child, to let go of what only this process may hold.
    """
    env = {**os.environ, **this.state.secrets()}
    env["RELIEF_SAMPLE_DATA"] = "0" if this.sample == "none" else "1"
    admin_url = stack.enter_context(database(this))
    # Only this command holds the superuser's address, and only to prepare the database.
    env.pop(ADMIN, None)
    this.check()
    if fault := unreachable(admin_url):
        message = f"{ADMIN} 所指的数据库无法连接：{fault}"
        raise click.ClickException(message)
    urls = derive_urls(admin_url, this.state.account_passwords())
    env |= {PREFIX + role.setting: url for role, url in urls.items()}
    Config.from_env(env)  # what is wrong is said before anything is written
    try:
        prepare_database(urls, now=system_clock(), admin_url=admin_url)
    except psycopg.errors.InsufficientPrivilege:
        message = f"{ADMIN} 的账号须是超级用户：平台要为各进程建立权限不同的数据库账号。"
        raise click.ClickException(message) from None
    this.state.remember_database(urls)
    stack.callback(this.state.forget_database)
    this.check()
    accounts = load_sample(this, env, database=identity(admin_url))
    this.check()
    # In someone's real registry there are no sample accounts, and nobody plays WeChat.
    plays = bool(accounts) and stand_in.wanted(env, sample=this.sample)
    if plays:
        check_ports([this.port + STAND_IN], this.port)
        env |= stand_in.settings(env, this.port + STAND_IN)
    preload()
    os.environ.update(env)  # the children are forks of this process
    os.environ.pop(ADMIN, None)
    family = Family(children(this, plays=plays), at_fork, this.tell)
    this.stoppers.append(lambda: setattr(family, "stopping", True))
    stack.callback(family.stop)
    family.start()
    this.check()
    announce(this, family, accounts)
    family.watch()


@contextmanager
def database(this: Run) -> Iterator[str]:
    """Give a superuser's address of the database: the one that is set, or of our own server."""
    if given := os.environ.get(ADMIN):
        yield given
        return
    server = Server(this.state.folder / "postgres", tied=True, tell=this.tell)
    try:
        yield server.start()
    finally:
        server.stop()


def load_sample(
    this: Run, env: Mapping[str, str], *, database: str
) -> list[tuple[SampleAccount, str]]:
    """Fill an empty registry and make the sample sign-ins; return them with their password.

    `database`: its identity, by which it is known whether the sample in it is ours.
    """
    if this.sample == "none":
        return []
    url = env[OWNER]
    with session_on(url) as session:
        empty = is_empty(session)
    steps = Steps(env)
    this.stoppers.append(steps.stop)
    own = not os.environ.get(ADMIN)
    mark = sample_data.mark_of(database, state=this.state, own=own and not empty)
    sample_data.fill(this.state, this.sample, mark=mark, empty=empty, steps=steps, tell=this.tell)
    if this.state.marked(mark) is None:
        return []  # someone's real registry: no sample account belongs in it
    password = this.state.sample_password()
    settings = Config.from_env(env)
    with session_on(url) as session:
        made = create_sample_accounts(
            session,
            now=system_clock(),
            password_for=lambda _name: password,
            cipher=settings.cipher,
            rules=settings.sign_in,
        )
        load_county_standards(session, now=system_clock())
        load_sample_articles(session, now=system_clock())
        load_sample_helpers(
            session,
            settings.cipher,
            invent=lambda count: invent(count, seed=sample_data.SEED),
            now=system_clock(),
        )
    return [(account, password) for account in made]


def children(this: Run, *, plays: bool) -> list[Child]:
    """Return the processes of the platform, not started yet; `plays`: and who plays WeChat."""
    log = this.state.folder / "log"
    family = [
        Child(name, port, partial(_serve, name, port), log / f"{name}.log")
        for port, name in enumerate(PROCESSES, this.port)
    ]
    if plays:
        port, work = this.port + STAND_IN, partial(stand_in.serve, this.port + STAND_IN)
        name = stand_in.NAME
        family.append(Child(name, port, work, log / f"{name}.log", health="/_ctl/app"))
    return family


def _serve(name: str, port: int) -> None:
    serve.main([name, "--port", str(port)], prog_name="relief serve")


def announce(this: Run, family: Family, accounts: list[tuple[SampleAccount, str]]) -> None:
    """Print where everything is and who can sign in; the last line is for programs."""
    titles = {
        "web": "管理端与工作人员接口",
        "mini": "小程序接口",
        "jobs": "定时任务",
        "worker": "后台任务",
        stand_in.NAME: stand_in.TITLE,
    }
    this.tell("")
    for child in family.children:
        this.tell(f"  {child.address}  {titles[child.name]}")
    if accounts:
        this.tell("\n示例账号（角色 / 用户名 / 密码）：")
        for account, password in accounts:
            this.tell(f"  {account.username:<18}{password}  {account.display_name}")
        this.tell("审批、审计、资金和管理员账号登录时还须输入动态验证码，用这个命令查看：")
        this.tell(f"  {CODE_COMMAND}")
        if family.children[-1].name == stand_in.NAME:
            this.tell("以示例家庭成员或帮扶责任人登录小程序，用这个命令取得登录凭证：")
            for who in stand_in.PEOPLE:
                this.tell(f"  {PHONE_COMMAND} {who} --port {this.port}")
        this.tell(f"\n{BANNER}")
    this.tell("按 Ctrl-C 停止。\n")
    this.tell(f"ready {family.children[0].address}")


class PortTaken(Exception):
    """A port that we need is in use; the message names it."""


def check_ports(ports: Iterable[int], first: int) -> None:
    """Raise PortTaken for the first port that another program listens on."""
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                message = (
                    f"端口 {port} 已被其他程序占用；请换一个，例如 make run PORT={first + 100}"
                )
                raise PortTaken(message) from None


_FAULTS = (AlreadyRunning, ConfigError, PortTaken, PostgresError, SampleFailed, ChildFailed)
