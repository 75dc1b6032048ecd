"""The aid schemes (救助项目), their procedures, combination rules and dated parameters."""

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base, bigint
from relief.organisation.models import RegionLevel
from relief.schemes.types import (
    Combination,
    DayType,
    Each,
    Entry,
    Moment,
    Origin,
    Payer,
    Rhythm,
    StageKind,
    Start,
    Told,
)


class Procedure(Base):
    """One version of a procedure (办理流程): a case keeps the version it began under.

    One published in the console is never changed: a trigger refuses it.
    """

    __tablename__ = "procedure"
    __table_args__ = (
        CheckConstraint(
            "(origin = 'console') = (signed_by IS NOT NULL)"
            " AND (signed_by IS NULL) = (proposed_by IS NULL)"
            " AND (signed_by IS NULL) = (published_at IS NULL)"
            " AND (signed_by IS NULL) = (digest IS NULL)",
            name="published_whole",
        ),
        CheckConstraint("signed_by <> proposed_by", name="four_eyes"),
    )

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(80))
    valid_from: Mapped[date]
    total_limit: Mapped[int | None]
    total_day_type: Mapped[DayType | None]
    total_from: Mapped[str | None] = mapped_column(String(40))
    extended_limit: Mapped[int | None]
    delegated_limit: Mapped[int | None]
    rolls: Mapped[bool] = mapped_column(comment="a calendar limit ends on a working day")
    legal: Mapped[str | None] = mapped_column(String(300))
    confidence: Mapped[str] = mapped_column(String(4))
    joint: Mapped[dict[str, Any]] = mapped_column(
        server_default=text("'{}'"), comment="scheme → departments, where it says otherwise"
    )
    origin: Mapped[Origin] = mapped_column(server_default=text("'seeds'"))
    proposed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    signed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    published_at: Mapped[datetime | None]
    digest: Mapped[bytes | None] = mapped_column(comment="SHA-256 of what was signed")


class ProcedureStage(Base):
    """One stage of a procedure: who acts, how long, from when."""

    __tablename__ = "procedure_stage"
    __table_args__ = (
        UniqueConstraint("procedure_code", "procedure_version", "position"),
        CheckConstraint('"limit" >= 0', name="limit_not_negative"),
        CheckConstraint("investigators IN (0, 2)", name="surveyed_by_two"),
    )

    procedure_code: Mapped[str] = mapped_column(String(20), primary_key=True)
    procedure_version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[StageKind]
    owner: Mapped[str] = mapped_column(String(60))
    limit: Mapped[int]
    day_type: Mapped[DayType]
    starts_from: Mapped[str] = mapped_column(String(40))
    raises: Mapped[list[Any]] = mapped_column(comment="events that its end raises")
    after: Mapped[list[Any]] = mapped_column(comment="codes of stages that must have ended")
    papers: Mapped[list[Any]] = mapped_column(
        server_default=text("'[]'"), comment="what is needed, in words"
    )
    parallel: Mapped[bool]
    conceals: Mapped[bool] = mapped_column(comment="a notice that must not show hardship")
    investigators: Mapped[int] = mapped_column(
        server_default=text("0"),
        comment="how many must have been at the home before it may end; 0: none",
    )
    note: Mapped[str | None] = mapped_column(String(400))
    confidence: Mapped[str] = mapped_column(String(4))


class ProcedureEvent(Base):
    """What starts the clock of a stage; one from outside is raised by no stage."""

    __tablename__ = "procedure_event"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    outside: Mapped[bool]
    note: Mapped[str | None] = mapped_column(String(200))


class StageOwner(Base):
    """Who acts where a stage names an owner: the office's levels, and whose it is."""

    __tablename__ = "stage_owner"
    __table_args__ = (
        CheckConstraint("(department_code IS NULL) <> (each IS NULL)", name="one_way_to_tell"),
    )

    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    levels: Mapped[list[Any]] = mapped_column(comment="levels of region; of several, either")
    department_code: Mapped[str | None] = mapped_column(ForeignKey("department.code"))
    each: Mapped[Each | None] = mapped_column(comment="where the scheme says which")
    school: Mapped[bool] = mapped_column(comment="the office acts for schools")


