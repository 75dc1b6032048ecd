"""The checks before a decision (核验规则) as reference data: how heavy each is, and from when.

What a check looks for is code, one file each (`relief.review.checks`); whether it runs, how heavy
its findings are and how long verifying one may take is the city's to set, with a source.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, String, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Mapped, Session, mapped_column

from relief.core.db import Base
from relief.core.findings import Grade
from relief.core.reading_once import once
from relief.core.seeding import Row


class CheckRule(Base):
    """How one check counts, from a day on; one with a last day is switched off after it."""

    __tablename__ = "check_rule"
    __table_args__ = (
        CheckConstraint("valid_to >= valid_from", name="forwards"),
        CheckConstraint("days > 0", name="days_positive"),
    )

    code: Mapped[str] = mapped_column(String(4), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None] = mapped_column(comment="the last day; empty: until further row")
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(40))
    grade: Mapped[Grade]
    hard: Mapped[bool] = mapped_column(comment="a block that holds urgent aid too")
    owner: Mapped[str] = mapped_column(String(40), comment="who verifies, or mends")
    days: Mapped[int | None] = mapped_column(comment="working days to verify a doubt")
    mend: Mapped[str] = mapped_column(String(200), comment="what is to be done")
    source: Mapped[str] = mapped_column(String(300))
    confidence: Mapped[str] = mapped_column(String(4))


@once(CheckRule)
def in_force(session: Session, *, on: date) -> Mapping[str, CheckRule]:
    """Return code → the rule of each check that runs on a day, in the catalogue's order."""
    newest = (
        select(CheckRule)
        .ext(distinct_on(CheckRule.code))
        .where(
            CheckRule.valid_from <= on, or_(CheckRule.valid_to.is_(None), CheckRule.valid_to >= on)
        )
        .order_by(CheckRule.code, CheckRule.valid_from.desc())
    )
    rows = session.scalars(newest).all()
    return {row.code: row for row in sorted(rows, key=lambda row: row.position)}


def seed_rows(entries: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    """Yield what the section `checks` of the catalogue says, as rows."""
    for position, entry in enumerate(entries, start=1):
        yield {
            "code": entry["code"],
            "valid_from": entry["valid_from"],
            "valid_to": entry.get("valid_to"),
            "position": position,
            "name": entry["zh"],
            "grade": entry["grade"],
            "hard": entry.get("hard", False),
            "owner": entry["owner"],
            "days": entry.get("days"),
            "mend": entry["mend"],
            "source": entry["source"],
            "confidence": entry["conf"],
        }
