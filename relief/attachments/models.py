"""Files that were given to us, kept whole and encrypted outside the database."""

import uuid
from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base, bigint


class StoredFile(Base):
    """One file: its plain digest and size here, its encrypted content in the storage folder."""

    __tablename__ = "stored_file"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(80))
    sha256: Mapped[bytes] = mapped_column(index=True)
    size: Mapped[bigint] = mapped_column(comment="bytes, before encryption")
    purpose: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID | None]
