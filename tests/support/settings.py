"""The settings and the clock of the tests."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from relief.core.config import Config, normalise_url
from relief.core.privacy.cipher import Cipher

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # Monday, nine in the morning in Anshan

CIPHER = Cipher(data_keys={1: b"d" * 32}, current_key=1, index_key=b"i" * 32)


@dataclass
class FakeClock:
    """A clock that moves only when told to."""

    moment: datetime = START

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **amount: float) -> datetime:
        self.moment += timedelta(**amount)
        return self.moment


def make_config(database_url: str, storage: Path) -> Config:
    """Return settings with keys that are good for tests only."""
    return Config(
        database_url=normalise_url(database_url),
        secret_key="for tests only, and long enough for it",
        cipher=CIPHER,
        storage_dir=storage,
        sample=True,
    )
