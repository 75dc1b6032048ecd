"""The city: its regions, departments, code tables and working days. All loaded from seeds."""

import enum
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base, bigint


class RegionLevel(enum.StrEnum):
    """The four levels, and zones that stand beside them."""

    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"


class Region(Base):
    """One region (区划) by its 12-digit statistical code; its subtree is `[code, code_end)`."""

    __tablename__ = "region"
    __table_args__ = (CheckConstraint("code_end > code", name="range"),)

    code: Mapped[bigint] = mapped_column(primary_key=True, autoincrement=False)
    code_end: Mapped[bigint]
    name: Mapped[str] = mapped_column(String(80))
    full_name: Mapped[str] = mapped_column(String(200), comment="from county to here")
    level: Mapped[RegionLevel]
    parent_code: Mapped[bigint | None] = mapped_column(ForeignKey("region.code"), index=True)
    year: Mapped[int] = mapped_column(comment="edition of the statistical codes")


class NumberDivision(Base):
    """A division (GB/T 2260), of today or of former days, with which identity numbers may begin.

    A number is never changed, so the code of a county that was abolished long ago still counts.
    """

    __tablename__ = "number_division"

    code: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, comment="six digits")
    name: Mapped[str] = mapped_column(String(80), comment="the last that it had")


class FunctionalZone(Base):
    """A zone without a statutory code (功能区): a set of townships under a statutory parent."""

    __tablename__ = "functional_zone"

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    statutory_parent: Mapped[bigint] = mapped_column(ForeignKey("region.code"))
    source: Mapped[str] = mapped_column(String(200))
    confidence: Mapped[str] = mapped_column(String(4))


class FunctionalZonePart(Base):
    """One region that belongs to a zone."""

    __tablename__ = "functional_zone_part"

    zone_code: Mapped[str] = mapped_column(ForeignKey("functional_zone.code"), primary_key=True)
    region_code: Mapped[bigint] = mapped_column(ForeignKey("region.code"), primary_key=True)


class Department(Base):
    """One of the departments that give aid (部门)."""

    __tablename__ = "department"

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    abbreviation: Mapped[str] = mapped_column(String(8), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120))
    statutory_manager: Mapped[bool] = mapped_column(comment="named in 社会救助法 art 4")
    role: Mapped[str] = mapped_column(String(200))
    sees_all_households: Mapped[bool] = mapped_column(comment="civil affairs: design decision 7")


class CodeEntry(Base):
    """One entry of a code table, such as sex 1 男 of GB/T 2261.1."""

    __tablename__ = "code_entry"

    table: Mapped[str] = mapped_column(String(40), primary_key=True)
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    standard: Mapped[str] = mapped_column(String(80))
    confidence: Mapped[str] = mapped_column(String(4))


class DayKind(enum.StrEnum):
    """Why a day differs from the plain week."""

    HOLIDAY = "holiday"
    MAKEUP = "makeup"


class CalendarDay(Base):
    """A day that the State Council took off or made a working day (节假日, 调休)."""

    __tablename__ = "calendar_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[DayKind]
    name: Mapped[str] = mapped_column(String(40))


class CalendarYear(Base):
    """A year whose holidays have been announced: only then a due date in it is certain."""

    __tablename__ = "calendar_year"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(String(200))
