"""The table of aid by scheme and year."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from relief.registry.queries import AidRow, EnrolmentRow

_YEARS = 5  # as many columns as a screen of 1366 points holds


@dataclass(frozen=True, slots=True)
class AidLine:
    """One scheme: a cell for each year of the table, and all years together."""

    name: str
    department: str
    cells: Sequence[AidRow | None]
    times: int
    total_fen: int


@dataclass(frozen=True, slots=True)
class AidTable:
    """Schemes by years; what lies before the first year is in `earlier`."""

    years: Sequence[int]
    lines: Sequence[AidLine]
    totals: Sequence[int]
    total_fen: int
    earlier: bool


def aid_table(
    rows: Sequence[AidRow], enrolments: Sequence[EnrolmentRow], schemes: Mapping[str, str]
) -> AidTable:
    """Arrange aid in a table. `schemes`: code → full name."""
    years = sorted({row.year for row in rows})
    shown = years[-_YEARS:]
    departments = {place.scheme.code: place.department_name for place in enrolments}
    by_scheme: dict[str, dict[int, AidRow]] = defaultdict(dict)
    for row in rows:
        by_scheme[row.scheme.code][row.year] = row
    lines = [
        AidLine(
            name=schemes.get(code, next(iter(by_year.values())).scheme.name),
            department=departments.get(code, ""),
            cells=[by_year.get(year) for year in shown],
            times=sum(row.times for row in by_year.values()),
            total_fen=sum(row.amount_fen for row in by_year.values()),
        )
        for code, by_year in sorted(by_scheme.items())
    ]
    return AidTable(
        years=shown,
        lines=lines,
        totals=[sum(row.amount_fen for row in rows if row.year == year) for year in shown],
        total_fen=sum(row.amount_fen for row in rows),
        earlier=len(years) > len(shown),
    )
