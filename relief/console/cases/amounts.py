"""Amounts as people write them."""

import re

_YUAN = re.compile(r"([0-9]{1,8})(?:\.([0-9]{1,2}))?")


def fen(text: str) -> int | None:
    """Return an amount in yuan as fen; None if it is none.

    >>> fen("564"), fen("1,564.5"), fen("564.505"), fen("-1")
    (56400, 156450, None, None)
    """
    found = _YUAN.fullmatch(text.replace(",", "").replace("，", "").removesuffix("元").strip())
    if found is None:
        return None
    whole, part = found.groups()
    return int(whole) * 100 + int((part or "").ljust(2, "0"))
