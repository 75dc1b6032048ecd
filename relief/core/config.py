"""Settings, read from the environment once and checked before anything starts."""

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from relief.core.privacy.cipher import KEY_BYTES, Cipher

PREFIX = "RELIEF_"


class ConfigError(Exception):
    """One or more settings are missing or wrong. Each line of the message names one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Every setting of the service. There are no others."""

    database_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    cipher: Cipher = field(repr=False)
    storage_dir: Path
    sample: bool = False
    outbound_hosts: tuple[str, ...] = ()

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Self:
        """Read the settings, or raise ConfigError with one line for each that is wrong."""
        reader = _Reader(os.environ if env is None else env)
        database_url = reader.text("DATABASE_URL", "PostgreSQL address, postgresql://…")
        secret_key = reader.text("SECRET_KEY", "at least 32 characters, for signed forms", low=32)
        data_keys = reader.keys("DATA_KEYS", "id:base64 of 32 bytes, comma between; last encrypts")
        index_key = reader.key("INDEX_KEY", "base64 of 32 bytes, not one of the data keys")
        storage = reader.text("STORAGE_DIR", "folder for encrypted original files")
        if index_key in data_keys.values() and index_key:
            reader.faults.append(f"{PREFIX}INDEX_KEY: must differ from every data key")
        reader.finish()
        return cls(
            database_url=normalise_url(database_url),
            secret_key=secret_key,
            cipher=Cipher(
                data_keys=data_keys, current_key=list(data_keys)[-1], index_key=index_key
            ),
            storage_dir=Path(storage),
            sample=reader.env.get(f"{PREFIX}SAMPLE_DATA", "") == "1",
            outbound_hosts=tuple(
                filter(None, reader.env.get(f"{PREFIX}OUTBOUND_HOSTS", "").split(","))
            ),
        )


def normalise_url(url: str) -> str:
    """Name the driver in a PostgreSQL URL, whatever form it came in."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return f"postgresql+psycopg://{url.removeprefix(prefix)}"
    return url


@dataclass
class _Reader:
    env: Mapping[str, str]
    faults: list[str] = field(default_factory=list)

    def text(self, name: str, meaning: str, *, low: int = 1) -> str:
        value = self.env.get(PREFIX + name, "")
        if len(value) < low:
            state = "is missing" if not value else "is too short"
            self.faults.append(f"{PREFIX}{name} {state}: {meaning}")
        return value

    def key(self, name: str, meaning: str) -> bytes:
        value = self.text(name, meaning)
        return self._decode(name, value, meaning) if value else b""

    def keys(self, name: str, meaning: str) -> dict[int, bytes]:
        keys: dict[int, bytes] = {}
        for part in filter(None, self.text(name, meaning).split(",")):
            key_id, _, value = part.partition(":")
            if not key_id.isdecimal() or not 0 < int(key_id) < 2**16:
                self.faults.append(f"{PREFIX}{name} has a key without a number 1–65535: {meaning}")
                continue
            keys[int(key_id)] = self._decode(name, value, meaning)
        return keys

    def _decode(self, name: str, value: str, meaning: str) -> bytes:
        try:
            key = base64.b64decode(value, validate=True)
        except binascii.Error:
            key = b""
        if len(key) != KEY_BYTES:
            self.faults.append(f"{PREFIX}{name} is not {meaning}")
        return key

    def finish(self) -> None:
        if self.faults:
            raise ConfigError("\n".join(self.faults))
