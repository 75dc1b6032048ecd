"""For tests of counties' own standards: cases and values of the seven counties."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

from sqlalchemy import event
from sqlalchemy.orm import Session

from relief.schemes.models import Parameter

CITY, EAST, WEST, HILL = 210300000000, 210302000000, 210303000000, 210304000000
COUNTIES = (
    EAST, WEST, HILL, 210311000000, 210321000000, 210323000000, 210381000000,
)  # fmt: skip
VILLAGES = {EAST: 210302002001, WEST: 210303002001}
URBAN = "dibao_std_urban_month"
JULY = date(2026, 7, 1)


def own(
    session: Session,
    value: int | str,
    *,
    region: int = EAST,
    since: date = JULY,
    name: str = URBAN,
    unit: str = "CNY/person/month",
    source: str = "区政发〔2026〕7号",
) -> None:
    """Let a county have a value of its own."""
    row = Parameter(
        name=name, region_code=region, valid_from=since, value=Decimal(value), unit=unit,
        source=source, confidence="D",
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.expunge(row)  # whoever reads it reads what the database has


def oracle(rows: Iterable[Parameter], parents: dict[int, int | None], *, on: date):
    """What holds where, the slow and obvious way: climb until a region has a value on the day."""
    rows = list(rows)

    def worth(name: str, region: int | None) -> Parameter | None:
        while region is not None:
            there = [
                one
                for one in rows
                if (one.name, one.region_code) == (name, region) and one.valid_from <= on
            ]
            if there:
                return max(there, key=lambda one: one.valid_from)
            region = parents[region]
        return None

    return worth


@contextmanager
def sent_to(session: Session) -> Iterator[list[str]]:
    """The statements that are sent within, by the session's connection."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        sent.append(statement)

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(connection, "before_cursor_execute", note)
