"""Who authorised the checking of a family, and what was found in a case."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base
from relief.core.findings import Grade
from relief.review.checks.types import SignedBy, Verdict


class CaseAuthorisation(Base):
    """Someone of the family agreed in writing that their income and property are checked.

    Never changed; of several of one person the latest counts (社会救助法第四十条、第四十一条).
    """

    __tablename__ = "case_authorisation"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("aid_case.id"), index=True)
    person_id: Mapped[uuid.UUID] = mapped_column(index=True)
    identity_id: Mapped[uuid.UUID | None] = mapped_column(
        index=True,
        comment="the source record by which the person was known: it goes where that goes",
    )
    name: Mapped[str] = mapped_column(String(80), comment="of the person, as it was then")
    signed_on: Mapped[date]
    signed_by: Mapped[SignedBy]
    recorded_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]


class CaseFinding(Base):
    """What a check found in a case, and what verifying it came to.

    When a later look finds other evidence, this row is closed and a new one is opened: an answer is
    an answer to what was found then.
    """

    __tablename__ = "case_finding"
    __table_args__ = (
        Index(
            "uq_case_finding_open",
            "case_id",
            "check_code",
            "key",
            unique=True,
            postgresql_where=text("gone_at IS NULL"),
        ),
        Index(None, "case_id"),
        CheckConstraint(
            "(verdict IS NULL) = (answered_at IS NULL)"
            " AND (verdict IS NULL) = (answered_by IS NULL)"
            " AND (verdict IS NULL) = (answer IS NULL)",
            name="answered_whole",
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("aid_case.id"))
    check_code: Mapped[str] = mapped_column(String(4))
    key: Mapped[str] = mapped_column(String(160))
    grade: Mapped[Grade]
    message: Mapped[str] = mapped_column(Text())
    evidence: Mapped[dict[str, Any]] = mapped_column()
    rule: Mapped[str] = mapped_column(String(300), comment="the law or policy, as it was then")
    found_at: Mapped[datetime]
    due_on: Mapped[date | None] = mapped_column(comment="last day to verify a doubt")
    due_provisional: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    gone_at: Mapped[datetime | None] = mapped_column(comment="a later look found it no more")
    verdict: Mapped[Verdict | None]
    answer: Mapped[str | None] = mapped_column(Text())
    answered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[datetime | None]
