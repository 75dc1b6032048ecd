"""Reading stored files."""

import uuid
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.orm import Session

from relief.attachments import content
from relief.attachments.errors import FileNotFound
from relief.attachments.models import StoredFile
from relief.attachments.service import path_of
from relief.core.privacy.cipher import Cipher


def get(session: Session, file_id: uuid.UUID) -> StoredFile:
    """Return a stored file's row. Raises FileNotFound."""
    stored = session.get(StoredFile, file_id)
    if stored is None:
        raise FileNotFound(file_id=str(file_id))
    return stored


def require_content(stored: StoredFile, *, storage: Path) -> None:
    """Raise FileNotFound now if the content is gone, and not when it is sent."""
    if not path_of(storage, stored.id).is_file():
        raise FileNotFound(file_id=str(stored.id))


def pieces(stored: StoredFile, *, cipher: Cipher, storage: Path) -> Iterator[bytes]:
    """Yield the plain content. Raises FileNotFound, core.privacy.cipher.CannotOpen."""
    require_content(stored, storage=storage)
    with path_of(storage, stored.id).open("rb") as source:
        yield from content.unseal(cipher, stored.id, source)
