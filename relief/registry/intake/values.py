"""What the texts of a department's file mean: one small function for each kind of value.

Each takes the text of a cell and returns the value, or None if it is empty or unreadable.
They run once for each distinct text of a column, never once for each row.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, DecimalException

from relief.core import cells

NAME_LENGTH = 80
ITEM_LENGTH = 80
ADDRESS_LENGTH = 200
HEALTH_LENGTH = 200
NUMBER_LENGTH = 40
_MOST_FEN = 10**15
_FIRST_YEAR = 1900

_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060\ufeff]")
_SPACES = re.compile(r"\s+")
_DOTS = re.compile(r"[·•・．。.･‧∙●]")
_MONEY = re.compile(r"[¥￥$,\s]|人民币|RMB", re.IGNORECASE)
_PHONE = re.compile(r"\d{7,12}")
_ACCOUNT = re.compile(r"[0-9A-Z]{8,32}")
_CUT_NUMBER = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]{1,3}")


def clean(text: str) -> str:
    """Return the text without invisible characters, outer spaces and a formula guard."""
    return _INVISIBLE.sub("", cells.unguarded(text)).strip()


def half_width(text: str) -> str:
    """Return the cleaned text in half-width forms, without any white space."""
    return _SPACES.sub("", unicodedata.normalize("NFKC", clean(text)))


def name(text: str) -> str | None:
    """Return a name as written: runs of spaces are one, and none stands between Chinese."""
    words = clean(text).split()
    glue = "" if not text.isascii() else " "
    return glue.join(words)[:NAME_LENGTH] or None


def name_key(text: str) -> str:
    """Return a name as it is compared: half-width capitals, no spaces, one kind of dot."""
    return _DOTS.sub("·", half_width(text)).upper()[:NAME_LENGTH]


def words(text: str, length: int) -> str | None:
    """Return free text in one line, half-width, cut to a length."""
    plain = unicodedata.normalize("NFKC", clean(text))
    return _SPACES.sub(" ", plain)[:length].strip() or None


def number(text: str) -> str | None:
    """Return a department's own number: half-width capitals without spaces."""
    return half_width(text).upper()[:NUMBER_LENGTH] or None


def phone(text: str) -> str | None:
    """Return the digits of a telephone number, without the country's code."""
    digits = re.sub(r"[-()]", "", half_width(text)).removeprefix("+")
    if len(digits) == 13:  # noqa: PLR2004  # 86 and eleven digits
        digits = digits.removeprefix("86")
    return digits if digits.isascii() and _PHONE.fullmatch(digits) else None


def account(text: str) -> str | None:
    """Return a bank account or card number without spaces and dashes."""
    plain = half_width(text).replace("-", "").upper()
    return plain if _ACCOUNT.fullmatch(plain) else None


def has_lost_digits(text: str) -> bool:
    """Tell whether a long number was kept as a quantity, of which 15 digits survive.

    >>> has_lost_digits("6.217E+18"), has_lost_digits("6217000000000001234")
    (True, False)
    """
    return _CUT_NUMBER.fullmatch(half_width(text).upper()) is not None


def coded(text: str, codes: Mapping[str, str]) -> str | None:
    """Return the code that a word stands for."""
    return codes.get(half_width(text))


def day(text: str, form: str | None, *, today: date, codes: Mapping[str, str]) -> date | None:
    """Return the day in the layout's form, by its words, or in the ISO form of a date cell."""
    plain = half_width(text)
    if plain in codes:
        return date.fromisoformat(codes[plain])
    for known in filter(None, (form, "%Y-%m-%d")):
        try:
            found = datetime.strptime(plain, known).date()  # noqa: DTZ007  # a day has no zone
        except ValueError:
            continue
        return found if _FIRST_YEAR <= found.year <= today.year + 1 else None
    return None


def fen(text: str, form: str) -> int | None:
    """Return an amount in fen from one of the forms yuan, yuan_cn and fen."""
    plain = _MONEY.sub("", half_width(text))
    if form == "yuan_cn":
        plain = plain.removesuffix("整").removesuffix("元")
    if not plain.isascii() or "_" in plain:
        return None
    try:
        amount = Decimal(plain) * (1 if form == "fen" else 100)
        # What a spreadsheet computes may be 0.30000000000000004.
        exact = amount.quantize(Decimal("0.0001")).normalize()
    except DecimalException:  # no number, or one with a huge exponent
        return None
    if exact != exact.to_integral_value() or abs(exact) >= _MOST_FEN:
        return None
    return int(exact)
