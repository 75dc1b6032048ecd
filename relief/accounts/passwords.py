"""Passwords: argon2id with 19 MiB, two passes, one lane; and which are good enough."""

import re
from functools import lru_cache
from importlib import resources

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from relief.accounts.errors import WeakPassword
from relief.core.sign_in_rules import SignInRules

LONGEST = 128
FEWEST_DIFFERENT = 5
_SHORTEST_NAME = 3  # a shorter name is found in half of all good passwords
_CLASSES = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")
_LOOKALIKES = str.maketrans("0134578@$!", "oieastbasi")
HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
# Checked when there is no such account, so that an answer takes as long as with one.
NOBODYS = HASHER.hash("no account has this password")


def hash_password(password: str) -> str:
    """Return the hash to store."""
    return HASHER.hash(password)


def matches(password: str, stored: str | None) -> bool:
    """Tell whether a password is right; with no hash to compare, work as long and say no."""
    try:
        return HASHER.verify(stored or NOBODYS, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def refuse_weak(password: str, *, username: str, rules: SignInRules) -> None:
    """Raise WeakPassword, with the rule that a password breaks as its detail."""
    if not rules.password_length <= len(password) <= LONGEST:
        detail = f"密码长度应为 {rules.password_length} 至 {LONGEST} 个字符"
    elif sum(bool(re.search(kind, password)) for kind in _CLASSES) < rules.password_classes:
        detail = f"密码应含小写字母、大写字母、数字、其他字符中的至少 {rules.password_classes} 类"
    elif len(username) >= _SHORTEST_NAME and username.lower() in password.lower():
        detail = "密码不能包含登录名"
    elif _is_common(password):
        detail = "密码太常见，容易被猜中，请换一个"
    else:
        return
    raise WeakPassword(detail)


def hint(rules: SignInRules) -> str:
    """Return what the form for a new password says of the rules."""
    return (
        f"{rules.password_length} 至 {LONGEST} 个字符，含小写字母、大写字母、数字、其他字符中的至少"
        f" {rules.password_classes} 类，不含登录名，不与最近 {rules.password_history} 个密码相同。"
    )


def _is_common(password: str) -> bool:
    """Tell whether a password is a well-known one, dressed up with digits and marks or not."""
    low = password.lower()
    if len(set(low)) < FEWEST_DIFFERENT:
        return True
    bare = {low, re.sub(r"[^a-z]", "", low), re.sub(r"[^a-z]", "", low.translate(_LOOKALIKES))}
    return bool(bare & _common())


@lru_cache
def _common() -> frozenset[str]:
    text = resources.files("relief.accounts").joinpath("common_passwords.txt").read_text("utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))
