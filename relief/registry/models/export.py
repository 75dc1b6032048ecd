"""What staff take away (导出): the order, its file, and which households stand in it."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base, bigint
from relief.registry.types import ExportForm


class Export(Base):
    """One list that someone asked for as a file, and what became of it.

    It is made with the scope that the asker had when asking and has still when it is made.
    """

    __tablename__ = "export"
    __table_args__ = (Index(None, "account_id", "id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID]
    form: Mapped[ExportForm]
    purpose: Mapped[str] = mapped_column(String(20))
    remark: Mapped[str | None] = mapped_column(String(150))
    criteria: Mapped[bytes | None] = mapped_column(
        comment="sealed: what the list was narrowed to; names and numbers stand in it"
    )
    told: Mapped[dict[str, Any]] = mapped_column(
        comment="region, scheme and category, and by which fields was searched"
    )
    ranges: Mapped[list[Any]] = mapped_column(comment="the regions of the asker when asking")
    department_code: Mapped[str | None] = mapped_column(
        String(8), comment="the asker's, if that is all they see"
    )
    most: Mapped[bigint] = mapped_column(comment="rows that the role may take")
    task_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("task.id"))
    asked_at: Mapped[datetime]
    file_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("stored_file.id"), comment="none: not made yet, or expired"
    )
    row_count: Mapped[bigint | None]
    made_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    fetched_at: Mapped[datetime | None] = mapped_column(comment="last")


class ExportHousehold(Base):
    """A household that stands in a file, for the scope of the download and for who looked."""

    __tablename__ = "export_household"

    export_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("export.id", ondelete="CASCADE"), primary_key=True
    )
    household_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID | None] = mapped_column(comment="the householder, who is named")
    region_code: Mapped[bigint]
