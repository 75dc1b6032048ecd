"""What `relief run` keeps under `var/`: lock, secrets, addresses, marks of what is done."""

import base64
import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from relief.cli.context import DATABASE_FILE, SECRETS_FILE, read_env_file


class AlreadyRunning(Exception):
    """Another `relief run` works on this folder; the message says where."""


@dataclass(frozen=True, slots=True)
class State:
    """The folder."""

    folder: Path

    @contextlib.contextmanager
    def locked(self, about: Mapping[str, Any]) -> Iterator[IO[str]]:
        """Hold the folder; the kernel frees it however this process ends.

        A forked child must close the file it is given here, or it goes on holding the folder.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / "run.lock"
        with file.open("a+", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AlreadyRunning(_who(file)) from None
            lock.truncate(0)
            lock.write(json.dumps(dict(about)))
            lock.flush()
            yield lock

    def secrets(self) -> dict[str, str]:
        """Return the keys of this installation, made when it is new. They are never shown."""
        file = self.folder / SECRETS_FILE
        if not file.exists():
            self._write_private(
                file,
                {
                    "RELIEF_SECRET_KEY": secrets.token_urlsafe(48),
                    "RELIEF_DATA_KEYS": f"1:{_key()}",
                    "RELIEF_INDEX_KEY": _key(),
                    "RELIEF_STORAGE_DIR": str(self.folder / "storage"),
                },
            )
        return read_env_file(file)

    def remember_database(self, url: str) -> None:
        """Keep the database's address for commands given beside a running platform."""
        self._write_private(self.folder / DATABASE_FILE, {"RELIEF_DATABASE_URL": url})

    def forget_database(self) -> None:
        """Take the address away: the server is no longer there."""
        (self.folder / DATABASE_FILE).unlink(missing_ok=True)

    def sample_password(self) -> str:
        """Return the password of the sample sign-ins, made when it is asked for first."""
        file = self.folder / "sample.env"
        if not file.exists():
            self._write_private(file, {"PASSWORD": f"Anshan-{secrets.token_hex(4)}"})
        return read_env_file(file)["PASSWORD"]

    def mark(self, name: str, value: str) -> None:
        """Remember how far something has come."""
        self._write_private(self.folder / "marks.env", {**self._marks(), name: value})

    def marked(self, name: str) -> str | None:
        """Return how far something had come."""
        return self._marks().get(name)

    def _marks(self) -> dict[str, str]:
        return read_env_file(self.folder / "marks.env")

    def _write_private(self, file: Path, values: Mapping[str, str]) -> None:
        fresh = file.with_name(f".{file.name}.new")
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        with fresh.open("w", encoding="utf-8") as out:
            out.writelines(f"{name}={value}\n" for name, value in values.items())
            out.flush()
            os.fsync(out.fileno())
        fresh.rename(file)


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode("ascii")


def _who(file: Path) -> str:
    try:
        about = json.loads(file.read_text("utf-8"))
        return f"已有一个实例在运行：{about['address']}（进程 {about['pid']}）"
    except (OSError, ValueError, KeyError):
        return "已有一个实例在运行"
