"""What a field of a subscription message may hold: WeChat refuses the whole message otherwise.

The kind of a field is its name without the number: `thing1` is a `thing`. The rules are those of
WeChat's documentation (订阅消息参数值内容限制说明). Where it can be read in two ways we take the
narrower one.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from relief.core.errors import Invalid

_NAME = re.compile(r"([a-z]+(?:_[a-z]+)?)([1-9][0-9]{0,2})")
_HAN = "㐀-䶿一-鿿"
_MARKS = r"!-/:-@\[-`{-~"  # what of ASCII is neither letter nor digit
_ONE = "[0-9]{1,2}"
_DATE = rf"[0-9]{{4}}(?:年{_ONE}月{_ONE}日|-{_ONE}-{_ONE}|/{_ONE}/{_ONE}|\.{_ONE}\.{_ONE})"
_CLOCK = r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?"
_DAYS = re.compile(_DATE)
_CHINESE = re.compile(f"[{_HAN}]")
MOST_NAME_CHINESE, MOST_NAME_OTHER = 10, 20
MOST_AMOUNT_DIGITS = 10
ELLIPSIS = "…"


class FieldsRefused(Invalid):
    """A message would not be taken; the detail names the field and the rule."""

    code, title = "wechat-fields-refused", "消息内容不符合微信订阅消息的格式要求"


def _form(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


def _dated(pattern: str) -> Callable[[str], bool]:
    fits = _form(pattern)
    return lambda text: fits(text) and all(map(_is_day, _DAYS.findall(text)))


def _is_day(text: str) -> bool:
    year, month, day = map(int, re.findall("[0-9]+", text))
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _is_amount(text: str) -> bool:
    digits = sum(mark.isdecimal() for mark in text)
    return digits <= MOST_AMOUNT_DIGITS and bool(
        re.fullmatch(r"[¥￥$€£]?[0-9]+(?:\.[0-9]+)?元?", text)
    )


def _is_number(text: str) -> bool:
    digits = sum(mark.isdecimal() for mark in text)
    return digits <= _MOST["number"] and bool(re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", text))


def _is_name(text: str) -> bool:
    most = MOST_NAME_CHINESE if _CHINESE.search(text) else MOST_NAME_OTHER
    return len(text) <= most and bool(re.fullmatch(f"[A-Za-z{_HAN}{_MARKS}· ]+", text))


_MOST = {"thing": 20, "number": 32, "letter": 32, "character_string": 32, "phrase": 5}

# kind: what it must be, and how that is said.
_RULES: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "thing": (lambda text: len(text) <= _MOST["thing"], "不超过20个字"),
    "number": (_is_number, "不超过32位数字，可带小数"),
    "letter": (_form("[A-Za-z]{1,32}"), "不超过32个字母"),
    "symbol": (_form(r"[^\w\s]{1,5}"), "不超过5个符号"),
    "character_string": (_form("[!-~]{1,32}"), "不超过32个数字、字母或符号，不含汉字"),
    "time": (
        _dated(f"(?:{_DATE} ?)?{_CLOCK}(?: ?~ ?(?:{_DATE} ?)?{_CLOCK})?"),
        "24小时制时间，可带日期，时间段用“~”连接",
    ),
    "date": (
        _dated(f"{_DATE}(?: {_CLOCK})?(?: ?~ ?{_DATE}(?: {_CLOCK})?)?"),
        "年月日，可带时间，时间段用“~”连接",
    ),
    "amount": (_is_amount, "一个币种符号加不超过10位数字，可带小数，结尾可带“元”"),
    "phone_number": (_form(f"[0-9{_MARKS} ]{{1,17}}"), "不超过17位数字或符号"),
    "car_number": (
        _form(f"(?=.{{1,8}}$)[{_HAN}A-Za-z0-9]?[A-Za-z0-9]*[{_HAN}A-Za-z0-9]?"),
        "不超过8位，首尾可为汉字，其余为字母或数字",
    ),
    "name": (_is_name, "不超过10个汉字，或不超过20个字母、符号"),
    "phrase": (_form(f"[{_HAN}]{{1,5}}"), "不超过5个汉字"),
}


def check(fields: Mapping[str, str], *, listed: Mapping[str, Sequence[str]]) -> None:
    """Raise FieldsRefused with each field that WeChat would refuse.

    `listed`: of each field of the kind `enum` what it may say. A value is never told: it may
    be somebody's name.
    """
    told = [
        f"{name}：{rule}"
        for name, value in fields.items()
        if (rule := _broken(name, value, listed.get(name, ())))
    ]
    if not fields:
        told = ["没有任何内容"]
    if told:
        raise FieldsRefused("；".join(told))


def _broken(name: str, value: str, listed: Sequence[str]) -> str:
    parts = _NAME.fullmatch(name)
    if parts is None or (parts[1] not in _RULES and parts[1] != "enum"):
        return "不是订阅消息的参数"
    if not value.strip():
        return "不能为空"
    if any(unicodedata.category(mark) in {"Cc", "Zl", "Zp"} for mark in value):
        return "不能含换行或控制字符"
    if parts[1] == "enum":
        return "" if value in listed else "不是该模板列出的取值"
    fits, said = _RULES[parts[1]]
    return "" if fits(value) else f"应为{said}"


def clip(kind: str, text: str) -> str:
    """Return `text` in one line and so short that a field of `kind` takes it, with a mark of it.

    Of a kind that holds words; a number or a date cannot be cut.

    >>> clip("thing", "最低生活保障待遇审核确认结果已经作出请查看")
    '最低生活保障待遇审核确认结果已经作出请…'
    """
    line = " ".join(text.split())
    if kind == "name":
        most = MOST_NAME_CHINESE if _CHINESE.search(line) else MOST_NAME_OTHER
    else:
        most = _MOST[kind]
    if len(line) <= most:
        return line
    # These two take no sign but their own.
    mark = "" if kind in {"phrase", "name", "letter", "number"} else ELLIPSIS
    return line[: most - len(mark)] + mark
