"""The stage of the long tests: a platform of its own, to be killed at any moment.

A `Stage` has a PostgreSQL that writes through to the disk as in service, a database with schema,
seeds and sample accounts, a storage folder, and processes of the platform, each in a process
group of its own. Whatever it does at random comes from `chance`, whose seed is printed, stands
in the report and can be given again: `SOAK_SEED=… make soak`.

To add a scenario:

1. Write a function `scenario(stage, figures, kills)` that works, kills (`stage.kill_database`,
   `stage.kill(process)`, `stage.kill_everything`), starts again (`stage.recover`), and asserts
   what must hold. Put what it counted into `figures`: it stands in `var/soak/report.jsonl`.
2. Call it from two tests: one marked `rehearsal` with a handful of kills, which `make test` runs,
   and one marked `soak` with `scaled(<the stated count>)`, which `make soak` runs.
3. What must hold is compared by natural content (`tests.soak.content`) and never by ids.

The report is written by `tests.support.soak_report`, for every test marked `soak`.
"""

import contextlib
import functools
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from relief.accounts import queries as accounts_queries
from relief.accounts import second_factor, sign_in
from relief.accounts.models import StaffSession
from relief.accounts.samples import create_sample_accounts
from relief.cli.setup import prepare_database
from relief.core.clock import system_clock
from relief.core.config import PREFIX
from relief.core.db import session_on
from relief.integrations import postgres
from relief.integrations.postgres import accounts, processes
from relief.integrations.postgres.accounts import derive_urls
from tests.support import run_folder
from tests.support.database import create_database, drop_database, on
from tests.support.people import forget_used_codes
from tests.support.settings import cipher_with, key_settings

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "Correct horse battery 1"
_numbers = itertools.count(1)


def seed_of_run() -> int:
    """The seed that is given, or a new one."""
    return int(os.environ.get("SOAK_SEED") or random.SystemRandom().randrange(2**31))


