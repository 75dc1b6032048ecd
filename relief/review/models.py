"""Cases (申请事项), their stages, pauses and decisions, and what happened to them."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from relief.accounts.types import Role
from relief.core.db import Base, bigint
from relief.review.types import CaseStatus, Outcome, StageStatus, Step
from relief.schemes.types import DayType, StageKind

_NO = text("false")
_LIVE = "status IN ('submitted', 'returned', 'accepted')"


class Case(Base):
    """One application of someone for one scheme, under one version of its procedure.

    The person is who the application is for; the household is theirs at each time.
    """

    __tablename__ = "aid_case"
    __table_args__ = (
        Index(
            "uq_aid_case_live",
            "person_id",
            "scheme_code",
            unique=True,
            postgresql_where=text(_LIVE),
        ),
        Index(None, "region_code", "id"),
        Index(
            "ix_aid_case_running_due",
            "due_on",
            postgresql_include=["id"],
            postgresql_where=text("status IN ('submitted', 'accepted')"),
        ),
        CheckConstraint("(status = 'decided') = (decided_at IS NOT NULL)", name="decided"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(24), unique=True, comment="for people: 受理编号")
    scheme_code: Mapped[str] = mapped_column(ForeignKey("scheme.code"))
    procedure_code: Mapped[str] = mapped_column(String(20))
    procedure_version: Mapped[int]
    person_id: Mapped[uuid.UUID] = mapped_column(index=True)
    identity_id: Mapped[uuid.UUID | None] = mapped_column(
        index=True,
        comment="the source record by which the person was known: it goes where that goes",
    )
    applicant_name: Mapped[str] = mapped_column(String(80))
    applicant_born_on: Mapped[date | None]
    county_code: Mapped[int]
    region_code: Mapped[bigint] = mapped_column(comment="where the person lived when it began")
    departments: Mapped[list[str]] = mapped_column(ARRAY(String(8)), comment="who takes part")
    need: Mapped[str] = mapped_column(Text(), comment="what the applicant says of the need")
    status: Mapped[CaseStatus]
    entered_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    submitted_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None] = mapped_column(comment="once only")
    decided_at: Mapped[datetime | None]
    counted_from: Mapped[date | None] = mapped_column(comment="where the total begins")
    due_on: Mapped[date | None] = mapped_column(comment="of the whole, to the decision")
    due_unpaused_on: Mapped[date | None] = mapped_column(comment="had the clock never stood")
    due_usual_on: Mapped[date | None] = mapped_column(comment="if extended: had it not been")
    due_provisional: Mapped[bool]
    due_unpaused_provisional: Mapped[bool] = mapped_column(
        default=False, server_default=text("false")
    )
    due_usual_provisional: Mapped[bool] = mapped_column(default=False, server_default=_NO)
    shorter_limit: Mapped[int | None] = mapped_column(
        comment="of the whole, in its unit, where an identity is recognised"
    )
    steps: Mapped[int] = mapped_column(comment="how many lines its timeline has")
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy's form


class CaseCounter(Base):
    """The last running number given to a case of a county in a year; none is given twice."""

    __tablename__ = "case_counter"

    county_code: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class CaseStage(Base):
    """A stage that a case is in or was in; a joint stage has one row for each department."""

    __tablename__ = "case_stage"
    __table_args__ = (
        UniqueConstraint("case_id", "code", "department_code", "turn"),
        Index(
            "ix_case_stage_open",
            "department_code",
            "role",
            "region_code",
            "due_on",
            postgresql_where=text("status = 'open'"),
        ),
        Index(
            "ix_case_stage_open_due",
            "due_on",
            postgresql_include=["case_id"],
            postgresql_where=text("status = 'open'"),
        ),
        CheckConstraint("(status = 'open') = (ended_at IS NULL)", name="ended"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("aid_case.id"), index=True)
    code: Mapped[str] = mapped_column(String(20))
    turn: Mapped[int] = mapped_column(comment="1; again after what was missing came")
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[StageKind]
    owner: Mapped[str] = mapped_column(String(60))
    department_code: Mapped[str] = mapped_column(ForeignKey("department.code"))
    role: Mapped[Role] = mapped_column(comment="of whom the stage waits for")
    region_code: Mapped[bigint] = mapped_column(comment="of the case")
    begun_on: Mapped[date] = mapped_column(comment="of the event; not counted")
    limit: Mapped[int]
    unit: Mapped[DayType]
    rolls: Mapped[bool]
    closing: Mapped[int | None] = mapped_column(
        comment="of a notice: in how many working days after its last day it is to be ended"
    )
    hangs_until: Mapped[date | None] = mapped_column(
        comment="of a notice: its last day; it may be ended after it, until `due_on`"
    )
    hangs_provisional: Mapped[bool] = mapped_column(default=False, server_default=_NO)
    due_on: Mapped[date | None] = mapped_column(comment="empty while the clock stands")
    due_unpaused_on: Mapped[date | None] = mapped_column(comment="had the clock never stood")
    due_usual_on: Mapped[date | None] = mapped_column(comment="if extended: had it not been")
    due_provisional: Mapped[bool]
    due_unpaused_provisional: Mapped[bool] = mapped_column(
        default=False, server_default=text("false")
    )
    due_usual_provisional: Mapped[bool] = mapped_column(default=False, server_default=_NO)
    status: Mapped[StageStatus]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    outcome: Mapped[Outcome | None]
    opinion: Mapped[str | None] = mapped_column(Text())


class CasePause(Base):
    """Papers were asked for, and all clocks of the case stand until they come."""

    __tablename__ = "case_pause"
    __table_args__ = (
        Index(
            "uq_case_pause_open", "case_id", unique=True, postgresql_where=text("until_on IS NULL")
        ),
        CheckConstraint("until_on >= since_on", name="forwards"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("aid_case.id"), index=True)
    reason: Mapped[str | None] = mapped_column(
        ForeignKey("pause_reason.code"), comment="empty: asked for before reasons were told"
    )
    since_on: Mapped[date]
    stands_until: Mapped[date | None] = mapped_column(
        comment="the last day on which the clock may stand for it; empty: as `reason`"
    )
    until_on: Mapped[date | None]
    missing: Mapped[str] = mapped_column(Text(), comment="the papers that were asked for")
    asked_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    resumed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))


class CaseDecision(Base):
    """What was decided in a case: by a person, with reasons and the law. Never changed."""

    __tablename__ = "case_decision"
    __table_args__ = (CheckConstraint("amount_fen >= 0", name="amount_not_negative"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("aid_case.id"), unique=True)
    outcome: Mapped[Outcome]
    amount_fen: Mapped[bigint | None] = mapped_column(comment="what is granted, by its `per`")
    reason: Mapped[str] = mapped_column(Text())
    legal: Mapped[str] = mapped_column(Text())
    calculation: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB(none_as_null=True), comment="by the rule, as it was; empty where the scheme had none"
    )
    departs: Mapped[str | None] = mapped_column(
        Text(), comment="why it differs from the calculation, if it does"
    )
    decided_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime]
    list_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("decision_list.id"), comment="the signed list by which it was taken"
    )


class CaseStep(Base):
    """One thing that happened in a case. Only ever added to, and numbered without gaps."""

    __tablename__ = "case_step"
    __table_args__ = (UniqueConstraint("case_id", "number"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("aid_case.id"))
    number: Mapped[int]
    at: Mapped[datetime]
    actor_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("account.id"), comment="empty: the platform, which only counts days"
    )
    acting_for_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("account.id"), comment="for whom the actor stood in"
    )
    step: Mapped[Step]
    stage_code: Mapped[str | None] = mapped_column(String(20))
    department_code: Mapped[str | None] = mapped_column(String(8))
    note: Mapped[str | None] = mapped_column(Text())


class CaseReminder(Base):
    """Somebody is to be told, or was told, that a limit of a case runs out or has passed.

    What is not told yet is planned anew whenever the clock is: it goes when the stage ends.
    """

    __tablename__ = "case_reminder"
    __table_args__ = (
        UniqueConstraint(
            "case_id", "stage_id", "rule_code", "at", postgresql_nulls_not_distinct=True
        ),
        Index("ix_case_reminder_planned", "at", postgresql_where=text("told_at IS NULL")),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("aid_case.id"))
    stage_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("case_stage.id"), comment="empty: of the whole, to the decision"
    )
    rule_code: Mapped[str] = mapped_column(ForeignKey("reminder_rule.code"))
    at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    told: Mapped[int] = mapped_column(comment="how many accounts")
