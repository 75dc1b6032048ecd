"""A proposal to reduce or stop what somebody is entitled to, and how it went."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base, bigint
from relief.core.workdays import DueDay
from relief.review.changing.types import ChangeKind, ChangeState, Excuse, ServedBy


class EntitlementChange(Base):
    """Proposed, served, heard, decided; its id is that of its decision. Never deleted.

    The database carries no change for which nobody was heard and no excuse is given.
    """

    __tablename__ = "entitlement_change"
    __table_args__ = (
        Index(
            "uq_entitlement_change_open",
            "case_id",
            unique=True,
            postgresql_where=text("decided_at IS NULL"),
        ),
        Index(None, "case_id"),
        CheckConstraint("(kind = 'reduce') = (amount_fen IS NOT NULL)", name="amount_of_reduced"),
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint("excuse IS NULL OR excuse_proof IS NOT NULL", name="excuse_proved"),
        CheckConstraint(
            "(served_on IS NULL) = (answer_by IS NULL) AND (served_on IS NULL) = (proof IS NULL)",
            name="service_proved",
        ),
        CheckConstraint("heard_at IS NULL OR served_on IS NOT NULL", name="heard_after_service"),
        CheckConstraint("views IS NULL OR heard_at IS NOT NULL", name="views_are_heard"),
        CheckConstraint(
            "(decided_at IS NULL) = (carried IS NULL)"
            " AND (decided_at IS NULL) = (decided_by IS NULL)",
            name="decided_whole",
        ),
        CheckConstraint(
            "carried IS NOT TRUE OR heard_at IS NOT NULL OR excuse IS NOT NULL",
            name="heard_before_carried",
        ),
        CheckConstraint("decided_by <> proposed_by", name="two_persons"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("aid_case.id"))
    entitlement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("entitlement.id"), index=True)
    kind: Mapped[ChangeKind]
    amount_fen: Mapped[bigint | None] = mapped_column(comment="that is left; of what is reduced")
    reason: Mapped[str] = mapped_column(Text())
    legal: Mapped[str] = mapped_column(Text())
    excuse: Mapped[Excuse | None] = mapped_column(comment="why nobody need be heard")
    excuse_proof: Mapped[str | None] = mapped_column(Text())
    proposed_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    served_on: Mapped[date | None]
    served_by: Mapped[ServedBy | None] = mapped_column(comment="how the notice was served")
    proof: Mapped[str | None] = mapped_column(Text(), comment="that the notice arrived")
    answer_by: Mapped[date | None] = mapped_column(comment="the last day to answer")
    answer_provisional: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    heard_at: Mapped[datetime | None]
    views: Mapped[str | None] = mapped_column(Text(), comment="empty once heard: silence")
    carried: Mapped[bool | None]
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    decision: Mapped[str | None] = mapped_column(Text(), comment="its reasons")
    effective_on: Mapped[date | None] = mapped_column(comment="the first day of less, or nothing")

    @property
    def answer_due(self) -> DueDay | None:
        """Return the last day to answer, once the notice was served."""
        return DueDay(self.answer_by, self.answer_provisional) if self.answer_by else None

    @property
    def state(self) -> ChangeState:
        """Return how far it has come."""
        if self.decided_at is not None:
            return ChangeState.CARRIED if self.carried else ChangeState.DROPPED
        if self.heard_at is not None:
            return ChangeState.HEARD
        return ChangeState.PROPOSED if self.served_on is None else ChangeState.SERVED
