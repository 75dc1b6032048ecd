"""The rules by which schemes are granted and counted, and the facts that they ask for."""

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base, bigint


class FactKind(Base):
    """Something that is found out in a case so that a rule can be applied.

    An amount is kept in fen, what holds or not as 1 or 0, everything else as a whole number.
    """

    __tablename__ = "fact_kind"
    __table_args__ = (CheckConstraint("low <= high", name="bounds"),)

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(60))
    unit: Mapped[str | None] = mapped_column(
        String(40), comment="as of parameters; yes_no for what holds or not"
    )
    low: Mapped[bigint] = mapped_column(comment="the least that can be entered")
    high: Mapped[bigint] = mapped_column(comment="the most that can be entered")
    derived: Mapped[bool] = mapped_column(comment="follows from the case; nobody enters it")
    source: Mapped[str] = mapped_column(String(300))
    confidence: Mapped[str] = mapped_column(String(4))


class SchemeRule(Base):
    """The rule of a scheme from a day on: conditions, and the amount step by step."""

    __tablename__ = "scheme_rule"

    scheme_code: Mapped[str] = mapped_column(ForeignKey("scheme.code"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(40), comment="of the amount: CNY/month …")
    per: Mapped[str] = mapped_column(String(20), comment="what the amount is for")
    labels: Mapped[dict[str, Any]] = mapped_column(comment="parameter → what it is called")
    steps: Mapped[list[Any]] = mapped_column(
        comment="in order: code, name, kind, expression, source"
    )
    source: Mapped[str] = mapped_column(String(300))
    confidence: Mapped[str] = mapped_column(String(4))
