"""Removes the contents that were left behind without a row that names them."""

import contextlib
import itertools
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.attachments.models import StoredFile
from relief.attachments.service import CONTENTS
from relief.core import locks

# Long enough for any transaction that is still writing its file to have ended.
LEFT_AFTER = timedelta(days=1)
_AT_ONCE = 1000  # a statement has room for 65,535 names


def remove_strays(
    session: Session, *, storage: Path, now: datetime, at_once: int = _AT_ONCE
) -> int:
    """Remove old files in the storage folder that no row names, and return how many.

    One query for each `at_once` files. While a backup runs, which may know them, none goes.
    """
    if not locks.try_share(session, CONTENTS):
        return 0
    old = _older(storage, (now - LEFT_AFTER).timestamp())
    removed = 0
    while some := list(itertools.islice(old, at_once)):
        strays = _unnamed(session, some)
        for path in strays:
            path.unlink(missing_ok=True)
        removed += len(strays)
    return removed


def _unnamed(session: Session, files: Sequence[tuple[uuid.UUID, Path]]) -> Sequence[Path]:
    named = set(
        session.scalars(
            select(StoredFile.id).where(StoredFile.id.in_([file_id for file_id, _ in files]))
        )
    )
    # With a suffix it is a content that was still being written.
    return [path for file_id, path in files if path.suffix or file_id not in named]


def _older(storage: Path, before: float) -> Iterator[tuple[uuid.UUID, Path]]:
    """Yield the contents that nobody has written since a moment. Others may go meanwhile."""
    for path in (storage / "files").glob("*/*"):
        with contextlib.suppress(ValueError, FileNotFoundError):
            file_id = uuid.UUID(hex=path.stem)
            if path.stat().st_mtime < before:
                yield file_id, path
