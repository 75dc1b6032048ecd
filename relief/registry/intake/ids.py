"""Many identifiers at once, of the same kind as core.ids makes one by one."""

import secrets
from datetime import datetime

import numpy as np
import numpy.typing as npt

_VERSION, _VARIANT = 0x70, 0x80


def new_ids(now: datetime, count: int) -> npt.NDArray[np.void]:
    """Return version 7 UUIDs as 16-byte values, ascending: neighbours stay neighbours."""
    stamp = np.frombuffer(int(now.timestamp() * 1000).to_bytes(6, "big"), dtype=np.uint8)
    made = np.frombuffer(secrets.token_bytes(16 * count), dtype=np.uint8).reshape(count, 16).copy()
    made[:, :6] = stamp
    made[:, 6] = made[:, 6] & 0x0F | _VERSION
    made[:, 8] = made[:, 8] & 0x3F | _VARIANT
    # By its first eight random bytes: enough to order them, and one sort instead of ten.
    order = np.argsort(made[:, 6:14].copy().view(">u8").ravel(), kind="stable")
    return np.ascontiguousarray(made[order]).view("V16").ravel()
