"""Keeps files whole and encrypted, in step with the transaction that records them."""

import functools
import hashlib
import os
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.attachments import content
from relief.attachments.errors import FileTooLarge
from relief.attachments.models import StoredFile
from relief.core import locks
from relief.core.endings import on_commit, on_rollback
from relief.core.ids import new_id
from relief.core.privacy.cipher import Cipher
from relief.core.privacy.masking import mask_numbers

# Held alone while a backup copies what its snapshot names: no content goes meanwhile.
CONTENTS = "stored-contents"
_NAME_LENGTH = 255


def store(
    session: Session,
    stream: BinaryIO,
    *,
    name: str,
    media_type: str,
    purpose: str,
    actor_id: uuid.UUID | None,
    cipher: Cipher,
    storage: Path,
    now: datetime,
    limit: int,
) -> StoredFile:
    """Encrypt a stream into the storage folder and record it. Raises FileTooLarge.

    The content is on the disk under its final name before the transaction can commit, and
    goes again if the transaction does not. A kill in between leaves a file that no row
    names, which `strays.remove_strays` finds.
    """
    file_id = new_id(now)
    path = path_of(storage, file_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    on_rollback(session, lambda: path.unlink(missing_ok=True))
    meter = _Meter(limit)
    partial = path.with_suffix(".part")
    try:
        with os.fdopen(create_private(partial), "wb") as target:
            for piece in content.seal(cipher, file_id, meter.pieces(stream)):
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
        partial.rename(path)
        sync_folder(path.parent)
    finally:
        partial.unlink(missing_ok=True)
    stored = StoredFile(
        id=file_id,
        name=plain_name(name),
        media_type=media_type,
        sha256=meter.digest.digest(),
        size=meter.size,
        purpose=purpose,
        created_at=now,
        created_by=actor_id,
    )
    session.add(stored)
    session.flush()
    return stored


def discard(session: Session, stored: StoredFile, *, storage: Path) -> None:
    """Forget a file that turned out not to be needed; its content goes with the commit.

    While a backup runs, which may know the file, the content stays for `strays.remove_strays`.
    """
    _forget(session, [stored], storage)


def discard_older(
    session: Session, *, purpose: str, before: datetime, storage: Path, limit: int = 500
) -> int:
    """Forget the oldest files of one purpose that were stored before a moment; return how many."""
    old = session.scalars(
        select(StoredFile)
        .where(StoredFile.purpose == purpose, StoredFile.created_at < before)
        .order_by(StoredFile.id)
        .limit(limit)
    ).all()
    _forget(session, old, storage)
    return len(old)


def _forget(session: Session, files: Sequence[StoredFile], storage: Path) -> None:
    """Delete rows, and with the commit their contents, unless a backup runs.

    The lock is held until the commit, and a backup takes its snapshot after it has the lock: it
    does not know a file whose content goes.
    """
    for stored in files:
        session.delete(stored)
    if files and locks.try_share(session, CONTENTS):
        for stored in files:
            path = path_of(storage, stored.id)
            on_commit(session, functools.partial(path.unlink, missing_ok=True))


def path_of(storage: Path, file_id: uuid.UUID) -> Path:
    """Return where a file's content lies. The end of the id is random, its beginning is not."""
    return storage / "files" / file_id.hex[-2:] / file_id.hex


def plain_name(name: str) -> str:
    """Return a file's name without folders, invisible characters and people's numbers."""
    bare = PureWindowsPath(PurePosixPath(name).name).name
    kept = "".join(character for character in bare if character.isprintable()).strip(". ")
    kept = mask_numbers(kept)
    return kept[-_NAME_LENGTH:] or "未命名"


def sync_folder(folder: Path) -> None:
    """Bring a folder's names to the disk: a renamed file is not safe before."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def create_private(path: Path) -> int:
    """Make a file that only this user can read."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode=0o600)


class _Meter:
    """Measures and digests what passes through."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.size = 0
        self.digest = hashlib.sha256()

    def pieces(self, stream: BinaryIO) -> Iterator[bytes]:
        while piece := stream.read(content.PIECE):
            self.size += len(piece)
            if self.size > self._limit:
                detail = f"文件超过 {self._limit >> 20} MB 的上限。"
                raise FileTooLarge(detail)
            self.digest.update(piece)
            yield piece
