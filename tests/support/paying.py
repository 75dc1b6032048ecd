"""Payees in tests: accounts that belong to nobody, with the check digit of a card."""

from typing import Any

BANK = "102223000018"


def card(serial: int) -> str:
    """The number of a card that no bank issues, nineteen digits."""
    digits = f"629999{serial:012}"
    for check in "0123456789":
        if _sum(digits + check) % 10 == 0:
            return digits + check
    raise AssertionError


def _sum(number: str) -> int:
    total = 0
    for place, digit in enumerate(reversed(number)):
        total += sum(map(int, str(int(digit) * (1 + place % 2))))
    return total


def payee(serial: int = 1, **given: Any) -> dict[str, Any]:
    """The card of the applicant."""
    return {
        "kind": "self", "form": "card", "bank_code": BANK, "number": card(serial),
        "holder": "张三", "proof": "银行卡和身份证原件",
    } | given  # fmt: skip


def guardian(serial: int = 2, **given: Any) -> dict[str, Any]:
    """The card of a guardian."""
    return payee(serial, kind="guardian", holder="李四", relation="51", proof="监护证明") | given
