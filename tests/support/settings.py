"""The settings and the clock of the tests."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from relief.core.config import Config, SealSettings, normalise_url
from relief.core.privacy.cipher import Cipher

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # Monday, nine in the morning in Anshan


SECRET_KEY = "for tests only, and long enough for it"
_KIND = {"data": "RELIEF_DATA_KEYS", "index": "RELIEF_INDEX_KEYS"}


def key(kind: str, number: int) -> bytes:
    """Return a key that looks random, and is good for tests only."""
    return hashlib.sha256(f"{kind} key {number} of the tests".encode()).digest()


def cipher_with(data: Sequence[int] = (1,), index: Sequence[int] = (1,)) -> Cipher:
    """Return a cipher with these keys, the last of each kind for new values."""
    return Cipher(
        data_keys={number: key("data", number) for number in data},
        current_key=data[-1],
        index_keys={number: key("index", number) for number in index},
        current_index_key=index[-1],
    )


def key_settings(data: Sequence[int] = (1,), index: Sequence[int] = (1,)) -> dict[str, str]:
    """Return the same keys as the environment names them, and the key of forms."""
    return {
        "RELIEF_SECRET_KEY": SECRET_KEY,
        "RELIEF_SEAL_KEY": base64.b64encode(key("seal", 1)).decode(),
        "RELIEF_ANCHOR_DIR": "/nonexistent/anchors",
    } | {
        _KIND[kind]: ",".join(
            f"{number}:{base64.b64encode(key(kind, number)).decode()}" for number in numbers
        )
        for kind, numbers in (("data", data), ("index", index))
    }


CIPHER = cipher_with()


@dataclass
class FakeClock:
    """A clock that moves only when told to."""

    moment: datetime = START

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **amount: float) -> datetime:
        self.moment += timedelta(**amount)
        return self.moment


def make_config(database_url: str, storage: Path, cipher: Cipher | None = None) -> Config:
    """Return settings with keys that are good for tests only."""
    return Config(
        database_url=normalise_url(database_url),
        secret_key=SECRET_KEY,
        cipher=cipher or cipher_with(),
        storage_dir=storage,
        seal=SealSettings(key=key("seal", 1), anchor_dir=storage.with_name("anchors")),
        sample=True,
    )
