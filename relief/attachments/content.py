"""Encrypts a stream in pieces, so that a file of any size needs little memory.

Each piece is an envelope of its own (core.privacy.cipher) behind its length. Its associated
data are the file's id, the piece's place and whether it is the last: a piece that is moved,
left out or cut off at the end does not open.
"""

import contextlib
import struct
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from relief.core.privacy.cipher import HEAD_BYTES, CannotOpen, Cipher, key_of

PIECE = 1 << 20
_LENGTH = struct.Struct(">I")
_PLACE = struct.Struct(">I?")


def seal(cipher: Cipher, file_id: uuid.UUID, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the encrypted form of a file's pieces."""
    place, piece = 0, next(pieces, b"")
    while True:
        following = next(pieces, None)
        is_last = following is None
        envelope = cipher.seal_bytes(piece, associated=_bound(file_id, place, is_last=is_last))
        yield _LENGTH.pack(len(envelope)) + envelope
        if following is None:
            return
        place, piece = place + 1, following


def unseal(cipher: Cipher, file_id: uuid.UUID, source: BinaryIO) -> Iterator[bytes]:
    """Yield a file's plain pieces. Raises CannotOpen if any of it was changed or is gone."""
    place, envelope = 0, _next_envelope(source)
    while envelope is not None:
        following = _next_envelope(source)
        bound = _bound(file_id, place, is_last=following is None)
        yield cipher.open_bytes(envelope, associated=bound)
        place, envelope = place + 1, following
    if place == 0:
        message = "the stored file is empty"
        raise CannotOpen(message)


def key_of_file(path: Path) -> int | None:
    """Return the id of the key that sealed a file, or None if there is no such file."""
    with contextlib.suppress(FileNotFoundError, struct.error), path.open("rb") as source:
        return key_of(source.read(_LENGTH.size + HEAD_BYTES)[_LENGTH.size :])
    return None


def _next_envelope(source: BinaryIO) -> bytes | None:
    head = source.read(_LENGTH.size)
    if not head:
        return None
    length = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else -1
    envelope = source.read(length) if length > 0 else b""
    if length <= 0 or len(envelope) != length:
        message = "the stored file was cut off"
        raise CannotOpen(message)
    return envelope


def _bound(file_id: uuid.UUID, place: int, *, is_last: bool) -> bytes:
    return file_id.bytes + _PLACE.pack(place, is_last)
