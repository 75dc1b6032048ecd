"""Dumps of a database and their return, by PostgreSQL's own programs.

A dump is made of one snapshot, and the same snapshot is counted and digested: what a restore
must come to is known to the row, however busy the database was.
"""

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy.engine import make_url

from relief.core.config import normalise_url
from relief.integrations.postgres import places

_DEBIAN = Path("/usr/lib/postgresql")

# The text of a row must not depend on who asks for it.
_PLAIN_TEXT = (
    "SET timezone = 'UTC'",
    "SET datestyle = 'ISO, YMD'",
    "SET intervalstyle = 'postgres'",
    "SET bytea_output = 'hex'",
    "SET extra_float_digits = 1",
    "SET row_security = off",  # rows that a policy hides are an error, and never a smaller dump
    "SET statement_timeout = 0",
    "SET lock_timeout = 0",
    "SET idle_session_timeout = 0",  # whoever holds a lock for the copying of files says nothing
)
_TABLES = (
    "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') ORDER BY 1"
)
# The sum of two halves of each row's digest: the order of the rows does not matter.
_DIGEST = sql.SQL(
    "SELECT count(*), coalesce(sum(('x' || left(d, 16))::bit(64)::bigint::numeric), 0),"
    " coalesce(sum(('x' || right(d, 16))::bit(64)::bigint::numeric), 0)"
    " FROM (SELECT md5(t::text) AS d FROM {table} t) AS digested"
)
_ROLES = (
    "SELECT DISTINCT r.rolname FROM pg_class c CROSS JOIN aclexplode(c.relacl) a"
    " JOIN pg_roles r ON r.oid = a.grantee WHERE c.relnamespace = 'public'::regnamespace"
    " AND c.relowner <> a.grantee"
    # Whose functions are nobody's when they are made: the dump says that by name too.
    " UNION SELECT pg_get_userbyid(d.defaclrole) FROM pg_default_acl d ORDER BY 1"
)


class ArchiveError(Exception):
    """A dump or a restore did not succeed; the message says why."""


@dataclass(frozen=True, slots=True)
class TableFacts:
    """How many rows a table has, and what they come to."""

    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One state of a database, held until the block ends that gave it."""

    connection: "psycopg.Connection[Any]"
    name: str
    version: int

    def tables(self) -> dict[str, TableFacts]:
        """Return every table with its count and digest."""
        return table_facts(self.connection)

    def roles(self) -> list[str]:
        """Return the roles that rights were given to; they must be there before a restore."""
        return [name for (name,) in self.connection.execute(_ROLES)]


def connect(url: str, **options: Any) -> "psycopg.Connection[Any]":
    """Open a connection on which the text of a row is the same for everybody."""
    connection = psycopg.connect(_conninfo(url), autocommit=True, connect_timeout=10, **options)
    for statement in _PLAIN_TEXT:
        connection.execute(statement)
    return connection


@contextlib.contextmanager
def snapshot(url: str) -> Iterator[Snapshot]:
    """Hold one state of a database that `dump` and queries can share."""
    with connect(url) as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None  # noqa: S101  # a SELECT of one value
        yield Snapshot(connection, str(row[0]), connection.info.server_version // 10000)


def table_facts(connection: "psycopg.Connection[Any]") -> dict[str, TableFacts]:
    """Count and digest every table of a database."""
    facts = {}
    for (name,) in connection.execute(_TABLES).fetchall():
        row = connection.execute(_DIGEST.format(table=sql.Identifier(name))).fetchone()
        assert row is not None  # noqa: S101  # an aggregate has a row
        facts[str(name)] = TableFacts(int(row[0]), f"{row[1]}:{row[2]}")
    return facts


def is_empty(url: str) -> bool:
    """Tell whether a database holds no table."""
    with connect(url) as connection:
        return not connection.execute(_TABLES).fetchall()


def missing_roles(url: str, wanted: list[str]) -> list[str]:
    """Return those roles that a server does not have."""
    with connect(url) as connection:
        known = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
    return [role for role in wanted if role not in known]


def dump(url: str, held: Snapshot, target: Path) -> None:
    """Write a snapshot into a file in PostgreSQL's custom format. Raises ArchiveError."""
    command = [program("pg_dump", held.version), "--format=custom", "--no-password"]
    _run([*command, f"--snapshot={held.name}", f"--file={target}"], url)


def restore(url: str, source: Path) -> None:
    """Bring a dump into an empty database, wholly or not at all. Raises ArchiveError."""
    with connect(url) as connection:
        version = connection.info.server_version // 10000
    command = [program("pg_restore", version), "--no-owner", "--no-password"]
    _run([*command, "--exit-on-error", "--single-transaction", str(source)], url)


@contextlib.contextmanager
def scratch_database(url: str, name: str) -> Iterator[str]:
    """Give an empty database on the same server, dropped in the end."""
    identifier = sql.Identifier(name)
    with connect(url) as connection:
        connection.execute(
            sql.SQL(
                "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'"
                " LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'"
            ).format(identifier)
        )
    try:
        yield make_url(url).set(database=name).render_as_string(hide_password=False)
    finally:
        with connect(url) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier)
            )


def _conninfo(url: str) -> str:
    return normalise_url(url).replace("postgresql+psycopg://", "postgresql://", 1)


def program(name: str, server: int) -> str:
    """Return the program that fits a server: of its major version, or a newer one.

    Raises ArchiveError; an older program would leave out what it does not know.
    """
    found: dict[int, str] = {}
    for path in _candidates(name):
        told = subprocess.run(  # noqa: S603  # PostgreSQL's own
            [path, "--version"], check=False, capture_output=True, text=True
        ).stdout
        if version := re.search(r" (\d+)", told):
            found.setdefault(int(version[1]), str(path))
    fitting = [version for version in sorted(found) if version >= server]
    if not fitting:
        have = "、".join(map(str, sorted(found))) or "无"
        message = f"数据库是 PostgreSQL {server}，需要同版或更新的 {name}；本机有：{have}。"
        raise ArchiveError(message)
    return found[fitting[0]]


def _candidates(name: str) -> Iterator[Path]:
    with contextlib.suppress(FileNotFoundError):
        yield places.wheel_folder() / "pginstall" / "bin" / name
    if on_path := shutil.which(name):
        yield Path(on_path)
    yield from sorted(_DEBIAN.glob(f"*/bin/{name}"))


def _run(command: list[str], url: str) -> None:
    """Run a program on a database; the password goes by the environment, which others cannot read.

    What it complains of is told by its first line only: the rest may quote rows.
    """
    parts = conninfo_to_dict(_conninfo(url))
    password = parts.pop("password", None)
    environment: dict[str, str] = {**os.environ, "LC_ALL": "C"}
    if password:
        environment["PGPASSWORD"] = str(password)
    named: Mapping[str, Any] = parts
    command = [*command, f"--dbname={make_conninfo(**named)}"]
    done = subprocess.run(  # noqa: S603  # PostgreSQL's own
        command, check=False, capture_output=True, text=True, env=environment
    )
    if done.returncode:
        first = next(iter(done.stderr.strip().splitlines()), f"exit code {done.returncode}")
        message = f"{Path(command[0]).name} 失败：{first}"
        raise ArchiveError(message)
