"""Reads the form in which is entered what was found out in a case.

A field is `fact-<kind>`, empty for what is not known yet; money is written in yuan. What is asked
for, and what it may be, the service decides.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from relief.console.cases.amounts import fen
from relief.review.errors import WordsMissing
from relief.review.facts.acts import Found
from relief.schemes.dimensions import is_money, of_unit

if TYPE_CHECKING:
    from relief.schemes.rule_models import FactKind

PREFIX = "fact-"
LONGEST, SHORTEST = 500, 2
_MOST = 13  # digits


def read(form: Mapping[str, str], kinds: Mapping[str, "FactKind"]) -> list[Found]:
    """Return what was filled in.

    Raises WordsMissing for nothing, for no proof, and for what is no number.
    """
    proof = form.get("proof", "").strip()[:LONGEST]
    found = [
        Found(kind=code, value=_value(text, kinds.get(code)), proof=proof)
        for code, text in _filled(form)
    ]
    if not found:
        message = "请至少填写一项查明的事实"
        raise WordsMissing(message)
    if len(proof) < SHORTEST:
        message = "请写明凭何查明，如收入证明、入户调查、数据核对"
        raise WordsMissing(message)
    return found


def _filled(form: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, text in form.items():
        if name.startswith(PREFIX) and text.strip():
            yield name.removeprefix(PREFIX), text.strip()


def _value(text: str, kind: "FactKind | None") -> int:
    money = kind is not None and is_money(of_unit(kind.unit))
    value = fen(text) if money else _whole(text)
    if value is None:
        message = f"“{text[:20]}”不是{'金额，如 1836 或 1836.50' if money else '数'}"
        raise WordsMissing(message)
    return value


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST else None
