"""The manifest of a backup: what is in it, and what it must come to when it is restored.

A backup is a folder `relief-<time>` with `manifest.json`, the digest of that in
`manifest.sha256`, `database.dump` and the encrypted original files under `files/`. It gets this
name by a rename when all of it is on the disk: a folder of this name is whole, unless someone
changed it afterwards, which the digests tell.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from relief.backups.errors import BackupDamaged, NoBackup
from relief.integrations.postgres.archive import TableFacts

FORMAT = 1
PREFIX = "relief-"
MANIFEST, DIGEST, DUMP, FILES = "manifest.json", "manifest.sha256", "database.dump", "files"
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One file of a backup: its place in it, digest and size."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Everything that a restore is checked against. It holds no key and no personal value."""

    made_at: str
    postgres: int  # major version
    revision: str  # of the migrations
    last_audit_event: str | None
    key_ids: list[int]  # of the data keys without which values and files stay closed
    roles: list[str]
    tables: Mapping[str, TableFacts]
    dump: FileFacts
    files: list[FileFacts]

    def write(self, folder: Path) -> None:
        """Write the manifest and its digest, onto the disk."""
        content = json.dumps({"format": FORMAT, **asdict(self)}, indent=1, sort_keys=True)
        write_through(folder / MANIFEST, content.encode())
        digest = hashlib.sha256(content.encode()).hexdigest()
        write_through(folder / DIGEST, f"{digest}  {MANIFEST}\n".encode())

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read a backup's manifest. Raises BackupDamaged."""
        try:
            content = (folder / MANIFEST).read_bytes()
            told = (folder / DIGEST).read_text("ascii").split()[0]
            facts: dict[str, Any] = json.loads(content)
        except (OSError, ValueError, IndexError):
            raise damaged(folder, "清单缺失或无法读取") from None
        if hashlib.sha256(content).hexdigest() != told or facts.pop("format", None) != FORMAT:
            raise damaged(folder, "清单与其摘要不符")
        tables = {name: TableFacts(**table) for name, table in facts.pop("tables").items()}
        dump = FileFacts(**facts.pop("dump"))
        files = [FileFacts(**file) for file in facts.pop("files")]
        return cls(tables=tables, dump=dump, files=files, **facts)

    def check_files(self, folder: Path) -> None:
        """Hold every file against its digest. Raises BackupDamaged for the first that differs."""
        for file in (self.dump, *self.files):
            try:
                found = digest_of(folder / file.path)
            except OSError:
                raise damaged(folder, f"缺少 {file.path}") from None
            if found != file.sha256:
                raise damaged(folder, f"{file.path} 的内容与清单不符")


def newest(folder: Path) -> Path:
    """Return a backup: the folder itself if it is one, or the newest in it. Raises NoBackup."""
    if (folder / MANIFEST).exists():
        return folder
    if folder.is_dir() and (found := sorted(folder.glob(f"{PREFIX}*/"))):
        return found[-1]
    detail = f"{folder} 中没有完整的备份。"
    raise NoBackup(detail)


def damaged(folder: Path, what: str) -> BackupDamaged:
    """Return the error that names a backup and what is wrong with it."""
    return BackupDamaged(f"{folder.name}：{what}。请改用另一份备份。")


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file of any size."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def copy_through(source: Path, target: Path) -> tuple[str, int]:
    """Copy a file onto the disk; return the digest and size of what was copied."""
    digest, size = hashlib.sha256(), 0
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with source.open("rb") as given, target.open("xb") as kept:
        while piece := given.read(_PIECE):
            digest.update(piece)
            size += len(piece)
            kept.write(piece)
        kept.flush()
        os.fsync(kept.fileno())
    return digest.hexdigest(), size


def write_through(path: Path, content: bytes) -> None:
    """Write a small file onto the disk."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folders(folder: Path) -> None:
    """Put the names in a folder and below it onto the disk."""
    for place in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
