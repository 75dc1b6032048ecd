"""What staff file of their relatives, whose cases are of kin, and who stood back."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base
from relief.review.kin.types import KinSource


class KinFiling(Base):
    """What one member of staff filed at one time; the newest counts, and none is changed."""

    __tablename__ = "kin_filing"
    __table_args__ = (Index(None, "account_id", "id"), Index(None, "own_number_id"))

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    year: Mapped[int] = mapped_column(comment="of the China day on which it was filed")
    own_number_id: Mapped[uuid.UUID] = mapped_column(comment="secret value: one's own number")
    filed_at: Mapped[datetime]


class KinRelative(Base):
    """A close relative that a member of staff filed."""

    __tablename__ = "kin_relative"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    filing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("kin_filing.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    relation: Mapped[str] = mapped_column(String(2), comment="to the member of staff, GB/T 4761")
    number_id: Mapped[uuid.UUID] = mapped_column(index=True, comment="secret value")


class CaseKin(Base):
    """A case is of the family of a member of staff: who, how related, and how it is known."""

    __tablename__ = "case_kin"
    __table_args__ = (
        Index(
            "uq_case_kin_account",
            "case_id",
            "account_id",
            "source",
            unique=True,
            postgresql_where=text("account_id IS NOT NULL"),
        ),
        Index(None, "case_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("aid_case.id"))
    account_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("account.id"), comment="empty: declared, of someone without an account"
    )
    name: Mapped[str] = mapped_column(String(80), comment="of the member of staff")
    relation: Mapped[str] = mapped_column(String(2), comment="to the member of staff, GB/T 4761")
    source: Mapped[KinSource]
    found_at: Mapped[datetime]


class CaseRecusal(Base):
    """Someone stands back from a case (回避): it never waits for them again."""

    __tablename__ = "case_recusal"

    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("aid_case.id"), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(Text())
    at: Mapped[datetime]


class KinVisit(Base):
    """The county visited the home of a case of kin, by two persons at least."""

    __tablename__ = "kin_visit"
    __table_args__ = (CheckConstraint("companion_id <> visitor_id", name="two_persons"),)

    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("aid_case.id"), primary_key=True)
    visited_on: Mapped[date]
    visitor_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    companion_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    finding: Mapped[str] = mapped_column(Text())
    recorded_at: Mapped[datetime]
