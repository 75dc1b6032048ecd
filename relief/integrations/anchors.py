"""Anchors: what the newest seal was, written where the database's owner does not rule.

A cut tail of the audit trail leaves nothing in the database that could tell of it. An anchor
does. The file is one way; a time-stamp service or the city's data centre would be others.
"""

import fcntl
import hmac
import json
import os
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

NO_LINE = "0" * 64
FILE = "audit-anchors.jsonl"


class AnchorBroken(Exception):
    """The anchors themselves were tampered with; the message says where."""


@dataclass(frozen=True, slots=True)
class Anchored:
    """One anchor: at this time, the newest seal was this one."""

    number: int
    at: datetime
    seq: int
    signature: str


class Anchor(Protocol):
    """A place outside the database that keeps what it is told."""

    @property
    def torn(self) -> int:
        """Return how many writes the last reading found that a kill had cut off."""

    def append(self, *, seq: int, signature: str, at: datetime) -> Anchored:
        """Keep one seal's number and signature for good."""

    def entries(self) -> Generator[Anchored, None, None]:
        """Return all anchors from the first on. Raises AnchorBroken."""


@dataclass(slots=True)
class FileAnchor:
    """Lines of JSON in an append-only file, each signed and naming the line before it.

    A process that is killed while it writes leaves a torn last line. It stays there; the next
    line names it, and `torn` counts such lines. A line that no later one vouches for is a fault.
    """

    folder: Path
    key: bytes
    torn: int = 0

    def append(self, *, seq: int, signature: str, at: datetime) -> Anchored:
        """Add one line and have it on the disk before returning. Raises AnchorBroken."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.folder / FILE
        with path.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            number, previous, fragment = self._end(path)
            entry: dict[str, Any] = {
                "number": number + 1,
                "at": at.isoformat(),
                "seq": seq,
                "seal": signature,
                "previous": previous,
                "torn": sha256(fragment).hexdigest() if fragment else None,
            }
            entry["signature"] = self._sign(entry)
            line = json.dumps(entry, sort_keys=True).encode() + b"\n"
            file.write(line if _ends_well(path) else b"\n" + line)
            file.flush()
            os.fsync(file.fileno())
        _sync_folder(self.folder)
        return _anchored(entry)

    def entries(self) -> Generator[Anchored, None, None]:
        """Return all anchors, each line checked against its signature and the line before."""
        self.torn = 0
        for entry, _, fragment in self._lines(self.folder / FILE):
            if fragment:
                self.torn += 1
            if entry is not None:
                yield _anchored(entry)

    def _end(self, path: Path) -> tuple[int, str, bytes]:
        """Return the last number, the digest of its line, and what a killed writer left after."""
        number, previous, torn = 0, NO_LINE, b""
        for entry, digest, fragment in self._lines(path):
            if entry is not None:
                number, previous, torn = entry["number"], digest, b""
            else:
                torn = fragment
        return number, previous, torn

    def _lines(self, path: Path) -> Iterator[tuple[dict[str, Any] | None, str, bytes]]:
        """Give each good line with its digest and what was torn before it; last, a torn end."""
        if not path.exists():
            return
        number, previous, torn, torn_at = 0, NO_LINE, b"", 0
        with path.open("rb") as file:
            for place, raw in enumerate(file, 1):
                line = raw.removesuffix(b"\n")
                entry = self._read(line)
                if entry is None:
                    torn, torn_at = (torn + b"\n" + line, torn_at) if torn else (line, place)
                    continue
                told = (number + 1, previous, sha256(torn).hexdigest() if torn else None)
                if (entry["number"], entry["previous"], entry["torn"]) != told:
                    where = f"{FILE}:{torn_at or place}"
                    raise AnchorBroken(where)
                number, previous = entry["number"], sha256(line).hexdigest()
                yield entry, previous, torn
                torn, torn_at = b"", 0
        if torn:
            yield None, previous, torn

    def _read(self, line: bytes) -> dict[str, Any] | None:
        """Return a line that we signed, or None."""
        try:
            entry = json.loads(line)
        except ValueError:
            return None
        if not isinstance(entry, dict):
            return None
        signature = str(entry.pop("signature", ""))
        return (
            entry if hmac.compare_digest(signature.encode(), self._sign(entry).encode()) else None
        )

    def _sign(self, entry: dict[str, Any]) -> str:
        told = json.dumps(entry, sort_keys=True).encode()
        return hmac.digest(self.key, b"anchor|" + told, "sha256").hex()


def _anchored(entry: dict[str, Any]) -> Anchored:
    return Anchored(
        entry["number"], datetime.fromisoformat(entry["at"]), entry["seq"], entry["seal"]
    )


def _ends_well(path: Path) -> bool:
    with path.open("rb") as file:
        if not file.seek(0, os.SEEK_END):
            return True
        file.seek(-1, os.SEEK_END)
        return file.read() == b"\n"


def _sync_folder(folder: Path) -> None:
    """Make the file's name durable too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
