"""What is computed with the seal key: leaves, roots and signatures. Nothing of it is stored.

Leaves are keyed too, and cover their place: who lacks the key cannot make one that fits, so
the row that was tampered with is named, and not only the seal above it.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Self

NO_ROOT = bytes(32)  # what the first seal follows


@dataclass(frozen=True, slots=True)
class SealKeys:
    """The keys derived from RELIEF_SEAL_KEY, one for each use."""

    leaf: bytes
    seal: bytes
    fingerprint: str

    @classmethod
    def of(cls, key: bytes) -> Self:
        """Derive them."""
        return cls(_hmac(key, b"leaf"), _hmac(key, b"seal"), _hmac(key, b"fingerprint").hex()[:16])

    def leaf_of(self, seq: int, position: int, event: bytes) -> bytes:
        """Return the leaf of an event at its place."""
        return _hmac(self.leaf, b"\x00" + seq.to_bytes(8) + position.to_bytes(8) + event)

    def sign(
        self,
        *,
        seq: int,
        previous: bytes,
        root: bytes,
        count: int,
        horizon: str,
        sealed_at: datetime,
    ) -> bytes:
        """Return the signature of a seal over each of its columns."""
        moment = sealed_at.astimezone(UTC).isoformat(timespec="microseconds")
        told = f"{seq}|{previous.hex()}|{root.hex()}|{count}|{horizon}|{moment}|{self.fingerprint}"
        return _hmac(self.seal, told.encode())


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over some leaves (at least one).

    An odd node goes up as it is: doubled, two different lists would share a root.
    """
    level = list(leaves)
    while len(level) > 1:
        paired = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=False)
        ]
        level = paired + level[len(paired) * 2 :]
    return level[0]


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")
