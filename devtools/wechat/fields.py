"""What a field of a subscription message may hold, by the beginning of its name."""

import re
from collections.abc import Callable, Sequence
from typing import Final

_CLOCK = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?"
_MONTH, _DAY = r"(?:0?[1-9]|1[0-2])", r"(?:0?[1-9]|[12]\d|3[01])"
_DATE = rf"\d{{4}}(?:年{_MONTH}月{_DAY}日|([-/.]){_MONTH}\1{_DAY})"
_DATE_AGAIN = _DATE.replace(r"\1", r"\2")  # the second date of a range, with marks of its own
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

_SHAPES: Final = {
    "thing": re.compile(r".{1,20}"),
    "number": re.compile(r"-?(?=(?:\.?\d){1,32}$)\d+(?:\.\d+)?"),
    "letter": re.compile(r"[A-Za-z]{1,32}"),
    "symbol": re.compile(r"[^\w\s]{1,5}"),
    "character_string": re.compile(r"[!-~]{1,32}"),
    "time": re.compile(
        rf"(?:{_DATE} ?)?{_CLOCK}(?: ?~ ?(?:{_DATE_AGAIN} ?)?{_CLOCK})?"
    ),
    "date": re.compile(
        rf"{_DATE}(?: ?{_CLOCK})?(?: ?~ ?{_DATE_AGAIN}(?: ?{_CLOCK})?)?"
    ),
    "amount": re.compile(r"[¥￥$€£]?\d{1,10}(?:\.\d+)?元?"),
    "phone_number": re.compile(r"[0-9+\-()*#. ]{1,17}"),
    "car_number": re.compile(r"[\u3400-\u9fffA-Za-z0-9]{1,8}"),
    "phrase": re.compile(r"[\u3400-\u9fff]{1,5}"),
}  # fmt: skip
_NAME = re.compile(r"([a-z_]+?)\d+")
_CHINESE_NAME, _OTHER_NAME = 10, 20


def kind_of(name: str) -> str | None:
    """Return the kind of a field, such as `thing` for `thing1`; None if there is no such kind."""
    found = _NAME.fullmatch(name)
    kind = found[1] if found else None
    return kind if kind in _SHAPES or kind in _OTHERS else None


def fits(name: str, value: str, listed: Sequence[str] = ()) -> bool:
    """Tell whether a field may hold a value; `listed` are the values of an enum.

    >>> fits("thing1", "临时救助"), fits("phrase2", "已通过!")
    (True, False)
    """
    kind = kind_of(name)
    if kind is None or _CONTROL.search(value):
        return False
    if other := _OTHERS.get(kind):
        return other(value, listed)
    return _SHAPES[kind].fullmatch(value) is not None


def _is_name(value: str, _listed: Sequence[str]) -> bool:
    # A mixed name counts as a Chinese one.
    return 0 < len(value) <= (_CHINESE_NAME if _CHINESE.search(value) else _OTHER_NAME)


_OTHERS: Final[dict[str, Callable[[str, Sequence[str]], bool]]] = {
    "name": _is_name,
    "enum": lambda value, listed: value in listed,
}
