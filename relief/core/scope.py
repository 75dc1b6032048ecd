"""Which part of the city someone may see: region ranges, and perhaps one department.

A region is its 12-digit statistical code as an integer; everything below it is the
half-open range `[lo, hi)`. A functional zone is a set of such ranges.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, or_
from sqlalchemy.sql.elements import SQLCoreOperations

_STEPS = (10**8, 10**6, 10**3, 1)  # city, county, township, village


@dataclass(frozen=True, slots=True, order=True)
class RegionRange:
    """The codes `lo <= code < hi`."""

    lo: int
    hi: int

    def __contains__(self, code: object) -> bool:
        return isinstance(code, int) and self.lo <= code < self.hi


def subtree(code: int) -> RegionRange:
    """Return the range of a 12-digit region code and all that lies below it.

    >>> subtree(210302000000)
    RegionRange(lo=210302000000, hi=210303000000)
    """
    step = next(step for step in _STEPS if code % step == 0)
    return RegionRange(code, code + step)


def upward(code: int) -> tuple[int, ...]:
    """Return a 12-digit region code and those above it, the nearest first.

    >>> upward(210302002000)
    (210302002000, 210302000000, 210300000000)
    """
    return tuple(dict.fromkeys(code - code % step for step in reversed(_STEPS)))


def is_city(code: int) -> bool:
    """Tell whether a 12-digit region code is a whole city's.

    >>> is_city(210300000000), is_city(210302000000)
    (True, False)
    """
    return code % _STEPS[0] == 0


def county_of(code: int) -> int:
    """Return the 6-digit county code of a 12-digit region code (city: ...00)."""
    return code // 10**6


@dataclass(frozen=True, slots=True)
class Scope:
    """What a reader may see (design decision 7).

    `department_code` None: every household in the ranges (civil affairs, stewards,
    auditors, leaders). Otherwise only households that hold one of that department's
    schemes, and of them only its own enrolments and masked basics.
    """

    ranges: tuple[RegionRange, ...]
    department_code: str | None

    def covers(self, code: int) -> bool:
        """Tell whether a region code lies in the ranges."""
        return any(code in part for part in self.ranges)


def meet(one: Scope, other: Scope) -> Scope:
    """Return what two scopes have in common. Regions nest; they never overlap in part."""
    ranges = {
        part
        for mine, theirs in ((one, other), (other, one))
        for part in mine.ranges
        if any(outer.lo <= part.lo and part.hi <= outer.hi for outer in theirs.ranges)
    }
    departments = {one.department_code, other.department_code} - {None}
    if len(departments) > 1:
        return Scope((), one.department_code)
    return Scope(tuple(sorted(ranges)), next(iter(departments), None))


def multirange(ranges: Sequence[RegionRange]) -> str:
    """Return ranges as PostgreSQL writes an `int8multirange`.

    >>> multirange([RegionRange(1, 3), RegionRange(5, 6)])
    '{[1,3),[5,6)}'
    """
    return f"{{{','.join(f'[{part.lo},{part.hi})' for part in ranges)}}}"


def within(
    column: SQLCoreOperations[int | None], ranges: Sequence[RegionRange]
) -> ColumnElement[bool]:
    """Return the SQL condition that `column` lies in one of `ranges` (none: false)."""
    if not ranges:
        return false()
    return or_(*(and_(column >= part.lo, column < part.hi) for part in ranges))
