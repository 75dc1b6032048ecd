"""Papers that were issued. Never changed."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base
from relief.review.papers.types import PaperKind


class CasePaper(Base):
    """A paper (文书) of a case, with its words and their digest (SHA-256, hexadecimal)."""

    __tablename__ = "case_paper"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("aid_case.id"), index=True)
    kind: Mapped[PaperKind]
    number: Mapped[str] = mapped_column(String(32), unique=True, comment="for people: 文书编号")
    code: Mapped[str] = mapped_column(String(16), comment="with the number, proves it: 核验码")
    words: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(String(64))
    issuer: Mapped[str] = mapped_column(String(120), comment="the office: public with the number")
    issued_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    issued_at: Mapped[datetime]
