"""Reading regions, zones, departments, code tables and the calendar of working days."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import literal, select, union_all
from sqlalchemy.orm import Session

from relief.core.reading_once import once
from relief.core.scope import RegionRange
from relief.core.workdays import Calendar
from relief.organisation.errors import RegionNotFound
from relief.organisation.models import (
    CalendarDay,
    CalendarYear,
    CodeEntry,
    DayKind,
    Department,
    FunctionalZone,
    FunctionalZonePart,
    Region,
    RegionLevel,
)

_DIGITS = 12


def regions_below(session: Session, *, parent_code: int | None) -> Sequence[Region]:
    """Return the regions directly below one, by code; below None stands the city."""
    return session.scalars(
        select(Region).where(Region.parent_code == parent_code).order_by(Region.code)
    ).all()


def townships(session: Session) -> Sequence[Region]:
    """Return all townships and streets (乡镇街道), by code. One query."""
    return session.scalars(
        select(Region).where(Region.level == RegionLevel.TOWNSHIP).order_by(Region.code)
    ).all()


def region_names(session: Session, *, codes: Iterable[int]) -> dict[int, str]:
    """Return the names from the county on, for many codes in one query; unknown ones are left out.

    A county counts as six digits too, as `county_code` columns have it.
    """
    asked = set(codes)
    full = {code: code * 10**6 if code < 10**6 else code for code in asked}
    rows = session.execute(
        select(Region.code, Region.full_name).where(Region.code.in_(set(full.values())))
    )
    names: dict[int, str] = {row.code: row.full_name for row in rows}
    return {code: names[long] for code, long in full.items() if long in names}


def zones(session: Session) -> Sequence[FunctionalZone]:
    """Return the functional zones (功能区), by code."""
    return session.scalars(select(FunctionalZone).order_by(FunctionalZone.code)).all()


def ranges_of(session: Session, *, codes: Iterable[str]) -> tuple[RegionRange, ...]:
    """Return the region ranges of an account's codes: 12-digit region codes, or zones.

    Ranges that lie in another are left out, so an account of a county and one of its streets
    has one range. One query. Raises RegionNotFound for a code that is neither region nor zone.
    """
    asked = set(codes)
    names = {code for code in asked if not _is_region(code)}
    numbers = {int(code) for code in asked - names}
    plain = select(Region.code, Region.code_end, literal("").label("zone")).where(
        Region.code.in_(numbers)
    )
    parts = (
        select(Region.code, Region.code_end, FunctionalZonePart.zone_code)
        .join(FunctionalZonePart, FunctionalZonePart.region_code == Region.code)
        .where(FunctionalZonePart.zone_code.in_(names))
    )
    rows = session.execute(union_all(plain, parts)).all()
    if not numbers <= {row.code for row in rows} or not names <= {row.zone for row in rows}:
        raise RegionNotFound
    return without_nested(RegionRange(row.code, row.code_end) for row in rows)


def without_nested(ranges: Iterable[RegionRange]) -> tuple[RegionRange, ...]:
    """Return the ranges that lie in no other, in order. Regions nest; they never overlap in part.

    >>> without_nested([RegionRange(10, 20), RegionRange(0, 100), RegionRange(10, 20)])
    (RegionRange(lo=0, hi=100),)
    """
    kept: list[RegionRange] = []
    for part in sorted(set(ranges), key=lambda one: (one.lo, -one.hi)):
        if not kept or part.lo >= kept[-1].hi:
            kept.append(part)
    return tuple(kept)


def area_names(session: Session, *, codes: Iterable[str]) -> dict[str, str]:
    """Return the names of an account's codes, regions and zones alike, leaving out unknown ones."""
    asked = set(codes)
    regions = region_names(session, codes=(int(code) for code in asked if _is_region(code)))
    zone_names = session.execute(
        select(FunctionalZone.code, FunctionalZone.name).where(FunctionalZone.code.in_(asked))
    )
    names = {str(code): name for code, name in regions.items()}
    return names | {row.code: row.name for row in zone_names}


def departments(session: Session) -> Sequence[Department]:
    """Return the departments, by code."""
    return session.scalars(select(Department).order_by(Department.code)).all()


def department_names(session: Session) -> dict[str, str]:
    """Return code → name of every department, in the order of their codes."""
    return {department.code: department.name for department in departments(session)}


def code_tables(session: Session, *, tables: Collection[str]) -> dict[str, dict[str, str]]:
    """Return several code tables in one query: table → code → name; an unknown one is empty.

    Tables: sex, relation, ethnicity, marital, health (one digit), health_detail (two digits),
    employment, education, disability_kind, disability_grade, category, role, purpose,
    news_category.
    """
    found: dict[str, dict[str, str]] = {table: {} for table in tables}
    entries = session.execute(
        select(CodeEntry.table, CodeEntry.code, CodeEntry.name)
        .where(CodeEntry.table.in_(tables))
        .order_by(CodeEntry.table, CodeEntry.code)
    )
    for table, code, name in entries:
        found[table][code] = name
    return found


@once(CalendarDay, CalendarYear)
def calendar(session: Session) -> Calendar:
    """Return the calendar of working days, as far as it has been announced."""
    days = session.execute(select(CalendarDay.day, CalendarDay.kind)).all()
    return Calendar(
        holidays=frozenset(row.day for row in days if row.kind is DayKind.HOLIDAY),
        makeup=frozenset(row.day for row in days if row.kind is DayKind.MAKEUP),
        years=frozenset(session.scalars(select(CalendarYear.year))),
    )


def _is_region(code: str) -> bool:
    return len(code) == _DIGITS and code.isascii() and code.isdigit()
