"""Identity numbers, phones and bank accounts that nobody has.

The identity numbers keep GB 11643 (prefix, birth date, sequence odd for men, check), so that
everything that checks them works; they are made here and taken from nowhere. No operator uses
mobile numbers that begin with 154, and no bank issues cards that begin with 629999.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from devtools.sample.names import Ints, Strings
from relief.core.citizen_id import CHECKS, WEIGHTS

PHONE_PREFIX = "154"
ACCOUNT_PREFIX = "629999"
# Places that no longer bear these numbers, and places far away where people also come from.
ABOLISHED_PREFIXES = (210322, 210623, 219002)
OTHER_PREFIXES = (210102, 210404, 210502, 211003, 211103, 211282, 220382, 230182, 150429, 370683)
_ROOM = 499  # sequences of one sex in one place on one day
_PHONE_STEP, _PHONES = 7_368_787, 10**8  # coprime: the step visits every number once


def digits_of(values: Ints, width: int) -> Any:
    """Return the decimal digits as a matrix, one row a value."""
    return values[:, None] // 10 ** np.arange(width - 1, -1, -1, dtype=np.int64) % 10


def text_of(digits: Any) -> Strings:
    """Turn a matrix of digits into strings."""
    width = digits.shape[1]
    codes = np.ascontiguousarray(digits + ord("0"), dtype=np.uint32)
    return codes.view(f"<U{width}").ravel()


def citizen_ids(prefix: Ints, born: Any, is_man: Ints, *, seed: int) -> Strings:
    """Return a different valid number for every person, in the order given.

    People of one prefix, day and sex get neighbouring sequences: so twins look like twins.
    """
    ymd = _ymd(born)
    group = (prefix * 10**8 + ymd) * 2 + is_man
    order = np.argsort(group, kind="stable")
    new = np.concatenate([[True], np.diff(group[order]) != 0])
    starts = np.flatnonzero(new)
    rank = np.empty(len(group), dtype=np.int64)
    rank[order] = np.arange(len(group)) - np.repeat(starts, np.diff([*starts, len(group)]))
    if len(rank) and rank.max() >= _ROOM:
        message = "too many people born in one place on one day"
        raise ValueError(message)
    first = (group * 2_654_435_761 + seed * 40_503) % 1_000_003 % _ROOM
    sequence = (first + rank) % _ROOM * 2 + is_man
    return with_check(np.hstack([digits_of(prefix, 6), digits_of(ymd, 8), digits_of(sequence, 3)]))


def with_check(digits: Any) -> Strings:
    """Return 17 digits and their check character."""
    check = np.array(list(CHECKS))[digits @ np.array(WEIGHTS) % 11]
    return np.char.add(text_of(digits), check)


def phones(keys: Ints, *, seed: int) -> Strings:
    """Return a different mobile number for every key below a hundred million."""
    number = (keys * _PHONE_STEP + seed * 1_009 + 12_345_678) % _PHONES
    return np.char.add(PHONE_PREFIX, text_of(digits_of(number, 8)))


def accounts(keys: Ints, *, seed: int) -> Strings:
    """Return a different bank card for every key below ten million, with its Luhn digit."""
    salt = (keys * 48_271 + seed * 69_621) % 99_991
    body = np.hstack(
        [
            np.tile(np.array([int(c) for c in ACCOUNT_PREFIX]), (len(keys), 1)),
            digits_of(keys, 7),
            digits_of(salt, 5),
        ]
    )
    doubled = body[:, ::-1].copy()
    doubled[:, ::2] *= 2
    total = (doubled // 10 + doubled % 10).sum(axis=1)
    return text_of(np.hstack([body, ((10 - total % 10) % 10)[:, None]]))


def _ymd(born: Any) -> Ints:
    """Return dates as YYYYMMDD."""
    months = born.astype("datetime64[M]")
    years = born.astype("datetime64[Y]")
    year = years.astype(np.int64) + 1970
    month = (months - years).astype(np.int64) + 1
    day = (born - months).astype(np.int64) + 1
    out: npt.NDArray[np.int64] = year * 10_000 + month * 100 + day
    return out
