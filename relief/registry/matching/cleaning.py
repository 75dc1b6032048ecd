"""How the texts of a file's columns become what is compared: one small function for each kind.

They run once for each distinct text of a column. What is clean already comes out unchanged.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime

from pypinyin import Style, lazy_pinyin

from relief.core import citizen_id
from relief.registry.intake import values

Cleaner = Callable[[str], str | None]
_DIGITS = re.compile(r"[^0-9]")
_LATIN = re.compile(r"[^0-9a-z\u00c0-\u024f ]")
_ABOVE = re.compile(r"^(辽宁省)?(鞍山市)?")
_DAYS = ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日")
_MEN, _WOMEN = frozenset({"1", "男", "男性"}), frozenset({"2", "女", "女性"})
_LAST_DAY = date(2200, 1, 1)  # whether a number's birth date is past is for intake to say
_BIRTH_IN_18, _BIRTH_IN_15 = slice(6, 14), slice(6, 12)


def text(written: str) -> str | None:
    """Return a text in one line, half-width."""
    return values.words(written, 400)


def latin(written: str) -> str | None:
    """Return a text in small letters and digits, single spaces between words."""
    return " ".join(_LATIN.sub(" ", values.clean(written).lower()).split()) or None


def digits(written: str) -> str | None:
    """Return the digits alone."""
    return _DIGITS.sub("", values.half_width(written)) or None


def chinese_name(written: str) -> str | None:
    """Return a name as it is compared: no spaces, one kind of dot."""
    return values.name_key(written) or None


def chinese_sound(written: str) -> str | None:
    """Return a name's sounds without tones: characters that sound alike come out alike.

    >>> chinese_sound("张伟"), chinese_sound("章炜")
    ('zhang wei', 'zhang wei')
    """
    name = values.name_key(written)
    return " ".join(lazy_pinyin(name, style=Style.NORMAL)) or None


def citizen_number(written: str) -> str | None:
    """Return an identity number: 18 characters where it is valid, else as written."""
    number = citizen_id.normalise(written)
    found = citizen_id.parse(number, today=_LAST_DAY)
    return found.number if found else number[: values.NUMBER_LENGTH] or None


def valid_citizen_number(written: str) -> str | None:
    """Return an identity number of 18 characters, or nothing if it is not valid."""
    found = citizen_id.parse(written, today=_LAST_DAY)
    return found.number if found else None


def birth_of_citizen_number(written: str) -> str | None:
    """Return the birth date within an identity number, also of one whose check fails."""
    number = citizen_id.normalise(written)
    if len(number) == citizen_id.LENGTH:
        return day(number[_BIRTH_IN_18])
    if len(number) == citizen_id.OLD_LENGTH:
        return day(f"19{number[_BIRTH_IN_15]}")
    return None


def sex_of_citizen_number(written: str) -> str | None:
    """Return 1 for a man and 2 for a woman, by a valid identity number."""
    found = citizen_id.parse(written, today=_LAST_DAY)
    return None if found is None else "1" if found.is_male else "2"


def day(written: str) -> str | None:
    """Return a day as YYYY-MM-DD, from any of the common forms."""
    plain = values.half_width(written)[:11]
    for form in _DAYS:
        try:
            return datetime.strptime(plain, form).date().isoformat()  # noqa: DTZ007  # a day
        except ValueError:
            continue
    return None


def phone(written: str) -> str | None:
    """Return the digits of a telephone number, without the country's code."""
    return values.phone(written)


def account(written: str) -> str | None:
    """Return a bank account without spaces and dashes."""
    return values.account(written)


def sex(written: str) -> str | None:
    """Return 1 for a man and 2 for a woman (GB/T 2261.1)."""
    plain = values.half_width(written)
    return "1" if plain in _MEN else "2" if plain in _WOMEN else None


def door(written: str) -> str | None:
    """Return an address from the county on, without spaces."""
    return _ABOVE.sub("", values.half_width(written)) or None


def number(written: str) -> str | None:
    """Return a department's own number: half-width capitals without spaces."""
    return values.number(written)


CLEANERS: Mapping[str, Cleaner] = {
    one.__name__: one
    for one in (
        text, latin, digits, chinese_name, chinese_sound, citizen_number, valid_citizen_number,
        birth_of_citizen_number, sex_of_citizen_number, day, phone, account, sex, door, number,
    )
}  # fmt: skip
