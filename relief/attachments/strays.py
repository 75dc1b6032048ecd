"""Removes the contents that a killed process left behind without a row that names them."""

import contextlib
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.attachments.models import StoredFile

# Long enough for any transaction that is still writing its file to have ended.
LEFT_AFTER = timedelta(days=1)


def remove_strays(session: Session, *, storage: Path, now: datetime) -> int:
    """Remove old files in the storage folder that no row names, and return how many."""
    before = (now - LEFT_AFTER).timestamp()
    old = [(file_id, path) for file_id, path in _contents(storage) if path.stat().st_mtime < before]
    if not old:
        return 0
    named = set(
        session.scalars(
            select(StoredFile.id).where(StoredFile.id.in_([file_id for file_id, _ in old]))
        )
    )
    # With a suffix it is a content that was still being written.
    strays = [path for file_id, path in old if path.suffix or file_id not in named]
    for path in strays:
        path.unlink(missing_ok=True)
    return len(strays)


def _contents(storage: Path) -> Iterator[tuple[uuid.UUID, Path]]:
    for path in (storage / "files").glob("*/*"):
        with contextlib.suppress(ValueError):
            yield uuid.UUID(hex=path.stem), path
