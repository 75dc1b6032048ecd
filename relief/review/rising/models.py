"""New values of parameters that wait for publication; rises, and each entitlement on one."""

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base, bigint
from relief.review.lists.types import EntryStatus
from relief.review.rising.types import RiseReason, RiseStatus, RiseStop

_OPEN = "status IN ('drawing', 'drawn', 'signed', 'stopped')"


class ParameterDraft(Base):
    """What a parameter is to be worth from a day on; published by another, it is a parameter."""

    __tablename__ = "parameter_draft"
    __table_args__ = (
        Index(
            "uq_parameter_draft_kept",
            "name",
            "region_code",
            "valid_from",
            unique=True,
            postgresql_where=text("discarded_at IS NULL"),
        ),
        CheckConstraint("region_code % 1000000 = 0", name="of_a_city_or_county"),
        CheckConstraint("value > 0", name="value_positive"),
        CheckConstraint("published_by <> drafted_by", name="two_persons"),
        CheckConstraint("(published_at IS NULL) = (published_by IS NULL)", name="published_whole"),
        CheckConstraint("published_at IS NULL OR discarded_at IS NULL", name="one_end"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    region_code: Mapped[bigint] = mapped_column(
        ForeignKey("region.code"), comment="the city, or a county of its own"
    )
    valid_from: Mapped[date]
    value: Mapped[Decimal] = mapped_column(Numeric(18, 4))
    source: Mapped[str] = mapped_column(String(300), comment="the document that sets it")
    drafted_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    drafted_at: Mapped[datetime]
    published_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    published_at: Mapped[datetime | None]
    discarded_at: Mapped[datetime | None]


class StandardRise(Base):
    """One rise: a scheme, the day from which the new standard holds, and where."""

    __tablename__ = "standard_rise"
    __table_args__ = (
        Index(
            "uq_standard_rise_under_way",
            "scheme_code",
            "effective_on",
            "region_code",
            unique=True,
            postgresql_where=text(_OPEN),
        ),
        Index(None, "region_code", "id"),
        CheckConstraint("signed_by <> drawn_by", name="two_persons"),
        CheckConstraint("(signed_at IS NULL) = (signed_by IS NULL)", name="signed_whole"),
        CheckConstraint(
            "status NOT IN ('signed', 'stopped', 'done') OR signed_at IS NOT NULL", name="signed"
        ),
        CheckConstraint(
            "status = 'drawing' OR digest IS NOT NULL OR status = 'cancelled'", name="drawn"
        ),
        CheckConstraint("(status = 'stopped') = (stopped_for IS NOT NULL)", name="stopped"),
        CheckConstraint(
            "extract(day FROM effective_on) = 1 AND extract(day FROM paid_from) = 1"
            " AND paid_from >= effective_on",
            name="whole_months",
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    scheme_code: Mapped[str] = mapped_column(ForeignKey("scheme.code"))
    department_code: Mapped[str] = mapped_column(ForeignKey("department.code"))
    region_code: Mapped[bigint] = mapped_column(comment="a county, or the city")
    effective_on: Mapped[date] = mapped_column(comment="from when the standard holds")
    paid_from: Mapped[date] = mapped_column(
        comment="the first month that is paid by it; what is before is owed"
    )
    standards: Mapped[list[Any]] = mapped_column(comment="name, before, after, unit, source")
    reason: Mapped[str] = mapped_column(Text())
    status: Mapped[RiseStatus]
    stopped_for: Mapped[RiseStop | None]
    total: Mapped[int] = mapped_column(comment="entitlements in payment when it began")
    digest: Mapped[bytes | None] = mapped_column(comment="SHA-256 of what is signed")
    drawn_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    begun_at: Mapped[datetime]
    drawn_at: Mapped[datetime | None]
    signed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    signed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy's form


class RiseEntry(Base):
    """One entitlement of a rise: what it is, what it would be, and what became of it."""

    __tablename__ = "standard_rise_entry"
    __table_args__ = (
        UniqueConstraint("rise_id", "entitlement_id"),
        Index(None, "case_id"),
        # Where the work goes on, however often it is begun again.
        Index(
            "ix_standard_rise_entry_listed",
            "rise_id",
            "position",
            postgresql_where=text("status = 'listed'"),
        ),
        CheckConstraint(
            "(status IN ('left_out', 'not_decided')) = (reason IS NOT NULL)", name="says_why"
        ),
        CheckConstraint(
            "(status = 'decided') = (decision_id IS NOT NULL)"
            " AND (status = 'decided') = (decided_at IS NOT NULL)",
            name="decided",
        ),
        # A rise lowers nothing.
        CheckConstraint(
            "status NOT IN ('listed', 'decided') OR new_fen > old_fen", name="never_less"
        ),
        CheckConstraint(
            "back_months >= 0 AND back_fen = back_months * (coalesce(new_fen, old_fen) - old_fen)",
            name="back_pay_adds_up",
        ),
    )

    rise_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("standard_rise.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("aid_case.id"))
    entitlement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("entitlement.id"), index=True)
    number: Mapped[str] = mapped_column(String(24), comment="of the case")
    region_code: Mapped[bigint] = mapped_column(comment="of the entitlement")
    old_fen: Mapped[bigint]
    new_fen: Mapped[bigint | None] = mapped_column(comment="empty: the rule gives none")
    starts_on: Mapped[date] = mapped_column(comment="the first day of more")
    back_months: Mapped[int] = mapped_column(comment="from then on, for which more is owed")
    back_fen: Mapped[bigint] = mapped_column(comment="what is owed for them")
    status: Mapped[EntryStatus]
    reason: Mapped[RiseReason | None]
    note: Mapped[str | None] = mapped_column(Text())
    decision_id: Mapped[uuid.UUID | None] = mapped_column(unique=True)
    decided_at: Mapped[datetime | None]
    calculation: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB(none_as_null=True), comment="by the rule, as it was when decided"
    )
