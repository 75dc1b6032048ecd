"""Drill pgBackRest: full and incremental backup, a disaster, and back to a point in time.

`make drill` runs it on a PostgreSQL of its own in a temporary folder, reachable on 127.0.0.1 only:
the platform's schema and `ROWS` rows of its audit trail's width, an encrypted repository, WAL
archiving. After a full and an incremental backup it notes a moment and what all tables come to,
deletes rows, kills the server with -9, removes its data, restores to that moment and compares.
The last line is one JSON object with the figures; exit code 1: the data differ, 2: a program is
missing.
"""

import contextlib
import json
import os
import pwd
import secrets
import shutil
import signal
import socket  # noqa: TID251  # a free port of this machine
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from relief.core.config import PREFIX
from relief.integrations.postgres.accounts import derive_urls, new_passwords
from relief.integrations.postgres.archive import TableFacts, connect, table_facts

ROWS = 200_000
USER = "postgres"
STANZA = "relief"
_DEBIAN = Path("/usr/lib/postgresql")
_FILL = (
    "INSERT INTO drilled SELECT n, md5(n::text) || md5((n + 1)::text) || md5((n + 2)::text)"
    " FROM generate_series(%s::int, %s::int) AS n"
)


class DrillFailed(Exception):
    """A step went wrong; the message says which."""


@dataclass
class Cluster:
    """One PostgreSQL with its repository, both in one folder."""

    folder: Path
    bin: Path
    port: int
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"

    @property
    def url(self) -> str:
        """The superuser's address; the server trusts whoever is on this machine."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/postgres"

    def create(self) -> None:
        """Make the server and the repository, both empty."""
        self.run(
            self.bin / "initdb", "-D", self.data, "-U", USER, "-E", "UTF8",
            "--locale=C.UTF-8", "--data-checksums", "-A", "trust",
        )  # fmt: skip
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.write(
                f"listen_addresses = '127.0.0.1'\nport = {self.port}\n"
                f"unix_socket_directories = '{self.folder}'\n"
                "wal_level = replica\narchive_mode = on\nmax_wal_senders = 3\n"
                f"archive_command = 'pgbackrest --config={self.conf} --stanza={STANZA}"
                " archive-push %p'\n"
            )
        lines = [
            "[global]",
            f"repo1-path={self.folder}/repository",
            "repo1-cipher-type=aes-256-cbc",
            f"repo1-cipher-pass={secrets.token_urlsafe(48)}",
            "repo1-retention-full=2",
            "compress-type=zst",
            "process-max=2",
            "start-fast=y",
            f"log-path={self.folder}/log",
            f"lock-path={self.folder}/lock",
            f"spool-path={self.folder}/spool",
            f"[{STANZA}]",
            f"pg1-path={self.data}",
            f"pg1-port={self.port}",
            f"pg1-socket-path={self.folder}",
            f"pg1-user={USER}",
        ]
        self.conf.write_text("\n".join(lines) + "\n")
        self.conf.chmod(0o600)
        owner = _owner()
        if owner is not None:
            os.chown(self.conf, owner.pw_uid, owner.pw_gid)
        for name in ("repository", "log", "lock", "spool"):
            self.run("mkdir", "-m", "700", self.folder / name)

    @property
    def conf(self) -> Path:
        """The settings of pgBackRest, with the repository's passphrase."""
        return self.folder / "pgbackrest.conf"

    def run(self, *command: object) -> str:
        """Run a program as the server's user. Raises DrillFailed."""
        owner = _owner()
        options: dict[str, Any] = {}
        if owner is not None:
            options = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        done = subprocess.run(  # noqa: S603  # PostgreSQL's and pgBackRest's own
            [str(part) for part in command],
            check=False,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), "LC_ALL": "C.UTF-8"},
            **options,
        )
        if done.returncode:
            message = f"{command[0]}: {done.stdout}{done.stderr}"
            raise DrillFailed(message)
        return str(done.stdout)

    def pgbackrest(self, *arguments: object) -> float:
        """Run pgBackRest on the stanza; return how long it took."""
        began = time.monotonic()
        self.run("pgbackrest", f"--config={self.conf}", f"--stanza={STANZA}", *arguments)
        return round(time.monotonic() - began, 2)

    def start(self) -> None:
        """Start the server, and wait until it has recovered and takes writes."""
        self.run(
            self.bin / "pg_ctl", "-D", self.data, "-l", self.folder / "postgres.log",
            "-t", "600", "-w", "start",
        )  # fmt: skip
        deadline = time.monotonic() + 600
        while self.sql("SELECT pg_is_in_recovery()"):
            if time.monotonic() > deadline:
                message = "the server did not leave recovery"
                raise DrillFailed(message)
            time.sleep(0.1)

    def kill(self) -> None:
        """`kill -9` the whole server."""
        with contextlib.suppress(OSError, ValueError):
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            os.killpg(os.getpgid(pid), signal.SIGKILL)

    def sql(self, query: str, *arguments: object) -> Any:
        """Return the first value of a query."""
        with connect(self.url) as connection:
            found = connection.execute(query.encode(), arguments or None)
            row = found.fetchone() if found.description else None
            return row[0] if row else None

    def facts(self) -> dict[str, TableFacts]:
        """Return what all tables come to."""
        with connect(self.url) as connection:
            return table_facts(connection)


