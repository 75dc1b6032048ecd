"""The signatures and the encryption of WeChat, from WeChat's side and from the phone's."""

import base64
import hashlib
import hmac
import json
import struct
from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_PUSH_BLOCK: Final = 32  # not the cipher's own
_DATA_BLOCK: Final = 16
_RANDOM: Final = 16


def signature(*parts: str) -> str:
    """Sign a push: the token, the time, the nonce, and in safe mode the sealed text."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324  # WeChat's


def as_text(data: bytes) -> str:
    """Return bytes in base64."""
    return base64.b64encode(data).decode()


def push_key(text: str) -> bytes:
    """Return the key of an EncodingAESKey of 43 characters. Raises ValueError."""
    key = base64.b64decode(f"{text}=", validate=True)
    if len(key) != _PUSH_BLOCK:
        message = "an EncodingAESKey has 43 characters"
        raise ValueError(message)
    return key


def seal(message: bytes, *, key: bytes, appid: str, random: bytes) -> str:
    """Encrypt a push; `random` are the 16 bytes in front."""
    plain = random + struct.pack(">I", len(message)) + message + appid.encode()
    return base64.b64encode(_encrypt(plain, key, key[:_RANDOM], _PUSH_BLOCK)).decode()


def unseal(sealed: str, *, key: bytes, appid: str) -> bytes:
    """Decrypt what `seal` made. Raises ValueError if it is another app's, or broken."""
    plain = _decrypt(base64.b64decode(sealed), key, key[:_RANDOM], _PUSH_BLOCK)
    (length,) = struct.unpack(">I", plain[_RANDOM : _RANDOM + 4])
    content, rest = plain[_RANDOM + 4 :][:length], plain[_RANDOM + 4 + length :]
    if rest.decode() != appid:
        message = "sealed for another app"
        raise ValueError(message)
    return content


def call_signature(session_key: str, *, appid: str, group: str, nonce: str, timestamp: str) -> str:
    """Sign what `joinVoIPChat` is given; the key is the session key as text."""
    text = "".join(sorted([appid, group, nonce, timestamp]))
    return hmac.new(session_key.encode(), text.encode(), hashlib.sha256).hexdigest()


def raw_signature(raw: str, session_key: str) -> str:
    """Sign what the phone hands to its page in the clear."""
    return hashlib.sha1((raw + session_key).encode()).hexdigest()  # noqa: S324  # WeChat's


def encrypt_data(content: Mapping[str, Any], *, session_key: str, iv: bytes) -> str:
    """Encrypt what only the app's server may read."""
    text = json.dumps(content, ensure_ascii=False).encode()
    key = base64.b64decode(session_key)
    return base64.b64encode(_encrypt(text, key, iv, _DATA_BLOCK)).decode()


def decrypt_data(text: str, *, session_key: str, iv: bytes) -> dict[str, Any]:
    """Decrypt what `encrypt_data` made. Raises ValueError."""
    plain = _decrypt(base64.b64decode(text), base64.b64decode(session_key), iv, _DATA_BLOCK)
    content: dict[str, Any] = json.loads(plain)
    return content


def _encrypt(plain: bytes, key: bytes, iv: bytes, block: int) -> bytes:
    padding = block - len(plain) % block
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()


def _decrypt(sealed: bytes, key: bytes, iv: bytes, block: int) -> bytes:
    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    plain = decryptor.update(sealed) + decryptor.finalize()
    padding = plain[-1] if plain else 0
    if not 0 < padding <= block or plain[-padding:] != bytes([padding]) * padding:
        message = "badly padded: another key, or broken"
        raise ValueError(message)
    return plain[:-padding]
