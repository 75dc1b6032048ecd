"""Referrals: where and how somebody was found, to whom they were handed, what became of them."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base, bigint
from relief.core.privacy.holders import SealedColumn
from relief.review.referring.types import AidEnd, FoundBy, ReferralStatus, ReferralStep


class Referral(Base):
    """Somebody who was found in need, and the office that is to take them in.

    It names nobody of the registry: whoever they turn out to be stands in the case.
    """

    __tablename__ = "referral"
    __table_args__ = (
        Index(None, "region_code", "id"),
        Index(
            "ix_referral_live",
            "region_code",
            "due_on",
            postgresql_where=text("status IN ('waiting', 'taken_in')"),
        ),
        Index("ix_referral_hands", "hands", postgresql_using="gin"),
        CheckConstraint("(status = 'case') = (case_id IS NOT NULL)", name="case"),
        CheckConstraint("(status = 'refused') = (refusal IS NOT NULL)", name="says_why"),
        CheckConstraint(
            "(status IN ('taken_in', 'case', 'closed')) = (taken_at IS NOT NULL)"
            " AND (taken_at IS NULL) = (taken_by IS NULL)",
            name="taken_whole",
        ),
        CheckConstraint(
            "(status = 'closed') = (aid IS NOT NULL) AND (aid IS NULL) = (aid_fen IS NULL)"
            " AND (aid IS NULL) = (aid_end IS NULL) AND (aid IS NULL) = (aid_until IS NULL)",
            name="closed_whole",
        ),
        CheckConstraint("aid_fen >= 0", name="aid_not_negative"),
        CheckConstraint("(number_id IS NULL) = (number_masked IS NULL)", name="number_whole"),
        CheckConstraint("NOT found OR number_id IS NOT NULL", name="found_by_number"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    scheme_code: Mapped[str] = mapped_column(ForeignKey("scheme.code"))
    department_code: Mapped[str] = mapped_column(
        ForeignKey("department.code"), comment="that is to take them in"
    )
    region_code: Mapped[bigint] = mapped_column(comment="of the office that is to take them in")
    found_by: Mapped[FoundBy]
    finder: Mapped[str] = mapped_column(String(120), comment="unit and name of who found them")
    found_at: Mapped[datetime]
    place: Mapped[str] = mapped_column(String(300), comment="where they were found")
    handed_to: Mapped[str] = mapped_column(String(120), comment="who has them in care now")
    minor: Mapped[bool] = mapped_column(comment="a child, or taken for one")
    name: Mapped[str | None] = mapped_column(String(80), comment="as they say; empty: unknown")
    number_id: Mapped[uuid.UUID | None] = mapped_column(
        comment="secret value: the number that they say, or by which they were found"
    )
    number_masked: Mapped[str | None] = mapped_column(String(20))
    found: Mapped[bool] = mapped_column(comment="the registry knows somebody by the number")
    told: Mapped[bytes] = mapped_column(comment="sealed: their condition, and whom to call back")
    status: Mapped[ReferralStatus]
    hands: Mapped[list[uuid.UUID]] = mapped_column(
        ARRAY(Uuid()), comment="who referred it or handed it on, and sees what becomes of it"
    )
    referred_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    referred_at: Mapped[datetime]
    due_on: Mapped[date | None] = mapped_column(comment="by when the office is to answer")
    due_provisional: Mapped[bool]
    late_told_at: Mapped[datetime | None] = mapped_column(
        comment="when the office was told that its day has passed"
    )
    taken_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    taken_at: Mapped[datetime | None]
    refusal: Mapped[str | None] = mapped_column(Text(), comment="the reason")
    case_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("aid_case.id"), unique=True)
    aid: Mapped[str | None] = mapped_column(Text(), comment="what was given to who stayed unknown")
    aid_fen: Mapped[bigint | None]
    aid_end: Mapped[AidEnd | None]
    aid_until: Mapped[date | None]
    steps: Mapped[int]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy's form


class ReferralEvent(Base):
    """One thing that happened to a referral. Only ever added to, and numbered without gaps."""

    __tablename__ = "referral_event"

    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    step: Mapped[ReferralStep]
    region_code: Mapped[bigint] = mapped_column(comment="of the office, after it")
    note: Mapped[str | None] = mapped_column(Text())


def bound(referral_id: uuid.UUID) -> bytes:
    """Return what the envelope of a condition is bound to: the row that holds it."""
    return b"referral|" + referral_id.bytes


CONDITIONS = SealedColumn(Referral.told, bound)
