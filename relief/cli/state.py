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
from relief.core.config import PREFIX
from relief.core.database_roles import DatabaseRole
from relief.integrations.postgres.accounts import Urls, new_passwords

_LETTERS = "abcdefghjkmnpqrstuvwxyz"  # none that is taken for a digit


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
        """Return the keys of this installation, made when it is new. They are never shown.

        What an older version did not make yet is added, and what is there stays as it is.
        """
        file = self.folder / SECRETS_FILE
        kept = read_env_file(file)
        made = {
            "RELIEF_SECRET_KEY": secrets.token_urlsafe(48),
            "RELIEF_DATA_KEYS": f"1:{_key()}",
            "RELIEF_INDEX_KEYS": f"1:{_key()}",
            "RELIEF_STORAGE_DIR": str(self.folder / "storage"),
            "RELIEF_SEAL_KEY": _key(),
            "RELIEF_ANCHOR_DIR": str(self.folder / "anchors"),
        }
        if "RELIEF_INDEX_KEY" in kept:  # as an older version named the one that it had
            del made["RELIEF_INDEX_KEYS"]
        if not made.keys() <= kept.keys():
            self._write_private(file, {**made, **kept})
        return read_env_file(file)

    def account_passwords(self) -> dict[DatabaseRole, str]:
        """Return the passwords of the platform's database accounts, made when it is new."""
        file = self.folder / "accounts.env"
        if not file.exists():
            made = {role.name: password for role, password in new_passwords().items()}
            self._write_private(file, made)
        known = read_env_file(file)
        return {role: known[role.name] for role in DatabaseRole}

    def remember_database(self, urls: Urls) -> None:
        """Keep the accounts' addresses for commands given beside a running platform."""
        self._write_private(
            self.folder / DATABASE_FILE,
            {PREFIX + role.setting: url for role, url in urls.items()},
        )

    def forget_database(self) -> None:
        """Take the address away: the server is no longer there."""
        (self.folder / DATABASE_FILE).unlink(missing_ok=True)

    def sample_password(self) -> str:
        """Return the password of the sample sign-ins, made when it is asked for first."""
        file = self.folder / "sample.env"
        if not file.exists():
            # Letters and digits in turn: digits alone would leave a well-known word with trimmings.
            pairs = (secrets.choice(_LETTERS) + secrets.choice("23456789") for _ in range(4))
            self._write_private(file, {"PASSWORD": f"Anshan-{''.join(pairs)}"})
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
