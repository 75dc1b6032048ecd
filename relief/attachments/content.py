"""Encrypts a stream in pieces, so that a file of any size needs little memory.

Each piece is an envelope of its own (core.privacy.cipher) behind its length. Its associated
data are the file's id, the piece's place and whether it is the last: a piece that is moved,
left out or cut off at the end does not open.
"""

import contextlib
import os
import struct
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from relief.core.privacy.cipher import ENVELOPE_BYTES, HEAD_BYTES, CannotOpen, Cipher, key_of

PIECE = 1 << 20
_LENGTH = struct.Struct(">I")
_PLACE = struct.Struct(">I?")
_CUT_OFF = "the stored file was cut off"


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


def unseal_part(
    cipher: Cipher, file_id: uuid.UUID, source: BinaryIO, *, first: int, last: int
) -> Iterator[bytes]:
    """Yield the plain bytes from `first` to `last`, both included.

    Pieces before them are passed over, and those after are not looked at. Raises CannotOpen.
    """
    place, start, length = 0, 0, _next_length(source)
    while length is not None and start <= last:
        end = start + length - ENVELOPE_BYTES
        envelope = _read(source, length) if end > first else None
        if envelope is None:
            source.seek(length, os.SEEK_CUR)
        following = _next_length(source)
        if envelope is not None:
            bound = _bound(file_id, place, is_last=following is None)
            piece = cipher.open_bytes(envelope, associated=bound)
            yield piece[max(first - start, 0) : last + 1 - start]
        place, start, length = place + 1, end, following
    if start <= last:
        raise CannotOpen(_CUT_OFF)


def key_of_file(path: Path) -> int | None:
    """Return the id of the key that sealed a file, or None if there is no such file."""
    with contextlib.suppress(FileNotFoundError, struct.error), path.open("rb") as source:
        return key_of(source.read(_LENGTH.size + HEAD_BYTES)[_LENGTH.size :])
    return None


def _next_envelope(source: BinaryIO) -> bytes | None:
    length = _next_length(source)
    return None if length is None else _read(source, length)


def _next_length(source: BinaryIO) -> int | None:
    head = source.read(_LENGTH.size)
    if not head:
        return None
    length: int = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else 0
    if length < ENVELOPE_BYTES:
        raise CannotOpen(_CUT_OFF)
    return length


def _read(source: BinaryIO, length: int) -> bytes:
    envelope = source.read(length)
    if len(envelope) != length:
        raise CannotOpen(_CUT_OFF)
    return envelope


def _bound(file_id: uuid.UUID, place: int, *, is_last: bool) -> bytes:
    return file_id.bytes + _PLACE.pack(place, is_last)
