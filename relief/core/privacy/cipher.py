"""Encrypts single values, and makes the keyed hash by which an equal value is found.

Envelope, in bytes: version (1) | algorithm (1) | key id (2) | nonce (12) | ciphertext | tag (16).
The value's own row id is the associated data, so a ciphertext moved to another row does not
open. The algorithm byte leaves room for SM4-GCM with HMAC-SM3.
"""

import hmac
import secrets
import struct
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = 1
AES_256_GCM = 1
KEY_BYTES = 32
_HEAD = struct.Struct(">BBH")
_NONCE = 12


class CannotOpen(Exception):
    """A ciphertext was changed, moved to another row, or its key is not here."""


@dataclass(frozen=True)
class Cipher:
    """Data keys by their id, the id to encrypt with, and the blind-index key.

    The two kinds of key come from separate settings and never stand in the database.
    """

    data_keys: Mapping[int, bytes] = field(repr=False)
    current_key: int
    index_key: bytes = field(repr=False)
    _boxes: dict[int, AESGCM] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._boxes.update({key_id: AESGCM(key) for key_id, key in self.data_keys.items()})

    def blind_index(self, kind: str, value: str) -> bytes:
        """Return 32 bytes, equal for equal values of a kind, that tell nothing without the key."""
        return hmac.digest(self.index_key, f"{kind}|{value}".encode(), "sha256")

    def seal(self, value: str, *, row_id: uuid.UUID) -> bytes:
        """Return the envelope of `value`, bound to the row that will hold it."""
        return self.seal_bytes(value.encode(), associated=row_id.bytes)

    def open(self, envelope: bytes, *, row_id: uuid.UUID) -> str:
        """Return the value. Raises CannotOpen."""
        return self.open_bytes(envelope, associated=row_id.bytes).decode()

    def seal_bytes(self, data: bytes, *, associated: bytes) -> bytes:
        """Return the envelope of raw bytes."""
        nonce = secrets.token_bytes(_NONCE)
        head = _HEAD.pack(VERSION, AES_256_GCM, self.current_key)
        return head + nonce + self._boxes[self.current_key].encrypt(nonce, data, associated)

    def open_bytes(self, envelope: bytes, *, associated: bytes) -> bytes:
        """Return the bytes. Raises CannotOpen."""
        version, algorithm, key_id = _HEAD.unpack_from(envelope)
        box = self._boxes.get(key_id)
        if version != VERSION or algorithm != AES_256_GCM or box is None:
            message = f"unknown envelope: version {version}, algorithm {algorithm}, key {key_id}"
            raise CannotOpen(message)
        nonce = envelope[_HEAD.size : _HEAD.size + _NONCE]
        try:
            return box.decrypt(nonce, envelope[_HEAD.size + _NONCE :], associated)
        except InvalidTag:
            message = "the ciphertext was changed or belongs to another row"
            raise CannotOpen(message) from None
