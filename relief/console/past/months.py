"""The table of one year's aid: a line for each person and scheme, a cell for each month."""

from collections.abc import Sequence
from dataclasses import dataclass

from relief.registry.queries.rows import AidMonthRow, SchemeTag

MONTHS = range(1, 13)


@dataclass(frozen=True, slots=True)
class MonthLine:
    """One person in one scheme."""

    person_name: str
    scheme: SchemeTag
    cells: Sequence[AidMonthRow | None]
    times: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class MonthTable:
    """The lines, and what each month comes to."""

    lines: Sequence[MonthLine]
    totals: Sequence[int]
    times: int
    amount_fen: int


def month_table(rows: Sequence[AidMonthRow]) -> MonthTable:
    """Arrange the months of one year."""
    places = dict.fromkeys((row.scheme.code, row.person_id) for row in rows)
    return MonthTable(
        lines=[
            _line([row for row in rows if (row.scheme.code, row.person_id) == place])
            for place in places
        ],
        totals=[sum(row.amount_fen for row in rows if row.month == month) for month in MONTHS],
        times=sum(row.times for row in rows),
        amount_fen=sum(row.amount_fen for row in rows),
    )


def _line(rows: Sequence[AidMonthRow]) -> MonthLine:
    by_month = {row.month: row for row in rows}
    return MonthLine(
        person_name=rows[0].person_name,
        scheme=rows[0].scheme,
        cells=[by_month.get(month) for month in MONTHS],
        times=sum(row.times for row in rows),
        amount_fen=sum(row.amount_fen for row in rows),
    )
