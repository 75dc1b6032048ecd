"""Helpers and their assignments to households: from a day to another, and never deleted."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.dialects.postgresql import DATERANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base, bigint
from relief.visits.types import EndKind


class Helper(Base):
    """A person of an organisation who stands by households (帮扶责任人).

    Known by name and telephone while in post; has a staff account, or none yet.
    """

    __tablename__ = "helper"
    __table_args__ = (
        Index(
            "uq_helper_in_post",
            "phone_id",
            "name",
            unique=True,
            postgresql_where=text("left_on IS NULL"),
        ),
        Index(
            "uq_helper_account_id",
            "account_id",
            unique=True,
            postgresql_where=text("left_on IS NULL"),
        ),
        CheckConstraint("(left_on IS NULL) = (left_why IS NULL)", name="left_whole"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    unit: Mapped[str] = mapped_column(String(80), comment="所在单位")
    phone_id: Mapped[uuid.UUID] = mapped_column(comment="secret value: the telephone")
    phone_masked: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    left_on: Mapped[date | None] = mapped_column(comment="since when no longer in post")
    left_why: Mapped[str | None] = mapped_column(Text())
    added_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    added_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy's form


class HelperAssignment(Base):
    """A helper stands by a household for some days (结对).

    One that a merge of households made a double of another is folded into it: it counts for
    nothing until the households part again.
    """

    __tablename__ = "helper_assignment"
    __table_args__ = (
        ExcludeConstraint(
            ("household_id", "="),
            ("helper_id", "="),
            ("days", "&&"),
            name="one_assignment_at_a_time",
            where=text("folded_into IS NULL"),
        ),
        ExcludeConstraint(
            ("household_id", "="),
            ("days", "&&"),
            name="one_first_contact",
            where=text("is_first AND folded_into IS NULL"),
        ),
        Index(None, "helper_id"),
        Index(
            "ix_helper_assignment_folded_into",
            "folded_into",
            postgresql_where=text("folded_into IS NOT NULL"),
        ),
        CheckConstraint("isempty(days) OR NOT lower_inf(days)", name="from_a_day"),
        CheckConstraint("NOT isempty(days) OR ended_at IS NOT NULL", name="empty_if_ended"),
        CheckConstraint(
            "num_nonnulls(ended_at, end_kind, end_reason) IN (0, 3)", name="ended_whole"
        ),
        CheckConstraint("NOT is_first OR ended_at IS NULL", name="first_is_open"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    # No foreign key: a merge takes households away, and tells where each one's records are now.
    household_id: Mapped[uuid.UUID]
    identity_id: Mapped[uuid.UUID | None] = mapped_column(
        comment="source record of the householder: the assignment goes with it"
    )
    helper_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("helper.id"))
    days: Mapped[Range[date]] = mapped_column(
        DATERANGE(), comment="the last one not included; empty: ended before it began"
    )
    is_first: Mapped[bool] = mapped_column(comment="第一联系人")
    folded_into: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("helper_assignment.id"))
    over_reason: Mapped[str | None] = mapped_column(
        Text(), comment="why above the households of one helper"
    )
    notes: Mapped[str | None] = mapped_column(Text(), comment="handed over by the one before")
    after_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("helper_assignment.id"), comment="the assignment of the one before"
    )
    made_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime]
    ended_by: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("account.id"), comment="empty: by a merge"
    )
    ended_at: Mapped[datetime | None]
    end_kind: Mapped[EndKind | None]
    end_reason: Mapped[str | None] = mapped_column(Text())


class HelperCoverage(Base):
    """How many households in aid of a village have a helper, as the last count found it.

    `department_code`: of whom only one department is seen, the households on its lists; empty: all.
    """

    __tablename__ = "helper_coverage"

    region_code: Mapped[bigint] = mapped_column(primary_key=True, autoincrement=False)
    department_code: Mapped[str] = mapped_column(String(8), primary_key=True)
    in_aid: Mapped[int]
    helped: Mapped[int]
    has_left: Mapped[int] = mapped_column(comment="of whom a helper who left is still down")
