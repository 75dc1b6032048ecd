"""What is handed in with cases. A row stays when what it names is taken out; the file does not."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from relief.attachments.media.types import MediaKind
from relief.core.db import Base, bigint


class CaseEnclosure(Base):
    """A photo, recording or PDF of a case (随案材料); its id was made by whoever sent it."""

    __tablename__ = "case_enclosure"
    __table_args__ = (
        Index(
            "one_of_each_file",
            "case_id",
            "received_sha256",
            unique=True,
            postgresql_where=text("removed_at IS NULL"),
        ),
        CheckConstraint(
            "(removed_at IS NULL) = (removed_by IS NULL)"
            " AND (removed_at IS NULL) = (removed_why IS NULL)"
            " AND (removed_at IS NULL) = (file_id IS NOT NULL)",
            name="removed_whole",
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("aid_case.id"), index=True)
    kind: Mapped[MediaKind]
    title: Mapped[str] = mapped_column(String(80), comment="what it shows, for people")
    file_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("stored_file.id"), unique=True)
    received_sha256: Mapped[bytes] = mapped_column(comment="of what came; it is not kept")
    received_size: Mapped[bigint]
    width: Mapped[int | None] = mapped_column(comment="pixels, of what is kept")
    height: Mapped[int | None]
    milliseconds: Mapped[int | None] = mapped_column(comment="of a sound, as decoded")
    added_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    added_at: Mapped[datetime]
    removed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    removed_at: Mapped[datetime | None]
    removed_why: Mapped[str | None] = mapped_column(Text())
