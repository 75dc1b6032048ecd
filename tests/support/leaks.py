"""Looks for canaries (`canaries.py`) wherever personal data must not be, all through a run.

Each test looks at what it wrote into the tables, and each answer that is an error or a health page
is looked at. At the end of the run the logs of all its processes, PostgreSQL's log, dumps of the
databases that are left and the files that are left behind are read, and the run fails for a find.
"""

import json
import logging
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask, Response, request
from psycopg import sql

from relief.core.logs import JsonFormatter
from relief.integrations.postgres import places
from tests.support import canaries, run_folder

NOTES = "leaks.jsonl"
# What a process keeps or says for itself, wherever a test lets it do so. The files that tests
# write as departments would are plain by nature, and lie elsewhere.
_KEPT = ("storage*/**/*", "**/storage/**/*", "**/var/log/*", "**/*.log", "**/postgres/log*")
_LOGGERS = ("relief", "miniprogram_api", "sqlalchemy", "werkzeug", "granian")
# Of a partitioned table its parts are listed.
_TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind = 'r' AND pg_relation_size(c.oid) > 0
"""
_WRITTEN = """
SELECT relname FROM pg_stat_xact_user_tables
WHERE schemaname = 'public' AND n_tup_ins + n_tup_upd > 0
"""
# What stood in the template is read once, in the dumps of the end.
_NEW = "COPY (SELECT * FROM {} WHERE xmin::text::bigint >= {}) TO STDOUT"


class Leak(AssertionError):
    """Personal data stand in the clear where they must not."""


def check(data: bytes | str, where: str) -> None:
    """Raise Leak if a canary stands in `data`, and keep a note for the end of the run."""
    found = canaries.found_in(data)
    if found:
        note = {"where": where, "found": sorted(found)[:5]}
        with (run_folder.path() / NOTES).open("a") as notes:
            notes.write(json.dumps(note) + "\n")
        message = f"{where} holds personal data: {note['found']}"
        raise Leak(message)


def check_answer(response: Response) -> Response:
    """Look at an answer that nobody's data belongs in."""
    if response.status_code >= 400 or request.path == "/healthz":
        where = f"the answer {response.status_code} to {request.method} {request.path}"
        check(str(response.headers), where)
        if not response.direct_passthrough:
            check(response.get_data(), where)
    return response


def watch(app: Flask) -> Flask:
    """Look at the answers of an application under test."""
    app.after_request(check_answer)
    return app


def check_transaction(connection: psycopg.Connection, where: str) -> None:
    """Look at the rows that the transaction under way wrote. Raises Leak."""
    row = connection.execute("SELECT pg_current_xact_id_if_assigned()::text::bigint").fetchone()
    if row and row[0] is not None:
        _check_tables(connection, _WRITTEN, row[0], where)


def check_database(url: str, where: str, *, since: int) -> None:
    """Look at the rows of a database that transactions from `since` on wrote. Raises Leak."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        _check_tables(connection, _TABLES, since, where)


def now_in(url: str) -> int:
    """Return the number that the next transaction of a database has at least."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        row = connection.execute(
            "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
        ).fetchone()
    assert row is not None
    return int(row[0])


def _check_tables(connection: psycopg.Connection, tables: str, since: int, where: str) -> None:
    for (table,) in connection.execute(tables).fetchall():
        statement = sql.SQL(_NEW).format(sql.Identifier(table), since)
        with connection.cursor().copy(statement) as rows:
            check(b"".join(bytes(block) for block in rows), f"the table {table} of {where}")


def dump(url: str) -> bytes:
    """Return what pg_dump writes of a database."""
    program = places.binaries(None) / "pg_dump"
    command = [program, "--dbname", url.replace("+psycopg", "")]
    return subprocess.run(command, check=True, capture_output=True).stdout


@pytest.fixture(scope="session", autouse=True)
def _keep_log(worker_id: str) -> Iterator[None]:
    """Write every log of this process into the run's folder, as a service would."""
    folder = run_folder.path() / "logs"
    folder.mkdir(exist_ok=True)
    handler = logging.FileHandler(folder / f"{worker_id}.log", delay=True)
    handler.setFormatter(JsonFormatter(worker_id))
    for logger in _LOGGERS:
        logging.getLogger(logger).addHandler(handler)
    yield
    for logger in _LOGGERS:
        logging.getLogger(logger).removeHandler(handler)
    handler.close()


def left_behind(folders: Iterable[Path]) -> Iterator[Path]:
    """Yield the files in which a run may have left something."""
    yield from (run_folder.path() / "logs").glob("*")
    for worker in run_folder.read(run_folder.path()).get("servers", ()):
        state, home = run_folder.server_of(worker), run_folder.home_of(worker)
        log = places.places_for(state, home=home).log
        yield from log.parent.glob(f"{log.name}*")
    for folder in folders:
        for pattern in _KEPT:
            yield from folder.glob(pattern)


def finds(folders: Iterable[Path]) -> list[str]:
    """Return one line for each place where the run left a canary."""
    lines = []
    notes = run_folder.path() / NOTES
    if notes.exists():
        lines += notes.read_text().splitlines()
    for path in sorted(set(left_behind(folders))):
        if path.is_file() and (found := canaries.found_in(path.read_bytes())):
            lines.append(f"{path}: {sorted(found)[:5]}")
    return lines + list(_in_databases())


def _in_databases() -> Iterator[str]:
    facts = run_folder.read(run_folder.path())
    for server in set(facts.get("servers", {}).values()):
        with psycopg.connect(server, autocommit=True) as connection:
            names = connection.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [facts["prefix"]]
            ).fetchall()
        for (name,) in names:
            if found := canaries.found_in(dump(server.rpartition("/")[0] + f"/{name}")):
                yield f"pg_dump of {name}: {sorted(found)[:5]}"


@pytest.fixture(scope="session", autouse=True)
def _remember_where_files_lie(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Tell the end of the run where this process keeps its files."""
    with run_folder.shared_facts() as facts:
        facts.setdefault("temporary", []).append(str(tmp_path_factory.getbasetemp()))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run for a canary found in what it left behind."""
    if hasattr(session.config, "workerinput"):
        return
    facts = run_folder.read(run_folder.path())
    lines = finds(Path(folder) for folder in facts.get("temporary", []))
    if lines:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.section("personal data in the clear", red=True)
            for line in lines:
                reporter.write_line(line, red=True)
