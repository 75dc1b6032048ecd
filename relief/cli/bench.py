"""`relief bench`: the stated sizes and speeds, measured on a server and database of its own."""

import json
import os
import shutil
import socket  # noqa: TID251  # finds a free port on this machine
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import psutil

from devtools.bench import (
    audit_cost,
    baseline,
    changes,
    exports,
    laying,
    load,
    measure,
    reviews,
    signed,
)
from relief.accounts.samples import create_sample_accounts
from relief.cli.context import var_dir
from relief.cli.setup import ADMIN, OWNER
from relief.cli.state import State
from relief.core.clock import system_clock
from relief.core.config import PREFIX, Config
from relief.core.database_roles import DatabaseRole
from relief.core.db import session_on
from relief.integrations.postgres import Server, destroy
from relief.integrations.postgres.accounts import derive_urls

_PASSWORD = "Bench-2026-Anshan!"  # noqa: S105  # of a database that lives for this run
_USERS, _ROUNDS = 4, 2
# Two hundred at their desks: each asks, reads for some seconds, and asks again.
_CROWD, _ASKED, _PAUSE_SECONDS = 200, 12, 5.0
_ACTS = 40
_RECORDS = 60
_START_SECONDS = 60


@click.command(help="测量导入、归并、列表与检索的用时和内存，并与直接装载对照（JSON）。")
@click.option("--households", default=45_628, show_default=True, help="户数")
@click.option("--records", default=3_000_000, show_default=True, help="记录数")
@click.option("--seed", default=1, show_default=True, help="示例数据的种子")
@click.option("--audit", "audit_only", is_flag=True, help="只测审计日志和封存对写入的影响")
@click.option(
    "--reviews",
    "reviews_only",
    is_flag=True,
    help="只测申请事项：列表、页面、意见、决定、催办和重算",
)
@click.option("--past", default=1_000_000, show_default=True, help="已办结的申请事项数")
@click.option("--open", "still_open", default=100_000, show_default=True, help="在办的申请事项数")
@click.option("--out", type=click.Path(path_type=Path), help="结果文件，默认 var/bench.json")
def bench(
    *,
    households: int,
    records: int,
    seed: int,
    audit_only: bool,
    reviews_only: bool,
    past: int,
    still_open: int,
    out: Path | None,
) -> None:
    """Generate, import, merge, serve; measure each; remove everything but the figures."""
    folder = Path(tempfile.mkdtemp(prefix="relief-bench-"))
    size = {"households": households, "records": records, "seed": seed}
    kind = "-audit" if audit_only else "-reviews" if reviews_only else ""
    server = Server(folder / "postgres", tied=True)
    try:
        env = {**os.environ, **State(folder).secrets(), ADMIN: server.start()}
        urls = derive_urls(env[ADMIN], State(folder).account_passwords())
        env |= {PREFIX + role.setting: url for role, url in urls.items()}
        env["RELIEF_VAR_DIR"] = str(folder)
        if audit_only:
            measure.run(_relief("setup"), env)
            figures = audit_cost.measure(env[ADMIN], system_clock)
        elif reviews_only:
            figures = _measure_reviews(env, folder, size, past=past, still_open=still_open)
        else:
            figures = {"size": size, **_measure_all(env, folder, size)}
    finally:
        server.stop()
        destroy(folder / "postgres")
        shutil.rmtree(folder, ignore_errors=True)
    text = json.dumps(figures, ensure_ascii=False, indent=2)
    target = out or var_dir() / f"bench{kind}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(f"{text}\n", "utf-8")
    click.echo(text)


def _sample(env: Mapping[str, str], files: str, size: Mapping[str, int]) -> measure.Measured:
    """Write the files of a sample city, and prepare the database."""
    options = [part for name, value in size.items() for part in (f"--{name}", str(value))]
    sample = measure.run(_relief("sample", files, *options, "--json"), env)
    measure.run(_relief("setup"), env)
    return sample


def _measure_all(env: Mapping[str, str], folder: Path, size: Mapping[str, int]) -> dict[str, Any]:
    files = str(folder / "files")
    sample = _sample(env, files, size)
    intake = measure.run(_relief("import", files, "--no-merge", "--json"), env)
    merge = measure.run(_relief("merge", "--json"), env)
    again = measure.run(_relief("merge", "--json"), env)
    whole = measure.run(_relief("merge", "--whole", "--json"), env)
    bare = baseline.bare_copy(env[ADMIN], folder)
    seconds = intake.seconds + merge.seconds
    return {
        "cores": os.cpu_count(),
        "sample": sample.as_json(),
        "import": {
            **intake.as_json(),
            **{key: intake.answer[key] for key in ("received", "loaded", "rejected")},
        },
        "merge": {
            **merge.as_json(),
            **{key: merge.answer[key] for key in ("identities", "persons", "households")},
        },
        "merge_again": again.as_json(),
        "merge_whole_again": whole.as_json(),
        "import_and_merge": {
            "seconds": round(seconds, 2),
            "peak_mb": max(intake.peak_mb, merge.peak_mb),
            "ratio_to_bare_copy": round(seconds / bare.seconds, 2),
        },
        "bare_copy": {
            "rows": bare.rows,
            "copy_seconds": round(bare.copy_seconds, 2),
            "index_seconds": round(bare.index_seconds, 2),
        },
        "linkage": _linkage(env, folder, files),
        "daily_file": _daily_file(env, folder),
        **_requests(env, folder / "files"),
    }


