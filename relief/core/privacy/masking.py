"""How personal values look to someone who has no ground to see them whole."""

import re

_NUMBER = re.compile(r"(?<![0-9])(?:[0-9]{17}[Xx]|[0-9]{16,19}|(?:86)?1[3-9][0-9]{9})(?![0-9])")


def mask_citizen_id(number: str) -> str:
    """Keep the city: `2103**************`.

    Nothing of the end: beside a birth date and a county, two last characters leave some nine
    numbers to try.
    """
    return _mask(number, 4, 0)


def mask_phone(number: str) -> str:
    """Keep three and four: `138****5678`."""
    return _mask(number, 3, 4)


def mask_account(number: str) -> str:
    """Keep the last four: `***************1234`."""
    return _mask(number, 0, 4)


def mask_health(_text: str) -> str:
    """Show nothing of it."""
    return "已登记（保密）"


def mask_numbers(text: str) -> str:
    """Hide identity numbers, mobile numbers and bank accounts within a text of any kind.

    For what people name and type themselves, and as a second line under logs: the name of a
    file, an address that someone made up, what a library says of a request.
    """
    return _NUMBER.sub(lambda found: _mask(found[0], 3, 0), text)


def _mask(text: str, head: int, tail: int) -> str:
    hidden = len(text) - head - tail
    if hidden <= 0:
        return "*" * len(text)
    return text[:head] + "*" * hidden + text[len(text) - tail :]
