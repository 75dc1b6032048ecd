"""The one table that holds identity numbers, phones, bank accounts and health data."""

import enum
import uuid
from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base


class SecretKind(enum.StrEnum):
    """What a secret value is; part of its blind index, so equal texts of two kinds differ."""

    CITIZEN_ID = "citizen_id"
    PHONE = "phone"
    BANK_ACCOUNT = "bank_account"
    HEALTH = "health"


class SecretValue(Base):
    """One distinct personal value, encrypted once, referenced by every record that has it."""

    __tablename__ = "secret_value"
    __table_args__ = (UniqueConstraint("kind", "blind_index"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[SecretKind]
    blind_index: Mapped[bytes]
    ciphertext: Mapped[bytes]
    created_at: Mapped[datetime]
