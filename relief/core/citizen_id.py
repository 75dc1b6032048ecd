"""Citizen identity numbers (公民身份号码), GB 11643-1999.

18 characters: 6 of region, 8 of birth date, 3 of sequence (the last odd for men), 1 check
character. Before 1999 they had 15: no century, no check character.
"""

from dataclasses import dataclass
from datetime import date

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
LENGTH, OLD_LENGTH = 18, 15
_FULL_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘ", "0123456789XX")


@dataclass(frozen=True, slots=True)
class CitizenId:
    """A number that passed the check: 18 characters, with what it says."""

    number: str
    born_on: date
    is_male: bool


def normalise(text: str) -> str:
    """Return the number in plain half-width capitals, without spaces; not checked."""
    return "".join(text.split()).translate(_FULL_WIDTH).upper()


def check_character(first17: str) -> str:
    """Return the 18th character for 17 digits."""
    total = sum(int(digit) * weight for digit, weight in zip(first17, WEIGHTS, strict=True))
    return CHECKS[total % 11]


def widen(number15: str) -> str:
    """Return the 18-character form of an old number: 19 before the year, check at the end."""
    first17 = f"{number15[:6]}19{number15[6:]}"
    return first17 + check_character(first17)


def parse(text: str, *, today: date) -> CitizenId | None:
    """Return what a number says, or None if it is not valid on `today`.

    An old 15-digit number is widened first. The region prefix is not checked here: it may be
    one that was abolished long ago.
    """
    number = normalise(text)
    if len(number) == OLD_LENGTH and number.isascii() and number.isdigit():
        number = widen(number)
    first17 = number[:17]
    if len(number) != LENGTH or not (first17.isascii() and first17.isdigit()):
        return None
    if number[17] != check_character(first17):
        return None
    try:
        born_on = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    if not date(1850, 1, 1) <= born_on <= today:
        return None
    return CitizenId(number, born_on, is_male=int(number[16]) % 2 == 1)
