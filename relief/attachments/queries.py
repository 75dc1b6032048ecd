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
    require_kept(stored.id, storage=storage)


def require_kept(file_id: uuid.UUID, *, storage: Path) -> None:
    """Raise FileNotFound if the content of a file whose row the reader may not see is gone."""
    if not path_of(storage, file_id).is_file():
        raise FileNotFound(file_id=str(file_id))


def pieces(stored: StoredFile, *, cipher: Cipher, storage: Path) -> Iterator[bytes]:
    """Yield the plain content. Raises FileNotFound, core.privacy.cipher.CannotOpen."""
    yield from kept_pieces(stored.id, cipher=cipher, storage=storage)


def kept_pieces(file_id: uuid.UUID, *, cipher: Cipher, storage: Path) -> Iterator[bytes]:
    """Yield the plain content of a file by its id: of one that another table lets be seen.

    Raises FileNotFound, core.privacy.cipher.CannotOpen.
    """
    require_kept(file_id, storage=storage)
    with path_of(storage, file_id).open("rb") as source:
        yield from content.unseal(cipher, file_id, source)


def part(
    stored: StoredFile, *, first: int, last: int, cipher: Cipher, storage: Path
) -> Iterator[bytes]:
    """Yield the plain content from byte `first` to `last`, both included. Raises as `pieces`."""
    yield from kept_part(stored.id, first=first, last=last, cipher=cipher, storage=storage)


def kept_part(
    file_id: uuid.UUID, *, first: int, last: int, cipher: Cipher, storage: Path
) -> Iterator[bytes]:
    """Yield a part of a file by its id: of one that another table lets be seen."""
    require_kept(file_id, storage=storage)
    with path_of(storage, file_id).open("rb") as source:
        yield from content.unseal_part(cipher, file_id, source, first=first, last=last)
