"""Mandates of cases: given for some acts and some days, revoked or run out, and never deleted."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base
from relief.review.mandates.types import AgentKind, MandateAct, MandateForm


class CaseMandate(Base):
    """Someone may do some things in the applicant's place (授权委托); one at a time for each."""

    __tablename__ = "case_mandate"
    __table_args__ = (
        ExcludeConstraint(
            ("case_id", "="),
            ("number_id", "="),
            ("days", "&&"),
            name="one_mandate_at_a_time",
            where=text("revoked_at IS NULL"),
        ),
        Index(None, "case_id"),
        CheckConstraint("cardinality(acts) > 0", name="acts_named"),
        CheckConstraint(
            "NOT isempty(days) AND NOT lower_inf(days) AND NOT upper_inf(days)", name="from_to"
        ),
        CheckConstraint("(form = 'dictated') = (witness_id IS NOT NULL)", name="witnessed"),
        CheckConstraint("witness_id <> recorded_by", name="two_persons"),
        CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by IS NULL)"
            " AND (revoked_at IS NULL) = (revoked_why IS NULL)",
            name="revoked_whole",
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("aid_case.id"))
    agent: Mapped[str] = mapped_column(String(80), comment="the name of who acts")
    kind: Mapped[AgentKind]
    number_id: Mapped[uuid.UUID] = mapped_column(comment="secret value: the agent's number")
    number_masked: Mapped[str] = mapped_column(String(20))
    acts: Mapped[list[MandateAct]] = mapped_column(ARRAY(String(20)))
    days: Mapped[Range[date]] = mapped_column(DATERANGE(), comment="the last one not included")
    form: Mapped[MandateForm]
    proof: Mapped[str] = mapped_column(Text(), comment="the signed paper, or what was recorded")
    witness_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("account.id"), comment="the other of the staff before whom it was dictated"
    )
    recorded_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]
    revoked_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    revoked_at: Mapped[datetime | None]
    revoked_why: Mapped[str | None] = mapped_column(Text())