def _owner() -> pwd.struct_passwd | None:
    """Return the user that runs the server: PostgreSQL refuses to run as root."""
    return pwd.getpwnam(USER) if os.geteuid() == 0 else None


def _missing() -> list[str]:
    missing = [] if shutil.which("pgbackrest") else ["pgbackrest"]
    if not sorted(_DEBIAN.glob("*/bin/initdb")):
        missing.append("postgresql")
    return missing


@contextlib.contextmanager
def cluster() -> Iterator[Cluster]:
    """Give a server in a temporary folder; it is killed and removed in the end."""
    folder = Path(tempfile.mkdtemp(prefix="relief-drill-"))
    if (owner := _owner()) is not None:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    newest = max(_DEBIAN.glob("*/bin"), key=lambda path: int(path.parent.name))
    made = Cluster(folder, newest, port)
    try:
        yield made
    finally:
        made.kill()
        shutil.rmtree(folder, ignore_errors=True)


def drill(made: Cluster, rows: int) -> bool:
    """Do all of it; tell whether what came back is what was there at the moment noted."""
    made.create()
    made.start()
    urls = derive_urls(made.url, new_passwords())
    environment = {
        **os.environ,
        "RELIEF_DATABASE_URL": made.url,
        **{PREFIX + role.setting: url for role, url in urls.items()},
    }
    subprocess.run(  # our own command
        [sys.executable, "-m", "relief.cli", "setup"],
        check=True,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    made.sql("CREATE TABLE drilled (id int PRIMARY KEY, content text NOT NULL)")
    made.sql(_FILL, 1, rows)
    made.pgbackrest("stanza-create")
    made.pgbackrest("check")
    made.figures["full_seconds"] = made.pgbackrest("--type=full", "backup")
    made.sql(_FILL, rows + 1, rows + rows // 10)
    made.figures["incremental_seconds"] = made.pgbackrest("--type=incr", "backup")
    made.sql(_FILL, rows + rows // 10 + 1, rows + rows // 10 + 1000)
    wanted, moment = made.facts(), made.sql("SELECT clock_timestamp()::text")
    made.figures["database_bytes"] = made.sql("SELECT pg_database_size('postgres')")
    time.sleep(1)
    made.sql("DELETE FROM drilled WHERE id %% 3 = %s", 0)  # the disaster
    made.sql("SELECT pg_switch_wal()")
    made.pgbackrest("check")  # waits until what was written is in the archive
    made.kill()
    shutil.rmtree(made.data)
    made.run("mkdir", "-m", "700", made.data)
    made.figures["restore_seconds"] = made.pgbackrest(
        "--type=time", f"--target={moment}", "--target-action=promote", "restore"
    )
    began = time.monotonic()
    made.start()
    made.figures["recovery_seconds"] = round(time.monotonic() - began, 2)
    found = made.facts()
    made.figures["rows"] = sum(table.rows for table in found.values())
    repository = (made.folder / "repository").rglob("*")
    made.figures["repository_bytes"] = sum(f.stat().st_size for f in repository if f.is_file())
    made.figures["checksums_equal"] = found == wanted
    return found == wanted


def main() -> int:
    """Run the drill and print its figures."""
    if missing := _missing():
        sys.stderr.write(
            f"drill: not run, missing {' '.join(missing)}: apt-get install {' '.join(missing)}\n"
        )
        return 2
    with cluster() as made:
        try:
            good = drill(made, ROWS)
        except DrillFailed as error:
            sys.stderr.write(f"drill: {error}\n")
            return 1
        sys.stdout.write(json.dumps(made.figures) + "\n")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
