"""A draft of a procedure, until it is published or thrown away; afterwards it is kept as it was."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base
from relief.schemes.drafting.types import DraftStatus

_LIVE = "status IN ('open', 'proposed')"


class ProcedureDraft(Base):
    """What the next version of a procedure is to be; one at a time.

    Once it is published or thrown away, a trigger refuses every change.
    """

    __tablename__ = "procedure_draft"
    __table_args__ = (
        ForeignKeyConstraint(
            ["procedure_code", "base_version"], ["procedure.code", "procedure.version"]
        ),
        Index(
            "uq_procedure_draft_live",
            "procedure_code",
            unique=True,
            postgresql_where=text(_LIVE),
        ),
        CheckConstraint(
            "(status IN ('proposed', 'published')) = (proposed_by IS NOT NULL)"
            " AND (proposed_by IS NULL) = (valid_from IS NULL)"
            " AND (proposed_by IS NULL) = (proposed_at IS NULL)"
            " AND (proposed_by IS NULL) = (digest IS NULL)",
            name="proposed_whole",
        ),
        CheckConstraint(
            f"({_LIVE}) = (closed_by IS NULL) AND (closed_by IS NULL) = (closed_at IS NULL)",
            name="closed_whole",
        ),
        CheckConstraint(
            "(status = 'published') = (published_version IS NOT NULL)", name="published_whole"
        ),
        CheckConstraint(
            "status <> 'published' OR closed_by <> proposed_by AND NOT editors ? closed_by::text",
            name="four_eyes",
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    procedure_code: Mapped[str] = mapped_column(String(20))
    base_version: Mapped[int] = mapped_column(comment="which version was copied")
    content: Mapped[dict[str, Any]] = mapped_column(comment="as drafting.content has it")
    editors: Mapped[list[Any]] = mapped_column(comment="ids of the accounts that wrote any of it")
    status: Mapped[DraftStatus]
    created_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    edited_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), comment="last")
    edited_at: Mapped[datetime]
    valid_from: Mapped[date | None] = mapped_column(comment="proposed: from when it is to hold")
    digest: Mapped[bytes | None] = mapped_column(comment="SHA-256 of what is to be signed")
    proposed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime | None]
    returned_reason: Mapped[str | None] = mapped_column(
        String(400), comment="why it was last sent back"
    )
    closed_by: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("account.id"), comment="who signed it, or threw it away"
    )
    closed_at: Mapped[datetime | None]
    published_version: Mapped[int | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy's form
