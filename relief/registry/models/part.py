"""What lets a merge work out a part of the registry alone (relief.registry.merging.reach)."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base, bigint


class LinkPart(Base):
    """People and households that have a say in each other, and by what others would join them.

    Closed: nothing outside a part changes who is who in it, until something new has one of its
    keys. The keys are digests under the key of the blind index, and tell nothing without it.
    """

    __tablename__ = "link_part"
    __table_args__ = (
        Index(
            "ix_link_part_keys",
            "keys",
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    keys: Mapped[Sequence[int]] = mapped_column(ARRAY(BigInteger))
    ties: Mapped[list[Any]] = mapped_column(
        comment="[identity, identity, weight] of each pair that comparing found"
    )


class MergeBasis(Base):
    """What the registry was worked out by, beside the files and decisions; one row.

    If it is another by now (a new program, specification, authority order, catalogue or key),
    the next merge works out everything.
    """

    __tablename__ = "merge_basis"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    basis: Mapped[str] = mapped_column(String(64), comment="SHA-256, hex")
    whole_at: Mapped[datetime] = mapped_column(comment="when everything was last worked out")


class NewestRecord(Base):
    """Until when each scheme's files of what was paid speak."""

    __tablename__ = "newest_record"

    scheme_code: Mapped[str] = mapped_column(String(8), primary_key=True)
    last_on: Mapped[date]


class CrowdedBlock(Base):
    """A block of descriptions that was too big to compare when everything was last worked out."""

    __tablename__ = "crowded_block"

    key: Mapped[bigint] = mapped_column(
        primary_key=True, autoincrement=False, comment="a digest, as in link_part.keys"
    )
