"""A thousand invented people's numbers, known beforehand, that must turn up nowhere in the clear.

Factories and sample rows of the tests use them for everyone they make, so a leak anywhere in
the suite is a leak of one of these. The identity numbers keep GB 11643 and belong to nobody; no
operator uses mobile numbers that begin with 154.
"""

import functools
import re
from datetime import date

from relief.core import citizen_id as law

COUNT = 1_000
_A_DAY = 900  # sequences of one birth date
_DIGITS = re.compile(rb"[0-9]{11,}X?")
# The same digits as bytes written in hexadecimal: what a dump makes of a binary column.
_HEX_DIGITS = re.compile(rb"(?:3[0-9]){11,}(?:58)?")


def citizen_id(serial: int) -> str:
    """Return the identity number of one of the thousand."""
    place = serial % COUNT
    first17 = f"210302{date(1980, 3, 4 + place // _A_DAY):%Y%m%d}{place % _A_DAY + 1:03}"
    return first17 + law.check_character(first17)


def phone(serial: int) -> str:
    """Return the mobile number of one of the thousand."""
    return f"1542{serial % COUNT * 7919 + 1_000_003:07}"


def account(serial: int) -> str:
    """Return the bank account of one of the thousand."""
    return f"6299990001{serial % COUNT * 7919 + 100_000_007:09}"


@functools.cache
def values() -> frozenset[bytes]:
    """Return all of them, and nothing else."""
    return frozenset(
        make(serial).encode() for make in (citizen_id, phone, account) for serial in range(COUNT)
    )


def found_in(data: bytes | str) -> set[str]:
    """Return the canaries that stand in some text or bytes, also written in hexadecimal."""
    plain = data.encode() if isinstance(data, str) else data
    runs = _DIGITS.findall(plain)
    runs += [bytes.fromhex(run.decode()) for run in _HEX_DIGITS.findall(plain)]
    return {value.decode() for run in set(runs) for value in _within(run)}


def _within(run: bytes) -> set[bytes]:
    windows = {
        run[start : start + size] for size in (11, 18, 19) for start in range(len(run) - size + 1)
    }
    return windows & values()
