"""Passwords: argon2id with 19 MiB, two passes, one lane."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from relief.accounts.errors import WeakPassword

SHORTEST, LONGEST = 12, 128
HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
# Checked when there is no such account, so that an answer takes as long as with one.
NOBODYS = HASHER.hash("no account has this password")


def hash_password(password: str) -> str:
    """Return the hash to store. Raises WeakPassword."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword
    return HASHER.hash(password)


def matches(password: str, stored: str | None) -> bool:
    """Tell whether a password is right; with no hash to compare, work as long and say no."""
    try:
        return HASHER.verify(stored or NOBODYS, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False
