"""One folder for each test run, shared by its processes and swept after a killed run.

The run holds a lock on `owner.lock` as long as it lives. A folder whose lock is free was left
by a run that was killed: its servers are ended, its databases are dropped, the folder goes.
"""

import contextlib
import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import psutil
import psycopg
import pytest
from psycopg import sql

from relief.integrations import postgres

ENV = "RELIEF_TEST_RUN"
RUNS = Path(__file__).resolve().parents[2] / "var" / "tests"
# A spare database is a thousand files: made in memory it takes a twentieth of the time.
MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of our own in it, with a name of chance
MEMORY_NEEDED = 8 * 2**30
OWNER = pytest.StashKey[IO[str]]()


def path() -> Path:
    """Return the folder of this run."""
    return Path(os.environ[ENV])


def server_of(worker: str) -> Path:
    """Return the folder of the PostgreSQL of one process."""
    return path() / "servers" / worker / "postgres"


def home_of(worker: str, folder: Path | None = None) -> Path | None:
    """Return where the data of one process's PostgreSQL lie, if they lie in memory."""
    memory = _memory_of(folder or path())
    return memory / worker if memory.is_dir() else None


def _memory_of(folder: Path) -> Path:
    return MEMORY / f"relief-tests-{folder.name}"


def _is_memory_enough() -> bool:
    """Tell whether there is room for the servers of a run; containers often give 64 MB."""
    try:
        return min(shutil.disk_usage(MEMORY).free, psutil.virtual_memory().available) >= (
            MEMORY_NEEDED
        )
    except OSError:
        return False


def open_for(config: pytest.Config) -> None:
    """Make this run's folder and clean up after runs that were killed."""
    RUNS.mkdir(parents=True, exist_ok=True)
    for stale in RUNS.iterdir():
        with contextlib.suppress(OSError), (stale / "owner.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            clear(stale)
    folder = RUNS / secrets.token_hex(4)
    folder.mkdir()
    owner = (folder / "owner.lock").open("a")
    fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
    config.stash[OWNER] = owner
    os.environ[ENV] = str(folder)
    if _is_memory_enough():
        _memory_of(folder).mkdir()
        _memory_of(folder).chmod(0o755)  # for the service user, whatever the umask is


def close(config: pytest.Config) -> None:
    """Remove this run's folder and all that hangs on it."""
    if owner := config.stash.get(OWNER, None):
        clear(path())
        owner.close()


def clear(folder: Path) -> None:
    """Drop the databases of a run, end its servers and remove its folder."""
    facts = read(folder)
    if url := facts.get("external"):
        with contextlib.suppress(psycopg.Error):
            drop_databases(url, facts["prefix"])
    for state in folder.glob("servers/*/postgres"):
        postgres.destroy(state, home_of(state.parent.name, folder))
    for state in folder.glob("stages/*/*/postgres"):
        postgres.destroy(state)
    shutil.rmtree(_memory_of(folder), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def drop_databases(url: str, prefix: str) -> None:
    """Drop every database whose name begins with `prefix`, and the accounts called after them."""
    with psycopg.connect(url, autocommit=True) as connection:
        names = connection.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix]
        ).fetchall()
        for (name,) in names:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )
        accounts = connection.execute(
            "SELECT rolname FROM pg_roles WHERE starts_with(rolname, %s)", [prefix]
        ).fetchall()
        for (name,) in accounts:
            connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))


def read(folder: Path) -> dict[str, Any]:
    """Return what the run's processes told each other."""
    try:
        facts: dict[str, Any] = json.loads((folder / "facts.json").read_text())
    except (OSError, ValueError):
        return {}
    return facts


@contextlib.contextmanager
def shared_facts() -> Iterator[dict[str, Any]]:
    """Give the run's facts under a lock; what the block adds is kept for the others."""
    folder = path()
    with (folder / "facts.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        facts = read(folder)
        try:
            yield facts
        finally:
            target = folder / "facts.json"
            target.touch(mode=0o600)
            target.write_text(json.dumps(facts))
