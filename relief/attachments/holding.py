"""The stored files as holders of sealed content, turned one at a time.

A file says by its own first bytes which key it was sealed with, so no row can be wrong about it.
The new content is on the disk whole before it takes the old one's place in one rename: a reader
that has the old file open reads it to its end, and a kill leaves one or the other.
"""

import os
import uuid
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.attachments import content
from relief.attachments.models import StoredFile
from relief.attachments.service import create_private, path_of, sync_folder
from relief.core.privacy.cipher import Cipher
from relief.core.privacy.holders import Keys, KeyUse, Step, Use


class StoredFiles:
    """The contents in the storage folder, of which the rows name each."""

    name = "stored_file"
    columns: frozenset[tuple[str, str]] = frozenset()

    def usage(self, session: Session, keys: Keys) -> Mapping[KeyUse, int]:
        """Count the files under each key, by a look at each."""
        found: Counter[KeyUse] = Counter()
        for file_id in session.scalars(select(StoredFile.id)):
            if (key_id := content.key_of_file(path_of(keys.storage, file_id))) is not None:
                found[Use.DATA, key_id] += 1
        return found

    def turn(self, session: Session, keys: Keys, *, after: Any, limit: int) -> Step:
        """Look at the next files in the order of their ids, and turn the first that is stale.

        The row is locked, so that the file is not discarded meanwhile, nor turned twice.
        """
        ids = session.scalars(
            select(StoredFile.id)
            .where(StoredFile.id > (after or uuid.UUID(int=0)))
            .order_by(StoredFile.id)
            .limit(limit)
        ).all()
        for file_id in ids:
            path = path_of(keys.storage, file_id)
            if content.key_of_file(path) in {None, keys.cipher.current_key}:
                continue
            locked = session.scalar(
                select(StoredFile.id)
                .where(StoredFile.id == file_id)
                .with_for_update(skip_locked=True, key_share=True)
            )
            if locked is None:
                continue
            _turn_file(keys.cipher, file_id, path)
            return Step(1, file_id)
        return Step(0, ids[-1] if ids else None)


def _turn_file(cipher: Cipher, file_id: uuid.UUID, path: Path) -> None:
    fresh = path.with_suffix(".turned")
    fresh.unlink(missing_ok=True)
    try:
        with path.open("rb") as source, os.fdopen(create_private(fresh), "wb") as target:
            for piece in content.seal(cipher, file_id, content.unseal(cipher, file_id, source)):
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
        fresh.replace(path)
        sync_folder(path.parent)
    finally:
        fresh.unlink(missing_ok=True)
