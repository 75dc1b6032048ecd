"""When what a case granted is to be re-checked, and what was found."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base
from relief.review.rechecking.types import Every, Found


class CaseRecheck(Base):
    """One re-check: to be done by a day, and done. One of a case is open at a time."""

    __tablename__ = "case_recheck"
    __table_args__ = (
        Index(
            "uq_case_recheck_open", "case_id", unique=True, postgresql_where=text("done_at IS NULL")
        ),
        Index(None, "case_id"),
        Index(
            "ix_case_recheck_untold",
            "due_on",
            postgresql_where=text("done_at IS NULL AND told_at IS NULL"),
        ),
        CheckConstraint(
            "(done_at IS NULL) = (done_by IS NULL) AND (done_at IS NULL) = (found IS NULL)",
            name="done_whole",
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("aid_case.id"))
    every: Mapped[Every]
    due_on: Mapped[date]
    told_at: Mapped[datetime | None] = mapped_column(comment="that it is overdue")
    done_at: Mapped[datetime | None]
    done_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    found: Mapped[Found | None]
    finding: Mapped[str | None] = mapped_column(Text())
