"""What a case recognised, and what was filled in from what was known."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base
from relief.registry.types import Category
from relief.review.recognition.types import Field, Source


class CaseRecognition(Base):
    """An identity that a case rests on, with its source, and what is not done again. Never changed.

    Whether it still stands is asked anew (check A30).
    """

    __tablename__ = "case_recognition"
    __table_args__ = (UniqueConstraint("case_id", "category"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("aid_case.id"))
    category: Mapped[Category]
    holder: Mapped[str] = mapped_column(String(80), comment="who of the family was confirmed")
    since_on: Mapped[date | None]
    checked_on: Mapped[date] = mapped_column(comment="the last check of it")
    source: Mapped[Source]
    told_by: Mapped[str] = mapped_column(Text(), comment="the decision or the list, in words")
    spares: Mapped[str] = mapped_column(String(100), comment="what, in words for the family")
    stages: Mapped[list[Any]] = mapped_column(comment="codes of stages that are left out")
    checks: Mapped[list[Any]] = mapped_column(comment="codes of checks that are not made")
    legal: Mapped[str] = mapped_column(String(300), comment="the rule's source, as it was then")
    accepted_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    accepted_at: Mapped[datetime]


class CasePrefill(Base):
    """A value of an application that was known before, where from, and its correction.

    Never changed. A corrected telephone number is sealed; `corrected` shows it masked.
    """

    __tablename__ = "case_prefill"
    __table_args__ = (
        UniqueConstraint("case_id", "field", "kind_code", postgresql_nulls_not_distinct=True),
        Index(None, "secret_id"),
        CheckConstraint("(corrected IS NULL) = (reason IS NULL)", name="corrected_with_reason"),
        CheckConstraint("(field = 'fact') = (kind_code IS NOT NULL)", name="facts_have_a_kind"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("aid_case.id"))
    field: Mapped[Field]
    kind_code: Mapped[str | None] = mapped_column(ForeignKey("fact_kind.code"))
    value: Mapped[str] = mapped_column(Text(), comment="as it was known; masked where secret")
    origin: Mapped[str] = mapped_column(Text(), comment="where it was known from")
    known_on: Mapped[date | None]
    corrected: Mapped[str | None] = mapped_column(Text(), comment="what is so instead")
    secret_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("secret_value.id"))
    reason: Mapped[str | None] = mapped_column(Text(), comment="why it is corrected")
    entered_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    entered_at: Mapped[datetime]


class CaseBasis(Base):
    """The entry of a register by which a case came in: as it was told then. Never changed.

    `event_id`: of which event it is, where the scheme helps once for each; the stored name of the
    register's own number, the same from file to file.
    """

    __tablename__ = "case_register_basis"
    __table_args__ = (Index(None, "event_id", postgresql_where=text("event_id IS NOT NULL")),)

    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("aid_case.id"), primary_key=True)
    register: Mapped[str] = mapped_column(String(40))
    batch_id: Mapped[uuid.UUID]
    row_number: Mapped[int] = mapped_column(comment="in the file")
    event_id: Mapped[uuid.UUID | None]
    since_on: Mapped[date | None] = mapped_column(comment="hit, or found")
    data_on: Mapped[date] = mapped_column(comment="the day of which the register speaks")
    told: Mapped[str] = mapped_column(Text(), comment="what it says, in words")
    legal: Mapped[str] = mapped_column(String(300), comment="the rule's source, as it was then")
    kept_at: Mapped[datetime]
