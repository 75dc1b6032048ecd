"""The region filter: county or zone, township, village, each filled by the one above it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from relief.core.scope import RegionRange, Scope
from relief.organisation import queries as organisation

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from relief.organisation.models import Region

LEVELS = ("county", "township", "village")
_TITLES = {"county": "县区", "township": "乡镇街道", "village": "村社区"}
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Level:
    """One of the three choices."""

    name: str
    title: str
    empty: str
    options: Sequence[tuple[str, str]]
    value: str


def levels(session: "Session", scope: Scope, chosen: Sequence[str]) -> list[Level]:
    """Return the three choices with what may be chosen now, within the reader's regions.

    `chosen`: up to three codes, from the county down. A code that is not below the one before
    it is forgotten.
    """
    city = organisation.regions_below(session, parent_code=None)
    parent: int | None = city[0].code if city else None
    found = []
    for name, value in zip(LEVELS, [*chosen, "", "", ""], strict=False):
        below = organisation.regions_below(session, parent_code=parent) if parent else []
        options = [(str(region.code), region.name) for region in _seen(below, scope)]
        if name == "county":
            options += [(zone.code, zone.name) for zone in organisation.zones(session)]
        kept = value if value in dict(options) else ""
        found.append(Level(name, _TITLES[name], f"全部{_TITLES[name]}", options, kept))
        parent = int(kept) if _is_region(kept) else None
    return found


def narrowest(found: Sequence[Level]) -> str | None:
    """Return the lowest code that was chosen, or None."""
    return next((level.value for level in reversed(found) if level.value), None)


def code(text: str) -> int | None:
    """Return the region that a field names, or None: a functional zone is no region."""
    return int(text) if text.isascii() and _is_region(text) and int(text) else None


def _seen(regions: "Iterable[Region]", scope: Scope) -> "list[Region]":
    return [region for region in regions if _meets(region, scope.ranges)]


def _meets(region: "Region", ranges: Sequence[RegionRange]) -> bool:
    return any(part.lo < region.code_end and region.code < part.hi for part in ranges)


def _is_region(code: str) -> bool:
    return len(code) == _DIGITS and code.isdecimal()
