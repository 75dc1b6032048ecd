"""What was objected to in a notice period, what was done to find out, and the answers."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base
from relief.core.privacy.holders import SealedColumn
from relief.review.objecting.types import Channel, InquiryKind, Told


class CaseObjection(Base):
    """One objection to a case. Who objected is sealed; what is answered is never changed.

    One that came late is kept, and is never answered here.
    """

    __tablename__ = "case_objection"
    __table_args__ = (
        Index(None, "case_id"),
        Index(
            "ix_case_objection_unanswered",
            "case_id",
            postgresql_where=text("in_time AND answered_at IS NULL"),
        ),
        CheckConstraint("in_time OR answered_at IS NULL", name="late_unanswered"),
        CheckConstraint(
            "(answered_at IS NULL) = (upheld IS NULL) AND (answered_at IS NULL) = (answer IS NULL)"
            " AND (answered_at IS NULL) = (answered_by IS NULL)",
            name="answered_whole",
        ),
        CheckConstraint(
            "(told_at IS NULL) = (told_how IS NULL) AND (told_at IS NULL) = (told_by IS NULL)",
            name="told_whole",
        ),
        CheckConstraint(
            "told_at IS NULL OR answered_at IS NOT NULL OR NOT in_time", name="told_after_answer"
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("aid_case.id"))
    in_time: Mapped[bool] = mapped_column(comment="within the notice, and before it was ended")
    received_on: Mapped[date]
    channel: Mapped[Channel]
    words: Mapped[str] = mapped_column(Text(), comment="what is objected to")
    objector: Mapped[bytes | None] = mapped_column(
        comment="sealed: name and telephone; empty: anonymous"
    )
    recorded_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]
    upheld: Mapped[bool | None] = mapped_column(comment="empty: not answered yet")
    answer: Mapped[str | None] = mapped_column(Text(), comment="its reasons")
    answered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[datetime | None]
    told_how: Mapped[Told | None]
    told_note: Mapped[str | None] = mapped_column(Text())
    told_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    told_at: Mapped[datetime | None]


class CaseInquiry(Base):
    """A survey anew, or a democratic appraisal: ordered with a reason, then its result."""

    __tablename__ = "case_inquiry"
    __table_args__ = (
        Index(
            "uq_case_inquiry_open",
            "case_id",
            "kind",
            unique=True,
            postgresql_where=text("recorded_at IS NULL"),
        ),
        Index(None, "case_id"),
        CheckConstraint(
            "(recorded_at IS NULL) = (held_on IS NULL)"
            " AND (recorded_at IS NULL) = (finding IS NULL)"
            " AND (recorded_at IS NULL) = (recorded_by IS NULL)",
            name="recorded_whole",
        ),
        CheckConstraint(
            "(kind = 'resurvey' AND recorded_at IS NOT NULL) = (companion_id IS NOT NULL)"
            " AND (companion_id IS NULL) = (signature IS NULL)",
            name="surveyed_by_two",
        ),
        CheckConstraint("companion_id <> recorded_by", name="two_persons"),
        CheckConstraint(
            "(kind = 'appraisal' AND recorded_at IS NOT NULL) = (participants IS NOT NULL)",
            name="appraised_by_some",
        ),
        CheckConstraint("participants > 0", name="participants_positive"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("aid_case.id"))
    kind: Mapped[InquiryKind]
    reason: Mapped[str] = mapped_column(Text())
    ordered_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    ordered_at: Mapped[datetime]
    held_on: Mapped[date | None]
    finding: Mapped[str | None] = mapped_column(Text())
    recorded_by: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("account.id"), comment="of a survey: one of the two investigators"
    )
    companion_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("account.id"), comment="the other investigator"
    )
    signature: Mapped[str | None] = mapped_column(Text(), comment="who signed the survey's form")
    participants: Mapped[int | None] = mapped_column(comment="of an appraisal: how many")
    recorded_at: Mapped[datetime | None]


def bound(objection_id: uuid.UUID) -> bytes:
    """Return what the envelope of an objector is bound to: the row that holds it."""
    return b"objection|" + objection_id.bytes


OBJECTORS = SealedColumn(CaseObjection.objector, bound)