def _linkage(env: Mapping[str, str], folder: Path, files: str) -> dict[str, Any]:
    """Link the descriptions in the files by our code, and by Splink as it is."""
    records = str(folder / "records.parquet")
    measure.run(_relief("linkage", "records", files, records), env)
    command = [sys.executable, "-m", "devtools.bench.linkage"]
    return {way: measure.run([*command, way, records], env).answer for way in ("ours", "bare")}


def _daily_file(env: Mapping[str, str], folder: Path) -> dict[str, Any]:
    """Import and merge one more month of some people, into the full registry."""
    file = folder / "民政局_城乡低保金发放明细_新月份.csv"
    changes.write_daily_file(folder / "files", file)
    done = measure.run(_relief("import", str(file), "--json"), env)
    merged = done.answer["merge"]
    return {
        **done.as_json(),
        "rows": done.answer["received"],
        "whole": merged["whole"],
        **{key: merged[key] for key in ("identities", "persons", "households")},
    }


def _requests(env: Mapping[str, str], files: Path) -> dict[str, Any]:
    """Serve the staff API as `relief run` does, and ask it what staff ask."""
    _accounts(env)
    with _web(env) as port:
        figures: dict[str, Any] = {}
        for users in (1, _USERS):
            load.measure(port, "steward", _PASSWORD, users=1, rounds=1)  # warms the caches
            timings, rate = load.measure(port, "steward", _PASSWORD, users=users, rounds=_ROUNDS)
            figures[f"{users} users"] = {
                "requests_per_second": round(rate, 1),
                **timings.as_json(),
            }
        timings, rate = load.crowd(
            port,
            "steward",
            _PASSWORD,
            users=_CROWD,
            asked=_ASKED,
            pause_seconds=_PAUSE_SECONDS,
        )
        figures[f"{_CROWD} users, reading in between"] = {
            "requests_per_second": round(rate, 1),
            **timings.as_json(),
        }
        acts = changes.steward_acts(port, "steward", _PASSWORD, people=_ACTS)
        records = changes.single_records(port, "steward", _PASSWORD, files, count=_RECORDS)
        return {
            "requests": figures,
            "steward_acts": acts,
            "single_records": records,
            "exports": _exports(env, port),
        }


def _measure_reviews(
    env: Mapping[str, str], folder: Path, size: Mapping[str, int], *, past: int, still_open: int
) -> dict[str, Any]:
    """Lay cases beside a sample registry; measure lists, pages, acts and what is done to all."""
    files = str(folder / "files")
    _sample(env, files, size)
    measure.run(_relief("import", files, "--json"), env)
    _accounts(env)
    worker = env[PREFIX + DatabaseRole.WORKER.setting]
    laid = laying.lay(
        env[ADMIN], past=past, still_open=still_open, password=_PASSWORD, now=system_clock()
    )
    counted = reviews.count_anew(worker, system_clock())
    stood = reviews.sweep(worker, system_clock())
    tokens = reviews.open_sessions(env[ADMIN], now=system_clock())
    requests: dict[str, Any] = {}
    with _web(env) as port:
        desks = reviews.Desks(port, tokens)
        desks.warm()
        for users in (1, _USERS):
            requests[f"{users} users"] = desks.measure(users=users)
        token = signed.open_desk(
            env[ADMIN],
            password=_PASSWORD,
            cipher=Config.from_env(env).cipher,
            now=system_clock(),
        )
        with _worker(env):
            by_list = signed.Desk(port, token).measure()
    return {
        "size": {**size, "past": past, "open": still_open},
        "cores": os.cpu_count(),
        "laid": laid.as_json(),
        "requests": requests,
        "signed list": by_list,
        "sweep": {
            "what stood for weeks": stood,
            "nothing due": reviews.sweep(worker, system_clock()),
            "what a day brings": reviews.sweep(worker, system_clock() + timedelta(days=1)),
        },
        "recount": {"cases as laid": counted, "again": reviews.count_anew(worker, system_clock())},
    }


def _accounts(env: Mapping[str, str]) -> None:
    with session_on(env[OWNER]) as session:
        create_sample_accounts(
            session,
            now=system_clock(),
            password_for=lambda _name: _PASSWORD,
            cipher=Config.from_env(env).cipher,
        )


@contextmanager
def _web(env: Mapping[str, str]) -> Iterator[int]:
    """Run the web server as `relief run` does; give its port."""
    port = _free_port()
    process = subprocess.Popen(  # noqa: S603  # our own command
        _relief("serve", "web", "--port", str(port)), env=dict(env), stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _worker(env: Mapping[str, str]) -> Iterator[psutil.Process]:
    """Run the worker as `relief run` does."""
    health = _free_port()
    process = subprocess.Popen(  # noqa: S603  # our own command
        _relief("serve", "worker", "--port", str(health)), env=dict(env), stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(health)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def _exports(env: Mapping[str, str], port: int) -> dict[str, Any]:
    with _worker(env) as worker:
        return exports.measure(port, "steward", _PASSWORD, worker=worker)


def _relief(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "relief.cli", *arguments]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    message = "the web process did not start"
    raise click.ClickException(message)
