"""Reads what a form corrects of the values that it was filled in with.

A value's fields are `fix-<place>` and `why-<place>`, the place `members`, `phone`, `fact.<kind>` …
Money is written in yuan, what holds or not as 是 or 否.
"""

from collections.abc import Iterator, Mapping, Sequence

from relief.console.cases.amounts import fen
from relief.review.errors import WordsMissing
from relief.review.recognition.prefilling import KnownValue
from relief.review.recognition.taking_over import Correction
from relief.review.recognition.types import Field
from relief.schemes.dimensions import YES_NO, is_money, of_unit

_FIX, _WHY = "fix-", "why-"
_LONGEST, _SHORTEST = 500, 2
_YES_NO = {"是": "1", "否": "0"}


def place(one: KnownValue) -> str:
    """Return the name of a value's fields in the form."""
    return f"{one.field.value}.{one.kind_code}" if one.kind_code else one.field.value


def read(form: Mapping[str, str], units: Mapping[str, str | None]) -> Sequence[Correction]:
    """Return what is corrected. `units`: of each kind of fact.

    Raises WordsMissing for one without a reason, or that is no value of its kind.
    """
    return list(_read(form, units))


def _read(form: Mapping[str, str], units: Mapping[str, str | None]) -> Iterator[Correction]:
    for name, text in form.items():
        if not name.startswith(_FIX) or not text.strip():
            continue
        where = name.removeprefix(_FIX)
        reason = form.get(f"{_WHY}{where}", "").strip()[:_LONGEST]
        if len(reason) < _SHORTEST:
            message = "更正已知的值，请写明理由"
            raise WordsMissing(message)
        field, _, kind = where.partition(".")
        try:
            field_ = Field(field)
        except ValueError:
            continue
        value = text.strip()[:_LONGEST]
        yield Correction(
            field=field_,
            kind=kind or None,
            value=_number(value, units.get(kind)) if field_ is Field.FACT else value,
            reason=reason,
        )


def _number(text: str, unit: str | None) -> str:
    dimension = of_unit(unit)
    if dimension == YES_NO:
        return _YES_NO.get(text, text)
    if not is_money(dimension):
        return text
    amount = fen(text)
    if amount is None:
        message = f"“{text[:20]}”不是金额，如 1836 或 1836.50"
        raise WordsMissing(message)
    return str(amount)
