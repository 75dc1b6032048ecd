"""Home surveys. What was found and signed is never changed."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base


class CaseSurvey(Base):
    """The home of a case was surveyed by two, who signed a sheet; so did the applicant, or why not.

    One of a case; a survey anew, of what was objected, is an inquiry.
    """

    __tablename__ = "case_survey"
    __table_args__ = (
        CheckConstraint("companion_id <> recorded_by", name="two_persons"),
        CheckConstraint("(unsigned_why IS NULL) = (witness IS NULL)", name="witnessed"),
    )

    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("aid_case.id"), primary_key=True)
    held_on: Mapped[date]
    finding: Mapped[str] = mapped_column(Text())
    recorded_by: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("account.id"), comment="one of the two investigators"
    )
    companion_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("account.id"), comment="the other investigator"
    )
    sheet_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("case_enclosure.id"), comment="the signed sheet, by photo or scan"
    )
    unsigned_why: Mapped[str | None] = mapped_column(
        Text(), comment="why the applicant did not sign; empty: signed"
    )
    witness: Mapped[str | None] = mapped_column(
        String(80), comment="who signed as a witness that the applicant did not"
    )
    recorded_at: Mapped[datetime]
