"""What people are entitled to, each by one decision."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.dialects.postgresql import DATERANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base, bigint


class Entitlement(Base):
    """What a decision grants someone (待遇), from a day on. The database lets none overlap."""

    __tablename__ = "entitlement"
    __table_args__ = (
        ExcludeConstraint(
            ("person_id", "="), ("scheme_code", "="), ("period", "&&"), name="no_overlap"
        ),
        CheckConstraint("amount_fen >= 0", name="amount_not_negative"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    decision_id: Mapped[uuid.UUID] = mapped_column(unique=True)
    person_id: Mapped[uuid.UUID] = mapped_column(index=True)
    identity_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    scheme_code: Mapped[str] = mapped_column(ForeignKey("scheme.code"))
    county_code: Mapped[int]
    region_code: Mapped[bigint]
    department_code: Mapped[str] = mapped_column(
        String(8), comment="of the scheme: it sees its own"
    )
    amount_fen: Mapped[bigint]
    per: Mapped[str | None] = mapped_column(String(20), comment="what the amount is for")
    period: Mapped[Range[date]] = mapped_column(DATERANGE())
    opened_at: Mapped[datetime]
    closed_by: Mapped[uuid.UUID | None] = mapped_column(
        comment="the decision that ended it before its time"
    )
    payee_id: Mapped[uuid.UUID | None] = mapped_column(
        comment="case_payee to whom it is paid; empty: nobody was entered yet"
    )


class BackPay(Base):
    """What is owed for months that were paid by an earlier sum (补发): each month the same.

    Whoever pays, pays these months from here, once, and not from the entitlement.
    """

    __tablename__ = "back_pay"
    __table_args__ = (
        CheckConstraint("months > 0 AND monthly_fen > 0", name="something_owed"),
        CheckConstraint("amount_fen = months * monthly_fen", name="adds_up"),
        CheckConstraint("extract(day FROM first_month) = 1", name="from_a_month_on"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    entitlement_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("entitlement.id"), index=True, comment="that gives the higher sum"
    )
    decision_id: Mapped[uuid.UUID] = mapped_column(unique=True)
    first_month: Mapped[date] = mapped_column(comment="its first day")
    months: Mapped[int]
    monthly_fen: Mapped[bigint]
    amount_fen: Mapped[bigint]
    owed_at: Mapped[datetime]
