"""Papers that no office may ask for: the platform has what they say (社会救助法第六十二条)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import String, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

from relief.core.db import Base
from relief.core.reading_once import once
from relief.core.seeding import Row


class HeldPaper(Base):
    """A kind of paper, the words by which a request names it, and where what it says is known."""

    __tablename__ = "held_paper"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(40))
    words: Mapped[list[str]] = mapped_column(
        ARRAY(String(20)), comment="a request that holds one of them asks for the paper"
    )
    lists: Mapped[list[str]] = mapped_column(
        ARRAY(String(8)), comment="codes of the schemes whose lists tell it"
    )
    registers: Mapped[list[str]] = mapped_column(
        ARRAY(String(30)), comment="outside registers that tell it"
    )
    source: Mapped[str] = mapped_column(String(300))
    confidence: Mapped[str] = mapped_column(String(4))


@once(HeldPaper)
def in_order(session: Session) -> Sequence[HeldPaper]:
    """Return all of them, in the catalogue's order. One query."""
    return list(session.scalars(select(HeldPaper).order_by(HeldPaper.position)))


def seed_rows(entries: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    """Yield what the section `held_papers` of the catalogue says, as rows."""
    for position, entry in enumerate(entries, start=1):
        yield {
            "code": entry["code"],
            "position": position,
            "name": entry["zh"],
            "words": entry["words"],
            "lists": entry.get("lists", []),
            "registers": entry.get("registers", []),
            "source": entry["source"],
            "confidence": entry["conf"],
        }
