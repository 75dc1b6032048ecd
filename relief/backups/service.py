"""Making a backup, and bringing one back.

The database comes first and the files after it: a file is on the disk before the row that names
it can commit, and those that came later are left out. No content goes while a backup holds the
lock of the contents, so every file that the snapshot names is there to be copied, though its row
may be deleted meanwhile.
"""

import contextlib
import fcntl
import os
import shutil
import struct
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from relief.attachments.service import CONTENTS, path_of
from relief.backups import manifest as manifests
from relief.backups.errors import (
    BackupFailed,
    RestoreFailed,
    RolesMissing,
    TargetNotEmpty,
)
from relief.backups.manifest import DUMP, FILES, PREFIX, FileFacts, Manifest
from relief.core import locks
from relief.core.progress import Progress, silent
from relief.integrations.postgres import archive

# Columns that hold envelopes of core.privacy.cipher; bytes 2 and 3 of one are its key's id.
SEALED_COLUMNS = (("secret_value", "ciphertext"),)
_FILE_HEAD = struct.Struct(">IBBH")  # length of the first envelope, version, algorithm, key id
_UNFINISHED = ".partial"


def back_up(
    url: str, storage: Path, folder: Path, *, now: datetime, progress: Progress = silent
) -> tuple[Path, Manifest]:
    """Put a backup into `folder`; return its place and manifest.

    Raises BackupFailed, archive.ArchiveError. Whatever happens, nothing but a whole backup
    gets a backup's name.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / f"{PREFIX}{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    with _alone(folder):
        if target.exists():
            detail = f"{target} 已经存在。"
            raise BackupFailed(detail)
        for left in folder.glob(f".{PREFIX}*{_UNFINISHED}"):
            shutil.rmtree(left)  # of a backup that was killed
        unfinished = folder / f".{target.name}{_UNFINISHED}"
        unfinished.mkdir(mode=0o700)
        try:
            with archive.connect(url) as keeper:
                locks.hold_while_open(keeper, CONTENTS)
                made = _fill(unfinished, url, storage, now=now, progress=progress)
            manifests.sync_folders(unfinished)
            unfinished.rename(target)
            manifests.sync_folders(folder)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
    return target, made


def _fill(
    unfinished: Path, url: str, storage: Path, *, now: datetime, progress: Progress
) -> Manifest:
    progress(0, 3, "正在导出数据库")
    dump = unfinished / DUMP
    with archive.snapshot(url) as held:
        archive.dump(url, held, dump)
        progress(1, 3, "正在计算校验值")
        tables = held.tables()
        names = [
            row for (row,) in held.connection.execute("SELECT id FROM stored_file ORDER BY id")
        ]
        keys = _keys_of_values(held)
        facts = {
            "revision": _one(held, "SELECT version_num FROM alembic_version"),
            "last_audit_event": _one(
                held, "SELECT id::text FROM audit_event ORDER BY occurred_at DESC, id DESC LIMIT 1"
            ),
        }
        roles = held.roles()
        version = held.version
    with dump.open("rb") as written:
        os.fsync(written.fileno())
    progress(2, 3, "正在复制原始文件")
    files = [_copy(file_id, storage, unfinished, keys) for file_id in names]
    made = Manifest(
        made_at=now.isoformat(),
        postgres=version,
        revision=facts["revision"] or "",
        last_audit_event=facts["last_audit_event"],
        key_ids=sorted(keys),
        roles=roles,
        tables=tables,
        dump=FileFacts(DUMP, manifests.digest_of(dump), dump.stat().st_size),
        files=files,
    )
    made.write(unfinished)
    progress(3, 3, "备份完成")
    return made


def _one(held: archive.Snapshot, query: str) -> str | None:
    row = held.connection.execute(query).fetchone()
    return None if row is None else str(row[0])


def _keys_of_values(held: archive.Snapshot) -> set[int]:
    keys: set[int] = set()
    for table, column in SEALED_COLUMNS:
        query = (
            f"SELECT DISTINCT get_byte({column}, 2) * 256 + get_byte({column}, 3)"  # noqa: S608
            f" FROM {table} WHERE {column} IS NOT NULL"
        )
        keys |= {int(key) for (key,) in held.connection.execute(query)}
    return keys


def _copy(file_id: uuid.UUID, storage: Path, unfinished: Path, keys: set[int]) -> FileFacts:
    """Copy one original file, as encrypted as it is, and note the key that it needs."""
    source = path_of(storage, file_id)
    place = source.relative_to(storage)
    try:
        digest, size = manifests.copy_through(source, unfinished / place)
        with (unfinished / place).open("rb") as file:  # not the source: its key may change
            keys.add(_FILE_HEAD.unpack(file.read(_FILE_HEAD.size))[3])
    except (OSError, struct.error):
        detail = f"原始文件 {place} 缺失或无法读取；请检查存储目录后重新备份。"
        raise BackupFailed(detail) from None
    return FileFacts(str(place), digest, size)


def restore(
    folder: Path, url: str, storage: Path, *, progress: Progress = silent
) -> tuple[Path, Manifest]:
    """Bring the newest backup in `folder` into an empty database and an empty storage folder.

    Raises NoBackup, BackupDamaged, TargetNotEmpty, RolesMissing, RestoreFailed,
    archive.ArchiveError. Nothing is touched before every digest has been checked.
    """
    backup = manifests.newest(folder)
    progress(0, 4, "正在核对备份")
    found = Manifest.read(backup)
    found.check_files(backup)
    if not archive.is_empty(url):
        detail = "数据库中已有数据表；请恢复到一个空的数据库。"
        raise TargetNotEmpty(detail)
    if any((storage / FILES).glob("*/*")):
        detail = f"{storage} 中已有文件；请恢复到一个空的存储目录。"
        raise TargetNotEmpty(detail)
    if lacking := archive.missing_roles(url, found.roles):
        detail = f"缺少 {'、'.join(lacking)}；请先建立这些角色（见 docs/runbook.md）。"
        raise RolesMissing(detail)
    try:
        _bring_in(backup, found, url, storage, progress)
    except BaseException:
        shutil.rmtree(storage / FILES, ignore_errors=True)  # it was empty: the next try is free
        raise
    progress(3, 4, "正在核对恢复的数据")
    if differing := differences(url, found):
        detail = f"以下数据表与备份不符：{'、'.join(differing)}。"
        raise RestoreFailed(detail)
    progress(4, 4, "恢复完成")
    return backup, found


def _bring_in(backup: Path, found: Manifest, url: str, storage: Path, progress: Progress) -> None:
    """Bring the files, then the rows that name them."""
    progress(1, 4, "正在恢复原始文件")
    for file in found.files:
        manifests.copy_through(backup / file.path, storage / file.path)
    if found.files:
        manifests.sync_folders(storage / FILES)
    progress(2, 4, "正在恢复数据库")
    archive.restore(url, backup / DUMP)


def differences(url: str, wanted: Manifest) -> list[str]:
    """Return the tables whose rows are not those of the backup."""
    with archive.connect(url) as connection:
        found = archive.table_facts(connection)
    names = sorted({*found, *wanted.tables})
    return [name for name in names if found.get(name) != wanted.tables.get(name)]


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one backup at a time work in a folder. Raises BackupFailed."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        detail = f"另一个备份正在写入 {folder}。"
        raise BackupFailed(detail) from None
    finally:
        os.close(descriptor)
