"""Aid by region, scheme, month and year (救助统计), from the sums that each merge keeps.

Nothing is counted here over records or persons: `region_aid` has a row for every region of every
level, so a region's sum is read and not added up. A reader gets the sums of the own regions and
schemes only, which are sums over households that the same reader may open one by one; so a small
number tells them nothing that they may not know.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Select, String, cast, func, null, select, true
from sqlalchemy.orm import Session

from relief.core.scope import RegionRange, Scope
from relief.organisation import queries as organisation
from relief.organisation.models import Region
from relief.registry.models import RegionAid
from relief.registry.queries.visible import own
from relief.schemes.models import Scheme


class By(enum.StrEnum):
    """What each line of a table of aid stands for."""

    YEAR = "year"
    MONTH = "month"
    SCHEME = "scheme"
    REGION = "region"


@dataclass(frozen=True, slots=True)
class Area:
    """What is summed, as whole regions, and the regions that its sum is told by."""

    regions: Sequence[int]
    parts: Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AidSum:
    """One line. `persons`: who got anything, where that can be told; a sum of years cannot."""

    code: str
    name: str | None
    times: int
    amount_fen: int
    persons: int | None
    is_rest: bool = False  # of the area itself, placed in none of its parts


@dataclass(frozen=True, slots=True, kw_only=True)
class AidTable:
    """Lines, and what they come to."""

    lines: Sequence[AidSum]
    times: int
    amount_fen: int
    persons: int | None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What of an area is summed, for whom, and by what."""

    scope: Scope
    by: By
    scheme: str | None
    year: int | None

    @property
    def tells_persons(self) -> bool:
        """A person may be in two schemes, years or months: only within one of each is it told."""
        if self.by is By.MONTH:
            return False
        one_scheme = self.scheme is not None or self.by is By.SCHEME
        return one_scheme and (self.year is not None or self.by is By.YEAR)


def area(session: Session, *, scope: Scope, region: str | None = None) -> Area:
    """Return a region or zone, or all that the reader sees, as far as the reader sees it.

    Two queries; one without `region`. Raises RegionNotFound.
    """
    ranges: Sequence[RegionRange] = scope.ranges
    if region:
        ranges = _common(organisation.ranges_of(session, codes=[region]), scope.ranges)
    regions = [part.lo for part in ranges]
    parts = select(Region.code, Region.name).order_by(Region.code)
    if len(regions) == 1:
        parts = parts.where(Region.parent_code == regions[0])
    else:
        parts = parts.where(Region.code.in_(regions))
    return Area(regions, [(row.code, row.name) for row in session.execute(parts)])


def years(session: Session, *, scope: Scope, area: Area) -> Sequence[int]:
    """Return the years in which an area had aid that the reader may know of, newest first."""
    found = (
        select(RegionAid.year)
        .join(Scheme, Scheme.code == RegionAid.scheme_code)
        .where(RegionAid.region_code.in_(area.regions), own(scope, Scheme.department_code))
        .distinct()
        .order_by(RegionAid.year.desc())
    )
    return session.scalars(found).all()


def aid_table(
    session: Session,
    *,
    scope: Scope,
    area: Area,
    by: By,
    scheme: str | None = None,
    year: int | None = None,
) -> AidTable:
    """Return what an area got, in lines of years, months, schemes or its parts. One query.

    Part by part there is a second one, for what the records place in none of the parts.
    """
    wanted = _Wanted(scope, by, scheme, year)
    if by is By.REGION:
        lines = _part_by_part(session, area, wanted)
    else:
        lines = _lines(session, area.regions, wanted)
    told = wanted.tells_persons and scheme is not None and year is not None
    return AidTable(
        lines=lines,
        times=sum(line.times for line in lines),
        amount_fen=sum(line.amount_fen for line in lines),
        persons=sum(line.persons or 0 for line in lines) if told else None,
    )


def _part_by_part(session: Session, area: Area, wanted: _Wanted) -> list[AidSum]:
    names = {str(code): name for code, name in area.parts}
    lines = [
        replace(line, name=names[line.code])
        for line in _lines(session, [code for code, _ in area.parts], wanted)
    ]
    if [code for code, _ in area.parts] == list(area.regions):
        return lines
    return [*lines, *_rest(_lines(session, area.regions, wanted), lines)]


def _common(some: Sequence[RegionRange], others: Sequence[RegionRange]) -> list[RegionRange]:
    """Return the ranges that lie in both. Of two regions that meet, one lies in the other."""
    return sorted(
        {
            inner
            for one in some
            for other in others
            for inner, outer in ((one, other), (other, one))
            if outer.lo <= inner.lo and inner.hi <= outer.hi
        }
    )


def _lines(session: Session, regions: Sequence[int], wanted: _Wanted) -> list[AidSum]:
    return [
        AidSum(
            code=code,
            name=name,
            times=int(times),
            amount_fen=int(fen),
            persons=int(persons) if wanted.tells_persons else None,
        )
        for code, name, times, fen, persons in session.execute(_summed(regions, wanted))
        if times
    ]


def _summed(regions: Sequence[int], wanted: _Wanted) -> "Select[str, str | None, int, int, int]":
    months = (
        func.unnest(RegionAid.times, RegionAid.amount_fen)
        .table_valued("times", "fen", with_ordinality="month")
        .render_derived(name="months")
    )
    month = func.lpad(cast(months.c.month, String), 2, "0")
    code, name = {
        By.YEAR: (cast(RegionAid.year, String), null()),
        By.MONTH: (func.concat(RegionAid.year, "-", month), null()),
        By.SCHEME: (RegionAid.scheme_code, Scheme.short_name),
        By.REGION: (cast(RegionAid.region_code, String), null()),
    }[wanted.by]
    query: Select[str, str | None, int, int, int] = (
        select(
            code.label("line"),
            name.label("line_name"),
            func.sum(months.c.times),
            func.sum(months.c.fen),
            func.sum(RegionAid.persons).filter(months.c.month == 1),
        )
        .join(Scheme, Scheme.code == RegionAid.scheme_code)
        .join(months, true())
        .where(RegionAid.region_code.in_(regions), own(wanted.scope, Scheme.department_code))
        .group_by("line", "line_name")
        .order_by("line")
    )
    if wanted.scheme:
        query = query.where(RegionAid.scheme_code == wanted.scheme)
    if wanted.year:
        query = query.where(RegionAid.year == wanted.year)
    return query


def _rest(whole: Sequence[AidSum], parts: Sequence[AidSum]) -> list[AidSum]:
    """Return the line of what the records place in the area and in none of its parts."""
    times = sum(line.times for line in whole) - sum(line.times for line in parts)
    if not times:
        return []
    told = whole[0].persons is not None
    persons = sum(line.persons or 0 for line in whole) - sum(line.persons or 0 for line in parts)
    return [
        AidSum(
            code=whole[0].code,
            name=None,
            times=times,
            amount_fen=sum(line.amount_fen for line in whole)
            - sum(line.amount_fen for line in parts),
            persons=persons if told else None,
            is_rest=True,
        )
    ]
