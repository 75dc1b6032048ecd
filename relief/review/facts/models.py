"""What was found out in cases."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base, bigint


class CaseFact(Base):
    """One thing that was found out in a case. Only ever added to: the newest of a kind counts."""

    __tablename__ = "case_fact"
    __table_args__ = (Index(None, "case_id", "id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("aid_case.id"))
    kind_code: Mapped[str] = mapped_column(ForeignKey("fact_kind.code"))
    value: Mapped[bigint] = mapped_column(comment="fen, 1 or 0, or a whole number, by its kind")
    proof: Mapped[str] = mapped_column(Text(), comment="by which paper, visit or data it is known")
    found_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    found_at: Mapped[datetime]