class Stage:
    """One platform that may be killed as a whole or in parts."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.seed = seed
        self.chance = random.Random(seed)  # noqa: S311  # no secret
        self.cipher = cipher_with()
        self.storage = folder / "storage"
        self.server = postgres.Server(folder / "postgres", tied=True, durable=True)
        self.passwords = accounts.new_passwords()
        self.owner_url = ""  # a superuser's: the harness looks and breaks as it likes
        self.database = "relief"
        self.started: list[subprocess.Popen[bytes]] = []
        self.given: dict[str, str] = {}  # more settings for every process

    def begin(self) -> None:
        """Start the database, with schema, seeds and sample accounts: the state to begin from."""
        self.owner_url = self.server.start()
        prepare_database(
            derive_urls(self.owner_url, self.passwords),
            now=system_clock(),
            admin_url=self.owner_url,
        )
        with session_on(self.owner_url) as session:
            create_sample_accounts(
                session,
                now=system_clock(),
                password_for=lambda _name: PASSWORD,
                cipher=self.cipher,
            )

    @property
    def url(self) -> str:
        """The address of the database in use."""
        return on(self.owner_url, self.database)

    def afresh(self) -> None:
        """Go back to the state at the beginning: another database, an empty storage folder."""
        if self.database != "relief":
            drop_database(self.owner_url_of("postgres"), self.database)
        self.database = f"stage_{next(_numbers)}"
        self.given = {}
        create_database(self.owner_url_of("postgres"), self.database, "relief", strategy="WAL_LOG")
        shutil.rmtree(self.storage, ignore_errors=True)
        self.storage.mkdir(mode=0o700)

    def owner_url_of(self, database: str) -> str:
        """The address of another database on the server."""
        return on(self.owner_url, database)

    def environment(self) -> dict[str, str]:
        """The settings of every process."""
        given = {k: v for k, v in os.environ.items() if not k.startswith("RELIEF_")}
        return given | {
            **{
                PREFIX + role.setting: on(url, self.database)
                for role, url in derive_urls(self.owner_url, self.passwords).items()
            },
            **key_settings(),
            "RELIEF_STORAGE_DIR": str(self.storage),
            "RELIEF_ANCHOR_DIR": str(self.folder / "anchors"),
            "RELIEF_SAMPLE_DATA": "1",
            "PYTHONUTF8": "1",
            **self.given,
        }

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """Start `relief …` in a process group of its own; its words go to a log."""
        with (self.folder / f"{arguments[0]}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "relief.cli", "--parent", str(os.getpid()), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env=self.environment(),
                start_new_session=True,
            )
        self.started.append(process)
        return process

    def run(self, *arguments: str, seconds: float = 300) -> str:
        """Run `relief …` to its end and return what it said; it must succeed."""
        done = subprocess.run(
            [sys.executable, "-m", "relief.cli", *arguments],
            cwd=ROOT,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def said(self, command: str) -> str:
        """The last of what a command's processes logged."""
        return (self.folder / f"{command}.log").read_text("utf-8", "replace")[-3000:]

    def kill(self, process: "subprocess.Popen[bytes]") -> None:
        """`kill -9` a process, its group, and the children that made groups of their own."""
        with contextlib.suppress(psutil.NoSuchProcess):
            family = psutil.Process(process.pid).children(recursive=True)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            for child in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    child.kill()
            psutil.wait_procs(family, timeout=20)
        process.wait(20)
        self.forget(process)

    def stop(self, process: "subprocess.Popen[bytes]") -> None:
        """Ask a process to end, as a service manager does; it must end well."""
        process.terminate()
        assert process.wait(60) == 0
        self.forget(process)

    def forget(self, process: "subprocess.Popen[bytes]") -> None:
        """Leave a process that has ended out of what is to be killed."""
        self.started = [other for other in self.started if other is not process]

    def kill_database(self) -> None:
        """`kill -9` the whole PostgreSQL tree: the postmaster first, then what it leaves."""
        data = self.server.places.data
        if found := processes.postmaster(data):
            found.kill()
        processes.end_orphans(data)

    def kill_everything(self) -> None:
        """Kill all processes and the database, in an order that chance decides."""
        doomed: list[Callable[[], None]]
        doomed = [functools.partial(self.kill, process) for process in self.started]
        doomed.append(self.kill_database)
        self.chance.shuffle(doomed)
        for kill in doomed:
            kill()

    def recover(self) -> None:
        """Start the database after a kill; it recovers by itself."""
        self.owner_url = self.server.start()

    def wait(self, condition: Callable[[], object], *, seconds: float) -> None:
        """Wait for something in another process; asks seldom, for asking costs a connection."""
        pause = threading.Event()
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "waited in vain"
            pause.wait(0.1)

    def sql(self, query: str, *arguments: Any) -> Any:
        """Return the first value that a query gives."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            found = connection.execute(query, arguments or None)  # type: ignore[arg-type]
            row = found.fetchone() if found.description else None
            return row[0] if row else None

    @contextlib.contextmanager
    def session(self) -> Iterator[Session]:
        """One transaction on the database."""
        with session_on(self.url) as session:
            yield session

    def token(self, username: str) -> str:
        """A new bearer token of a sample account."""
        with self.session() as session:
            return bearer(session, username)

    def end(self) -> None:
        """End everything and remove it."""
        for process in list(self.started):
            self.kill(process)
        postgres.destroy(self.folder / "postgres")
        shutil.rmtree(self.folder, ignore_errors=True)


def bearer(session: Session, username: str) -> str:
    """Sign a sample account in; from an address that no test is throttled on."""
    cipher, now = cipher_with(), system_clock()
    forget_used_codes(session)  # one may be signed in several times in half a minute
    opened = sign_in.sign_in(
        session,
        username=username,
        password=PASSWORD,
        kind=sign_in.BEARER,
        address="192.0.2.1",
        user_agent="soak",
        cipher=cipher,
        code=second_factor.current_code(
            session,
            account_id=accounts_queries.account_id_of(session, username=username),
            cipher=cipher,
            now=now,
        ),
        now=now,
    )
    assert opened.token is not None
    # As one who proves who they are whenever it is asked: a run may outlast the five minutes.
    session.execute(update(StaffSession).values(confirmed_at=now + timedelta(days=1)))
    return opened.token


@pytest.fixture
def stage(figures: dict[str, Any]) -> Iterator[Stage]:
    """A stage for one test; its seed is printed and stands in the report."""
    seed = seed_of_run()
    figures["seed"] = seed
    print(f"SOAK_SEED={seed}")  # noqa: T201  # pytest shows it when the test fails
    folder = run_folder.path() / "stages" / str(next(_numbers)) / str(os.getpid())
    folder.mkdir(parents=True)
    stage = Stage(folder, seed)
    try:
        stage.begin()
        yield stage
    finally:
        stage.end()