class Scheme(Base):
    """One of the schemes, as the city's catalogue has it."""

    __tablename__ = "scheme"

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    short_name: Mapped[str] = mapped_column(String(20), comment="for lists: 低保, 特困 …")
    name_en: Mapped[str] = mapped_column(String(120))
    department_code: Mapped[str] = mapped_column(ForeignKey("department.code"), index=True)
    unit: Mapped[str] = mapped_column(String(30))
    kind: Mapped[str] = mapped_column(String(40))
    period: Mapped[str] = mapped_column(String(20))
    entry: Mapped[Entry]
    start: Mapped[Start]
    payer: Mapped[Payer]
    procedure_code: Mapped[str] = mapped_column(String(20))
    joint_departments: Mapped[list[Any]] = mapped_column(comment="department codes")
    data_providers: Mapped[list[Any]] = mapped_column(comment="provider codes")
    eligibility: Mapped[list[Any]] = mapped_column()
    recheck: Mapped[dict[str, Any]] = mapped_column()
    legal: Mapped[list[Any]] = mapped_column()
    amount_min_fen: Mapped[bigint | None]
    amount_max_fen: Mapped[bigint | None]
    amount_per: Mapped[str | None] = mapped_column(String(20))
    amount_basis: Mapped[str | None] = mapped_column(String(200))
    confidence: Mapped[str] = mapped_column(String(4))
    category: Mapped[str | None] = mapped_column(
        String(20), comment="hardship identity that the scheme confirms, if it does"
    )
    extra: Mapped[dict[str, Any]] = mapped_column(comment="members only some schemes have")


class DataProvider(Base):
    """An office that supplies data for checks and is not one of the departments."""

    __tablename__ = "data_provider"

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    data: Mapped[list[Any]] = mapped_column()


class CombinationRule(Base):
    """What two schemes may not, or may, do together (叠加与互斥)."""

    __tablename__ = "combination_rule"

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    first: Mapped[str] = mapped_column(String(40), comment="scheme or outside benefit")
    second: Mapped[str] = mapped_column(String(40))
    unit: Mapped[str] = mapped_column(String(20), comment="person or household")
    kind: Mapped[Combination]
    window_months: Mapped[int | None]
    key: Mapped[str | None] = mapped_column(String(40))
    note: Mapped[str | None] = mapped_column(String(300))
    confidence: Mapped[str] = mapped_column(String(4))


class Parameter(Base):
    """A number that law, the city or a county sets, from a day on, with its source.

    Which value holds somewhere is told by `relief.schemes.regional`. One published in the console
    is never changed: a trigger refuses it.
    """

    __tablename__ = "parameter"
    __table_args__ = (CheckConstraint("region_code % 1000000 = 0", name="of_a_city_or_county"),)

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    region_code: Mapped[bigint] = mapped_column(
        ForeignKey("region.code"), primary_key=True, comment="the city, or a county of its own"
    )
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    value: Mapped[Decimal] = mapped_column(Numeric(18, 4))
    unit: Mapped[str | None] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(300))
    confidence: Mapped[str] = mapped_column(String(4))
    origin: Mapped[Origin] = mapped_column(server_default=text("'seeds'"))


class Delivery(Base):
    """How often a department is to send a scheme's file, and how soon after the period."""

    __tablename__ = "delivery"
    __table_args__ = (CheckConstraint("due_days >= 0", name="due_days_not_negative"),)

    scheme_code: Mapped[str] = mapped_column(ForeignKey("scheme.code"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    every: Mapped[Rhythm]
    due_days: Mapped[int] = mapped_column(comment="days after the end of the period")
    confidence: Mapped[str] = mapped_column(String(4))


class ReminderRule(Base):
    """When somebody is told of a limit that runs out or has passed, and who (催办)."""

    __tablename__ = "reminder_rule"
    __table_args__ = (
        CheckConstraint("value >= 0", name="value_not_negative"),
        CheckConstraint("(whom = 'leader') = (level IS NOT NULL)", name="leaders_have_a_level"),
    )

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(40), comment="what the notice says")
    moment: Mapped[Moment]
    value: Mapped[Decimal] = mapped_column(Numeric(6, 4), comment="a share, or working days")
    whom: Mapped[Told]
    level: Mapped[RegionLevel | None] = mapped_column(comment="of the leaders")
    source: Mapped[str] = mapped_column(String(300))
    confidence: Mapped[str] = mapped_column(String(4))


class KinCircle(Base):
    """Who counts as a close relative of someone (近亲属); which circle holds is a parameter."""

    __tablename__ = "kin_circle"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    position: Mapped[int] = mapped_column(unique=True, comment="the value of the parameter")
    name: Mapped[str] = mapped_column(String(40))
    relations: Mapped[list[Any]] = mapped_column(comment="codes of GB/T 4761")
    source: Mapped[str] = mapped_column(String(300))
    confidence: Mapped[str] = mapped_column(String(4))


class PauseReason(Base):
    """For what the clock of a case may stand (暂停计时), and how long at most."""

    __tablename__ = "pause_reason"
    __table_args__ = (CheckConstraint("longest > 0", name="longest_positive"),)

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(40))
    longest: Mapped[int] = mapped_column(comment="calendar days")
    source: Mapped[str] = mapped_column(String(300))
    confidence: Mapped[str] = mapped_column(String(4))
