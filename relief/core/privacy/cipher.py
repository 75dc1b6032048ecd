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
DATA_SETTING = "RELIEF_DATA_KEYS"
INDEX_SETTING = "RELIEF_INDEX_KEYS"
_HEAD = struct.Struct(">BBH")
HEAD_BYTES = _HEAD.size
_NONCE = 12
ENVELOPE_BYTES = HEAD_BYTES + _NONCE + 16  # what an envelope is longer than what is in it


class CannotOpen(Exception):
    """A ciphertext was changed, moved to another row, or its key is not here."""


class KeyMissing(CannotOpen):
    """A value needs a key that is not in the settings; the message says which."""

    def __init__(self, setting: str, key_id: int) -> None:
        super().__init__(f"key {key_id} is in use, and is not in {setting}")
        self.key_id = key_id


@dataclass(frozen=True)
class Cipher:
    """Data keys and blind-index keys by their ids, and which of each are for new values.

    The two kinds of key come from separate settings and never stand in the database.
    """

    data_keys: Mapping[int, bytes] = field(repr=False)
    current_key: int
    index_keys: Mapping[int, bytes] = field(repr=False)
    current_index_key: int
    _boxes: dict[int, AESGCM] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._boxes.update({key_id: AESGCM(key) for key_id, key in self.data_keys.items()})

    def blind_index(self, kind: str, value: str, *, key_id: int) -> bytes:
        """Return 32 bytes, equal for equal values of a kind, that tell nothing without the key.

        Raises KeyMissing.
        """
        return hmac.digest(self.index_key(key_id), f"{kind}|{value}".encode(), "sha256")

    def index_key(self, key_id: int) -> bytes:
        """Return one blind-index key. Raises KeyMissing."""
        if key_id not in self.index_keys:
            raise KeyMissing(INDEX_SETTING, key_id)
        return self.index_keys[key_id]

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
        if version != VERSION or algorithm != AES_256_GCM:
            message = f"unknown envelope: version {version}, algorithm {algorithm}, key {key_id}"
            raise CannotOpen(message)
        box = self._boxes.get(key_id)
        if box is None:
            raise KeyMissing(DATA_SETTING, key_id)
        nonce = envelope[_HEAD.size : _HEAD.size + _NONCE]
        try:
            return box.decrypt(nonce, envelope[_HEAD.size + _NONCE :], associated)
        except InvalidTag:
            message = "the ciphertext was changed or belongs to another row"
            raise CannotOpen(message) from None


def key_of(envelope: bytes) -> int:
    """Return the id of the data key that sealed an envelope, from its first bytes."""
    return int(_HEAD.unpack_from(envelope)[2])
