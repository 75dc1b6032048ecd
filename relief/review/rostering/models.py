"""Acts by which many applications of a roster were entered, and what became of each person."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base, bigint
from relief.review.rostering.types import ActStatus, NotEntered, PlaceStatus


class RosterAct(Base):
    """One act of one clerk: whom of a scheme's roster to enter (批量补办)."""

    __tablename__ = "roster_act"
    __table_args__ = (
        Index(None, "begun_by", "id"),
        # Pressing the button again while it runs begins no second one.
        Index(
            "uq_roster_act_unfinished",
            "begun_by",
            "scheme_code",
            unique=True,
            postgresql_where=text("status <> 'done'"),
        ),
        CheckConstraint("(status = 'done') = (ended_at IS NOT NULL)", name="ended"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    scheme_code: Mapped[str] = mapped_column(ForeignKey("scheme.code"))
    department_code: Mapped[str] = mapped_column(
        ForeignKey("department.code"), comment="of who began it"
    )
    region: Mapped[str | None] = mapped_column(
        String(12), comment="what it was narrowed to; empty: all of who began it"
    )
    need: Mapped[str] = mapped_column(Text(), comment="written into each application")
    status: Mapped[ActStatus]
    beyond: Mapped[bool] = mapped_column(comment="more were missing than one act may enter")
    begun_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class RosterPlace(Base):
    """One person of an act: as they were when it began, and what became of them."""

    __tablename__ = "roster_place"
    __table_args__ = (
        UniqueConstraint("act_id", "person_id"),
        # Where the work goes on, however often it is begun again.
        Index(
            "ix_roster_place_listed",
            "act_id",
            "position",
            postgresql_where=text("status = 'listed'"),
        ),
        CheckConstraint("(status = 'entered') = (case_id IS NOT NULL)", name="entered"),
        CheckConstraint("(status = 'not_entered') = (reason IS NOT NULL)", name="says_why"),
    )

    act_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("roster_act.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # Whoever they are part of later: what was chosen stays what it was.
    person_id: Mapped[uuid.UUID]
    name: Mapped[str] = mapped_column(String(80))
    region_code: Mapped[bigint]
    told: Mapped[str] = mapped_column(Text(), comment="confirmed as what, and by what")
    status: Mapped[PlaceStatus]
    reason: Mapped[NotEntered | None]
    note: Mapped[str | None] = mapped_column(Text())
    case_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("aid_case.id"), unique=True)
    entered_at: Mapped[datetime | None]
