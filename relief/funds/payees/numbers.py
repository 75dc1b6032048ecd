"""Whether the number of an account can be one. Pure: knows no database."""

from relief.funds.payees.types import AccountForm
from relief.registry.intake import values

_CARD_DIGITS = range(16, 20)
_BANK_DIGITS = 12
_NINE = 9


def normal(number: str) -> str | None:
    """Return an account's number in the form of the registry; None for what is none."""
    return values.account(number)


def fits(number: str, form: AccountForm) -> bool:
    """Tell whether a number in its normal form can be one of an account of a form.

    A card has sixteen to nineteen digits, of which the last is computed from the others
    (GB/T 17552, ISO/IEC 7812).
    """
    if form is not AccountForm.CARD:
        return True
    return number.isdecimal() and len(number) in _CARD_DIGITS and luhn(number)


def luhn(digits: str) -> bool:
    """Tell whether the last digit is the check digit of those before it.

    >>> luhn("4111111111111111"), luhn("4111111111111112"), luhn("1411111111111111")
    (True, False, False)
    """
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - _NINE if value > _NINE else value
    return total % 10 == 0


def bank(code: str) -> str | None:
    """Return the code of a bank's branch (联行号), twelve digits; None for what is none."""
    plain = values.half_width(code)
    return plain if plain.isascii() and plain.isdecimal() and len(plain) == _BANK_DIGITS else None
