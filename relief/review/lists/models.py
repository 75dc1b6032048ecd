"""Lists of decisions that were drawn and signed, and what became of each case on them."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base, bigint
from relief.review.lists.types import EntryStatus, ListStatus, Reason, StopReason


class DecisionList(Base):
    """Cases of one scheme that one approver grants alike, by one signature (清单审批)."""

    __tablename__ = "decision_list"
    __table_args__ = (
        Index(None, "drawn_by", "id"),
        CheckConstraint("amount_fen >= 0", name="amount_not_negative"),
        CheckConstraint("(status = 'drawn') = (signed_at IS NULL)", name="signed"),
        CheckConstraint("(status = 'stopped') = (stopped_for IS NOT NULL)", name="stopped"),
        CheckConstraint("(status = 'done') = (ended_at IS NOT NULL)", name="ended"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    scheme_code: Mapped[str] = mapped_column(ForeignKey("scheme.code"))
    department_code: Mapped[str] = mapped_column(
        ForeignKey("department.code"), comment="of who drew it: whose cases they are"
    )
    region: Mapped[str | None] = mapped_column(
        String(12), comment="what it was narrowed to; empty: all of who drew it"
    )
    amount_fen: Mapped[bigint] = mapped_column(comment="to each, by the scheme's `per`")
    reason: Mapped[str] = mapped_column(Text())
    digest: Mapped[bytes] = mapped_column(comment="SHA-256 of what is signed")
    status: Mapped[ListStatus]
    stopped_for: Mapped[StopReason | None]
    drawn_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    drawn_at: Mapped[datetime]
    earlier: Mapped[int] = mapped_column(comment="cases that were not at the decision yet")
    beyond: Mapped[int] = mapped_column(comment="cases for which there was no more room")
    signed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy's form


class DecisionListEntry(Base):
    """One case of a list: as it was when the list was drawn, and what became of it."""

    __tablename__ = "decision_list_entry"
    __table_args__ = (
        UniqueConstraint("list_id", "case_id"),
        # Where the work goes on, however often it is begun again.
        Index(
            "ix_decision_list_entry_listed",
            "list_id",
            "position",
            postgresql_where=text("status = 'listed'"),
        ),
        CheckConstraint(
            "(status IN ('left_out', 'not_decided')) = (reason IS NOT NULL)", name="says_why"
        ),
        CheckConstraint("status <> 'decided' OR decided_at IS NOT NULL", name="decided"),
    )

    list_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("decision_list.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("aid_case.id"))
    number: Mapped[str] = mapped_column(String(24), comment="of the case")
    case_version: Mapped[int] = mapped_column(comment="of the case when the list was drawn")
    amount_fen: Mapped[bigint]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None] = mapped_column(comment="the first day after; empty: runs on")
    doubts: Mapped[list[Any]] = mapped_column(comment="what there was to look at, and is it open")
    status: Mapped[EntryStatus]
    reason: Mapped[Reason | None]
    note: Mapped[str | None] = mapped_column(Text())
    decided_at: Mapped[datetime | None]
