"""Proves that counties set only what they may, and finds what they set below the city's value."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from relief.core.scope import is_city
from relief.schemes import rules
from relief.schemes.county_standards import CountyStandard
from relief.schemes.models import Parameter
from relief.schemes.rules import Book
from relief.schemes.soundness import Fault
from relief.schemes.soundness_rules import Rule
from relief.schemes.wording import number_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Lower:
    """A county's value that is below the city's. `since`: the first day of it, as was asked for."""

    name: str
    label: str
    since: date
    county: Parameter
    city: Parameter


def faults(book: Book, allowed: Mapping[str, CountyStandard]) -> list[Fault]:
    """Return what counties may not set, but do; and what they may, but no rule reads by region."""
    read = frozenset().union(*(rules.read(row).names for row in book.rules))
    found = [
        Fault(f"区县标准 {name}", "不是计算规则使用的参数，不按区县取值", Rule.COUNTY_STANDARD)
        for name in sorted(allowed.keys() - (read & book.parameters.keys()))
    ]
    for name, rows in book.parameters.items():
        counties = sorted({one.region_code for one in rows if not is_city(one.region_code)})
        if counties and name not in allowed:
            places = "、".join(map(str, counties))
            found.append(
                Fault(f"参数 {name}", f"由市级统一规定，{places} 不能另有值", Rule.COUNTY_STANDARD)
            )
    return found


def lower(book: Book, *, on: date) -> list[Lower]:
    """Return each county and parameter with a value below the city's on a day or later."""
    labels = rules.called(book)
    found: list[Lower] = []
    for name, rows in book.parameters.items():
        label = labels.get(name, name)
        for code in sorted({one.region_code for one in rows if not is_city(one.region_code)}):
            found.extend(_lower(rows, code, label, on))
    return found


def below_floor(
    lowers: Sequence[Lower], allowed: Mapping[str, CountyStandard], names: Mapping[int, str]
) -> list[Fault]:
    """Return what is below a floor as faults. `names`: of regions."""
    return [
        _fault(one, names, allowed[one.name])
        for one in lowers
        if one.name in allowed and allowed[one.name].floor
    ]


def warnings(
    lowers: Sequence[Lower], allowed: Mapping[str, CountyStandard], names: Mapping[int, str]
) -> list[Fault]:
    """Return what is below the city's and lawful perhaps: for somebody to look at."""
    return [
        _fault(one, names, None)
        for one in lowers
        if one.name not in allowed or not allowed[one.name].floor
    ]


def holding(rows: Sequence[Parameter], *, on: date) -> Parameter | None:
    """Return the newest of the rows of one parameter and region that holds on a day."""
    before = [one for one in rows if one.valid_from <= on]
    return max(before, key=lambda one: one.valid_from, default=None)


def _lower(rows: Sequence[Parameter], code: int, label: str, on: date) -> Iterator[Lower]:
    """Yield the first day of a run of days on which a county is below, if there is one."""
    own = [one for one in rows if one.region_code == code]
    citys = [one for one in rows if is_city(one.region_code)]
    for day in sorted({on} | {one.valid_from for one in (*own, *citys) if one.valid_from > on}):
        county, city = holding(own, on=day), holding(citys, on=day)
        if county is not None and city is not None and county.value < city.value:
            yield Lower(name=county.name, label=label, since=day, county=county, city=city)
            return


def _fault(one: Lower, names: Mapping[int, str], floor: CountyStandard | None) -> Fault:
    said = (
        f"参数低于市级标准：自 {one.since.isoformat()} 起为 {number_text(one.county.value)}"
        f"（{one.county.source}），市级为 {number_text(one.city.value)}（{one.city.source}）"
    )
    place = f"{names.get(one.county.region_code, one.county.region_code)} {one.label}"
    if floor is None:
        return Fault(place, said, Rule.COUNTY_STANDARD)
    return Fault(place, f"{said}；这项标准不得低于市级", Rule.COUNTY_STANDARD, legal=floor.source)
