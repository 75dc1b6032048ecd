"""That a case may take longer: who asked, why, and what somebody higher answered."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from relief.accounts.types import Role
from relief.core.db import Base


class CaseExtension(Base):
    """The one extension of a case: asked for, then agreed or refused. Never changed after."""

    __tablename__ = "case_extension"
    __table_args__ = (
        CheckConstraint("days > 0", name="days_positive"),
        CheckConstraint(
            "(agreed IS NULL) = (answered_by IS NULL) AND (agreed IS NULL) = (answered_at IS NULL)",
            name="answered_whole",
        ),
        CheckConstraint("answered_by <> asked_by", name="two_persons"),
    )

    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("aid_case.id"), primary_key=True)
    stage_code: Mapped[str] = mapped_column(String(20), comment="that needs the time")
    stages: Mapped[list[str]] = mapped_column(
        ARRAY(String(20)), comment="codes that get the days: it, and those that wait for it"
    )
    department_code: Mapped[str] = mapped_column(ForeignKey("department.code"))
    role: Mapped[Role] = mapped_column(comment="of whom the stage waits for")
    days: Mapped[int] = mapped_column(comment="more than the usual limit, in its unit")
    reason: Mapped[str] = mapped_column(Text())
    asked_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    agreed: Mapped[bool | None] = mapped_column(comment="empty: not answered yet")
    answered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(Text())
