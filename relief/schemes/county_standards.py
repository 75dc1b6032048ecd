"""Which parameters a county may set for itself (区县标准), within the frame of the city."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from relief.core.db import Base
from relief.core.seeding import Row


class CountyStandard(Base):
    """A parameter that counties may set for themselves; all others are the whole city's.

    One that is a floor (下限) must not be lower in a county than in the city.
    """

    __tablename__ = "county_standard"

    name: Mapped[str] = mapped_column(String(60), primary_key=True, comment="of the parameter")
    floor: Mapped[bool] = mapped_column(comment="a county's value is never below the city's")
    source: Mapped[str] = mapped_column(String(300))
    confidence: Mapped[str] = mapped_column(String(4))


def seed_rows(entries: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    """Yield the rows of the catalogue's section `county_standards`."""
    for entry in entries:
        yield {
            "name": entry["name"],
            "floor": entry.get("floor", False),
            "source": entry["source"],
            "confidence": entry["conf"],
        }


def by_name(session: Session) -> Mapping[str, CountyStandard]:
    """Return parameter → under what a county may set it. One query."""
    return {one.name: one for one in session.scalars(select(CountyStandard))}
