"""Spells: the days on which someone was in a scheme, as far as the lists tell. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.dialects.postgresql import Range

from relief.registry import periods
from relief.registry.queries.lists import SchemeList
from relief.registry.queries.rows import Spell
from relief.registry.types import Category

_SPELL = re.compile(r"\[(\d{4}-\d\d-\d\d),(\d{4}-\d\d-\d\d)\)")
_DAY = timedelta(days=1)
_RANK = {category: rank for rank, category in enumerate(Category)}


@dataclass(frozen=True, slots=True)
class Standing:
    """That someone was in a scheme on a day. `assumed`: the list does not reach the day yet."""

    spell: Spell
    assumed: bool


def of_ranges(ranges: Iterable[Range[date]]) -> Sequence[Spell]:
    """Return the spells that a column holds."""
    return [Spell(part.lower, part.upper) for part in ranges if part.lower and part.upper]


def parse(text: str | None) -> Sequence[Spell]:
    """Read a `datemultirange` as the row history keeps it: text; None, from before it was kept.

    >>> parse("{[2026-01-01,2026-03-01)}")
    [Spell(from_on=datetime.date(2026, 1, 1), to_on=datetime.date(2026, 3, 1))]
    """
    return [
        Spell(date.fromisoformat(low), date.fromisoformat(high))
        for low, high in _SPELL.findall(text or "")
    ]


def is_late(list_: SchemeList, day: date) -> bool:
    """Tell whether a list that people stand in does not reach a day."""
    return periods.is_standing(list_.period) and (list_.until is None or day >= list_.until)


def standing(spells: Sequence[Spell], day: date, list_: SchemeList) -> Standing | None:
    """Return whether someone was in a scheme on a day, or None.

    After the end of the newest list a place is taken to go on for a while, because the next list
    is on its way; the answer says so. Later than that nobody knows.
    """
    asked = day_told(list_, day)
    spell = next((spell for spell in spells if asked and asked in spell), None)
    return Standing(spell, is_late(list_, day)) if spell else None


def day_told(list_: SchemeList, day: date) -> date | None:
    """Return the day on which whoever is listed stands on another too; None if nobody knows."""
    if not is_late(list_, day):
        return day
    if list_.until is None or (day - list_.until).days >= periods.grace_of(list_.period):
        return None
    return list_.until - _DAY


def has_ended(spell: Spell, list_: SchemeList) -> bool:
    """Tell whether the list went on without someone: a place that ends with the list has not."""
    return list_.until is not None and spell.to_on < list_.until


def strongest(lists: Iterable[SchemeList]) -> Category:
    """Return the strongest hardship identity that the schemes confirm."""
    found = (list_.category for list_ in lists if list_.category)
    return min(found, key=_RANK.__getitem__, default=Category.OTHER)
