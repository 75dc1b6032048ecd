"""`relief serve …`: one process of the platform, as `relief run` or a service manager starts it."""

import functools
import importlib
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click
from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

from relief import wiring
from relief.cli.context import BadSettings, create_application
from relief.cli.healthz import health_page
from relief.core import logs
from relief.core.config import ConfigError
from relief.core.database_roles import DatabaseRole
from relief.core.db import unit_of_work
from relief.core.health import refuse_too_powerful
from relief.core.processes import end_with
from relief.jobs import health
from relief.jobs.process import Pulse
from relief.web.limits import THREADS

WEB_WORKERS = 2
# Who sends the head of a request drop by drop loses the connection; a proxy in front guards the
# bodies. The buffer holds any head that relief.web.limits would let through.
HTTP1 = HTTP1Settings(header_read_timeout=10_000, max_buffer_size=64 << 10)
WEB, MINI = "relief.app:create_app", "miniprogram_api.app:create_app"


def preload() -> None:
    """Import what every process needs, once, before they are forked."""
    for target in (WEB, MINI):
        importlib.import_module(target.partition(":")[0])


def _options(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--host", default="127.0.0.1", show_default=True, help="监听地址"),
        click.option("--port", type=int, required=True, help="监听端口"),
    ):
        command = option(command)
    return command


def _http_options(workers: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def add(command: Callable[..., None]) -> Callable[..., None]:
        for option in (
            click.option(
                "--workers", type=int, default=workers, show_default=True, help="工作进程数"
            ),
            click.option(
                "--proxy",
                "proxies",
                multiple=True,
                help="反向代理的地址或网段，可重复；只采信它所报的来访地址",
            ),
        ):
            command = option(command)
        return _options(command)

    return add


@click.group(help="启动一个进程：web、mini、jobs 或 worker。设置取自环境变量。")
def serve() -> None:
    """Hold the processes."""


@serve.command(help="管理端页面和接口。")
@_http_options(WEB_WORKERS)
def web(**options: Any) -> None:
    """Serve the console and the staff API."""
    _serve_http("web", WEB, DatabaseRole.WEB, **options)


@serve.command(help="小程序接口。")
@_http_options(1)
def mini(**options: Any) -> None:
    """Serve the mini program's API."""
    _serve_http("mini", MINI, DatabaseRole.MINI, **options)


def trust(app: Flask, proxies: Sequence[str]) -> None:
    """Take the visitor's address from what these proxies say of it, and from nobody else."""
    app.wsgi_app = wrap_wsgi_with_proxy_headers(  # type: ignore[method-assign]  # Flask's own way
        app.wsgi_app, list(proxies)
    )


def _serve_http(
    process: str,
    target: str,
    role: DatabaseRole,
    *,
    host: str,
    port: int,
    workers: int,
    proxies: Sequence[str],
) -> None:
    app = _begin(process, role, target)
    trust(app, proxies)
    server = Granian(
        target=target,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        websockets=False,
        workers=workers,
        blocking_threads=THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        http1_settings=HTTP1,
        backlog=512,
        log_dictconfig={"version": 1, "disable_existing_loggers": False},
    )
    # The application was built before the workers fork: they share its memory and start at once.
    server.serve(target_loader=functools.partial(_in_worker, app, os.getpid()), wrap_loader=False)


def _in_worker(app: Flask, server: int, *_arguments: Any, **_named: Any) -> Flask:
    """Give a worker process the application, and end it when its server ends."""
    end_with(server, signal.SIGKILL)
    return app


def _begin(process: str, role: DatabaseRole, target: str = WEB) -> Flask:
    """Build the application. Refuses an account that may do more than the process needs."""
    logs.configure(process)
    app = create_application(role, target)
    try:
        refuse_too_powerful(app.extensions["relief.config"].database_url)
    except ConfigError as error:
        raise BadSettings(str(error)) from None
    return app


@serve.command(help="定时任务。")
@_options
def jobs(*, host: str, port: int) -> None:
    """Run the schedule, or wait to take it over."""
    app = _begin("jobs", DatabaseRole.WORKER)
    pulse = Pulse()
    with health_page(port, lambda: _facts(app, health.scheduler_facts, pulse), host):
        wiring.serve_scheduler(app, pulse=pulse)


@serve.command(help="后台任务与通知发送。")
@_options
def worker(*, host: str, port: int) -> None:
    """Do the queue's tasks and deliver the outbox."""
    app = _begin("worker", DatabaseRole.WORKER)
    pulse = Pulse()
    with health_page(port, lambda: _facts(app, health.worker_facts, pulse), host):
        wiring.serve_worker(app, pulse=pulse)


def _facts(
    app: Flask, ask: Callable[[Any, Pulse], Mapping[str, Any]], pulse: Pulse
) -> Mapping[str, Any]:
    with app.app_context(), unit_of_work() as session:
        return ask(session, pulse)
