"""What the registry holds to be true now: people, households, and their aid.

All of it follows from the live source identities (relief.registry.merging), so taking a
batch back and merging again gives exactly what was there before. Former states are in
`row_version`.
"""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, DATEMULTIRANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base, bigint
from relief.registry.types import Category, ReviewKind


class Household(Base):
    """One household in hardship (困难户), as merged from the departments' records."""

    __tablename__ = "household"
    __table_args__ = (
        Index(None, "region_code", "id"),
        Index(None, "category", "region_code", "id"),
        Index(
            "ix_household_address_trigram",
            "address",
            postgresql_using="gin",
            postgresql_ops={"address": "gin_trgm_ops"},
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True, comment="for people: 户编号")
    county_code: Mapped[int]
    region_code: Mapped[bigint]
    address: Mapped[str | None] = mapped_column(String(200))
    householder_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    householder_name: Mapped[str] = mapped_column(String(80))
    phone: Mapped[uuid.UUID | None] = mapped_column(index=True)
    member_count: Mapped[int]
    category: Mapped[Category]
    origins: Mapped[dict[str, Any]] = mapped_column(comment="field → source identity")
    merged_at: Mapped[datetime]


class HouseholdCounter(Base):
    """The last running number given to a household of a county; none is ever given twice."""

    __tablename__ = "household_counter"

    county_code: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Person(Base):
    """One person, with the winning value of each field (relief.registry.merging)."""

    __tablename__ = "person"
    __table_args__ = (
        Index(None, "name_key", "id"),
        Index(None, "region_code", "id"),
        # Names are searched by one or two of their characters, of which trigrams know nothing.
        Index(
            "ix_person_name_characters",
            text("string_to_array(name_key, NULL)"),
            postgresql_using="gin",
        ),
        Index("ix_person_name_sounds", "name_sounds", postgresql_using="gin"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    county_code: Mapped[int]
    region_code: Mapped[bigint]
    home_region_code: Mapped[bigint] = mapped_column(
        comment="of the household, else the person's own"
    )
    name: Mapped[str] = mapped_column(String(80))
    name_key: Mapped[str] = mapped_column(String(80))
    name_sounds: Mapped[list[str]] = mapped_column(
        ARRAY(Text()),
        server_default=text("'{}'"),
        comment="keys by which the name is found when typed in letters (core.pinyin)",
    )
    citizen_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    sex: Mapped[str | None] = mapped_column(String(1))
    born_on: Mapped[date | None]
    ethnicity: Mapped[str | None] = mapped_column(String(2))
    marital: Mapped[str | None] = mapped_column(String(2))
    phone: Mapped[uuid.UUID | None] = mapped_column(index=True)
    account: Mapped[uuid.UUID | None] = mapped_column(index=True)
    health: Mapped[uuid.UUID | None] = mapped_column(index=True)
    address: Mapped[str | None] = mapped_column(String(200))
    died_on: Mapped[date | None]
    origins: Mapped[dict[str, Any]] = mapped_column(comment="field → source identity")
    merged_at: Mapped[datetime]


class Membership(Base):
    """A person in a household; a person is in one household at a time."""

    __tablename__ = "membership"
    __table_args__ = (Index(None, "home_region_code", "household_id"),)

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    household_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("household.id"), index=True)
    county_code: Mapped[int]
    home_region_code: Mapped[bigint] = mapped_column(
        comment="of the household, else the person's own"
    )
    relation: Mapped[str | None] = mapped_column(String(2), comment="与户主关系, GB/T 4761")
    source_id: Mapped[uuid.UUID | None] = mapped_column(comment="source identity that says so")


class Enrolment(Base):
    """A person's place in a scheme (在册情况), as the departments' records show it."""

    __tablename__ = "enrolment"
    __table_args__ = (
        UniqueConstraint("person_id", "scheme_code"),
        Index(None, "scheme_code", "home_region_code", "household_id"),  # pages of one scheme
        Index(None, "household_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    scheme_code: Mapped[str] = mapped_column(String(8))
    department_code: Mapped[str] = mapped_column(String(8))
    county_code: Mapped[int]
    home_region_code: Mapped[bigint] = mapped_column(
        comment="of the household, else the person's own"
    )
    # No foreign key: the merge that writes the person writes this too, in one transaction, and each
    # night again. Checking these rows and the yearly sums one by one took a quarter of its time.
    person_id: Mapped[uuid.UUID]
    household_id: Mapped[uuid.UUID] = mapped_column(comment="the person's, by membership")
    first_on: Mapped[date | None]
    last_on: Mapped[date | None]
    record_count: Mapped[int]
    total_fen: Mapped[bigint]
    last_fen: Mapped[bigint | None] = mapped_column(comment="amount of the latest period")
    spells: Mapped[Sequence[Range[date]]] = mapped_column(
        DATEMULTIRANGE(),
        server_default=text("'{}'"),
        comment="days that the records cover, each from … inclusive to … exclusive",
    )
    ended_on: Mapped[date | None] = mapped_column(comment="since when a source says they have left")
    ended_by: Mapped[uuid.UUID | None] = mapped_column(comment="the batch that says so")


class AidYear(Base):
    """What one person got from one scheme in one year (救助统计), never counted in a request.

    The months are kept in as little as says them all (`relief.registry.queries.months`).
    """

    __tablename__ = "aid_year"
    __table_args__ = (Index(None, "household_id", "year"),)

    # No foreign key, as in `enrolment`.
    person_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    scheme_code: Mapped[str] = mapped_column(String(8), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    household_id: Mapped[uuid.UUID] = mapped_column(comment="the person's, by membership")
    county_code: Mapped[int]
    home_region_code: Mapped[bigint] = mapped_column(
        comment="of the household, else the person's own"
    )
    times: Mapped[int]
    amount_fen: Mapped[bigint]
    months: Mapped[int] = mapped_column(
        SmallInteger, server_default=text("0"), comment="which had aid: bit 0 is January"
    )
    month_times: Mapped[list[int] | None] = mapped_column(
        ARRAY(Integer), comment="aids in each of `months`; empty: one in each"
    )
    month_fen: Mapped[list[int] | None] = mapped_column(
        ARRAY(BigInteger), comment="fen in each of `months`; empty: the same in each"
    )


class RegionAid(Base):
    """What came from one scheme in one year to a region and all below it (救助统计).

    Every level has its rows, from the village to the city: no request adds up a subtree.
    """

    __tablename__ = "region_aid"
    __table_args__ = (
        CheckConstraint(
            "cardinality(times) = 12 AND cardinality(amount_fen) = 12", name="twelve_months"
        ),
    )

    region_code: Mapped[bigint] = mapped_column(primary_key=True, autoincrement=False)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    scheme_code: Mapped[str] = mapped_column(String(8), primary_key=True)
    persons: Mapped[int] = mapped_column(comment="who got anything in the year")
    times: Mapped[list[int]] = mapped_column(ARRAY(Integer), comment="aids of each month")
    amount_fen: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), comment="of each month")


class IdentityRegistry(Base):
    """The only city-wide uniqueness: one valid identity number, one person.

    A person may hold two, where a steward decided so and only there.
    """

    __tablename__ = "identity_registry"

    citizen_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("secret_value.id"), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    county_code: Mapped[int]


class AbsentPerson(Base):
    """Who had a number that nobody has now, because the files that said so were taken back.

    Should number and name come back, what hangs on the person that had them goes to who has them.
    """

    __tablename__ = "absent_person"

    citizen_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("secret_value.id"), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(index=True, comment="no row of person any more")
    name_key: Mapped[str] = mapped_column(String(80))
    absent_since: Mapped[datetime]


class LinkReview(Base):
    """A question to a steward (人工核对): are these records the same person or not.

    Found again by each merge under the same natural key; closed when its cause is gone.
    """

    __tablename__ = "link_review"
    __table_args__ = (
        Index(
            "uq_link_review_open",
            "kind",
            "key",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
        ),
        # The queue goes along it, newest first, however many were closed since.
        Index("ix_link_review_queue", "id", postgresql_where=text("closed_at IS NULL")),
        Index(None, "region_code", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[ReviewKind]
    key: Mapped[str] = mapped_column(String(160), comment="the two things compared, by their ids")
    county_code: Mapped[int]
    region_code: Mapped[bigint]
    person_id: Mapped[uuid.UUID | None] = mapped_column(comment="the person that holds the number")
    other_id: Mapped[uuid.UUID | None] = mapped_column(comment="the person left apart")
    identity_id: Mapped[uuid.UUID] = mapped_column(comment="a source identity left apart")
    evidence: Mapped[dict[str, Any]] = mapped_column()
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    act_id: Mapped[uuid.UUID | None] = mapped_column(comment="the decision that answered it")
