"""Finds the region that a row speaks of, by code, by names, or within an address."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from relief.registry.intake.values import half_width

# What offices add to or leave out of the names in the statistical list.
_VILLAGE_ENDS = ("居民委员会", "居委会", "民委员会", "委会")
_TOWNSHIP_ENDS = ("人民政府", "办事处")
_COUNTY_ENDS = ("满族自治县", "自治县", "县", "市", "区")
_SHORT_ZONES = {
    "高新技术产业开发区": ("高新区",),
    "经济开发区": ("经开区", "鞍山经济开发区"),
    "风景名胜区": ("风景区",),
}
_LEAST_SHORT = 2  # characters: 海城, but not a single character
_CITY, _COUNTY, _TOWNSHIP, _VILLAGE = 10**8, 10**6, 10**3, 1
_DIGITS = {6: 10**6, 9: 10**3, 12: 1}


@dataclass(frozen=True, slots=True)
class RegionRow:
    """One region of the city, as the database holds it."""

    code: int
    name: str
    level: str


@dataclass(frozen=True, slots=True)
class Zone:
    """A functional zone: files write its name where others write the county."""

    name: str
    county: int


class Regions:
    """Resolves what a row says about its place to a region code."""

    def __init__(self, rows: Iterable[RegionRow], zones: Iterable[Zone]) -> None:
        listed = list(rows)
        city = next(row for row in listed if row.level == "city")
        self.city = city.code
        self._prefixes = tuple(half_width(text) for text in (f"辽宁省{city.name}", city.name))
        self._codes = {row.code for row in listed}
        self._counties: dict[str, int] = {}
        self._townships: dict[int, dict[str, int]] = {}
        self._villages: dict[int, dict[str, int]] = {}
        for row in listed:
            self._add(row)
        for zone in zones:
            for text in _zone_names(zone.name):
                self._counties.setdefault(text, zone.county)
        self._county_names = _longest_first(self._counties)
        self._unique_townships = _unique(self._townships.values())
        self._of_address = functools.lru_cache(maxsize=200_000)(self._find_in_address)

    def _add(self, row: RegionRow) -> None:
        key = half_width(row.name)
        if row.level == "county":
            for text in _county_names(key):
                self._counties.setdefault(text, row.code)
        elif row.level == "township":
            parent = row.code // _COUNTY * _COUNTY
            self._townships.setdefault(parent, {})[_short(key, _TOWNSHIP_ENDS)] = row.code
        elif row.level == "village":
            parent = row.code // _TOWNSHIP * _TOWNSHIP
            self._villages.setdefault(parent, {})[_short(key, _VILLAGE_ENDS)] = row.code

    def by_code(self, text: str) -> int | None:
        """Return a code of the city, or of the nearest region above it that is in the list."""
        digits = half_width(text)
        if not (digits.isascii() and digits.isdigit() and len(digits) in _DIGITS):
            return None
        code = int(digits) * _DIGITS[len(digits)]
        for step in (_VILLAGE, _TOWNSHIP, _COUNTY, _CITY):
            if (above := code // step * step) in self._codes:
                return above
        return None

    def by_names(self, county: str, township: str, village: str, address: str) -> int | None:
        """Return the smallest region that the names tell, and the address where they are empty.

        None only if a county is named that is not in this city.
        """
        county_code = self._county(county)
        if county_code is None:
            return None
        where = self._of_address(half_width(address))
        if county_code == self.city:
            county_code = where // _COUNTY * _COUNTY
        return self._below(county_code, half_width(township), half_width(village), where)

    def _county(self, text: str) -> int | None:
        """Return the county's code; the city's if nothing, or only the city, is named."""
        key = half_width(text)
        for prefix in self._prefixes:
            if key == prefix or not key:
                return self.city
            if key not in self._counties:
                key = key.removeprefix(prefix)
        return self.city if key in {"市本级", "市直"} else self._counties.get(key)

    def _below(self, county: int, township: str, village: str, where: int) -> int:
        """Go down from a county (or the city) as far as the names and the address lead."""
        inside = where if where // _COUNTY * _COUNTY == county else county
        key = _short(township, _TOWNSHIP_ENDS)
        townships = self._townships.get(county, self._unique_townships)
        found = townships.get(key) or townships.get(key.removesuffix("街道办"))
        if found is None:
            return inside
        villages = self._villages.get(found, {})
        if code := villages.get(_short(village, _VILLAGE_ENDS)):
            return code
        return inside if inside // _TOWNSHIP * _TOWNSHIP == found else found

    def _find_in_address(self, address: str) -> int:
        """Return the smallest region named within an address, or the city."""
        if not address:
            return self.city
        county = next((self._counties[n] for n in self._county_names if n in address), None)
        if county is None:
            township = _longest_inside(self._unique_townships, address)
        else:
            township = _longest_inside(self._townships.get(county, {}), address)
        if township is None:
            return county or self.city
        return _longest_inside(self._villages.get(township, {}), address) or township


def _county_names(key: str) -> list[str]:
    """Return a county's names: in full, and without what kind of county it is."""
    names = [key]
    short = _short(key, _COUNTY_ENDS)
    if key.endswith("自治县"):
        names.append(f"{short}县")
    if len(short) >= _LEAST_SHORT:
        names.append(short)
    return names


def _zone_names(name: str) -> list[str]:
    key = half_width(name)
    bare = key.removeprefix("鞍山")
    short = [
        key.removesuffix(long).removeprefix("鞍山") + brief if brief == "风景区" else brief
        for long, briefs in _SHORT_ZONES.items()
        if key.endswith(long)
        for brief in briefs
    ]
    return [key, bare, f"{key}管委会", *short]


def _short(key: str, ends: Sequence[str]) -> str:
    if key.endswith("村村民委员会"):  # 前营村村民委员会 is 前营村; 永泉村民委员会 is 永泉村
        return key.removesuffix("村民委员会")
    for end in ends:
        if key.endswith(end) and len(key) > len(end):
            return key.removesuffix(end)
    return key


def _longest_first(names: Mapping[str, int]) -> list[str]:
    return sorted(names, key=lambda text: (-len(text), text))


def _longest_inside(names: Mapping[str, int], address: str) -> int | None:
    inside = [text for text in names if text in address]
    return names[max(inside, key=lambda text: (len(text), text))] if inside else None


def _unique(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Return the names that occur under one parent only."""
    found: dict[str, set[int]] = {}
    for part in parts:
        for text, code in part.items():
            found.setdefault(text, set()).add(code)
    return {text: codes.pop() for text, codes in found.items() if len(codes) == 1}
