"""The one table that holds identity numbers, phones, bank accounts and health data."""

import enum
import uuid
from datetime import datetime

from sqlalchemy import UniqueConstraint, column, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base, bigint


class SecretKind(enum.StrEnum):
    """What a secret value is; part of its blind index, so equal texts of two kinds differ."""

    CITIZEN_ID = "citizen_id"
    PHONE = "phone"
    BANK_ACCOUNT = "bank_account"
    HEALTH = "health"
    # What an outside register knows a thing by: a plate, a deed, the number of a booklet.
    REGISTER_KEY = "register_key"


class SecretValue(Base):
    """One distinct personal value, encrypted once, referenced by every record that has it."""

    __tablename__ = "secret_value"
    __table_args__ = (UniqueConstraint("kind", "blind_index"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[SecretKind]
    blind_index: Mapped[bytes]
    index_key_id: Mapped[bigint] = mapped_column(
        server_default=text("1"), comment="which key made blind_index"
    )
    ciphertext: Mapped[bytes]
    created_at: Mapped[datetime]


class IndexKey(Base):
    """The number of a blind-index key in use, never the key.

    The one that is current here makes every new blind index, whatever a process takes for
    current: two writers of one value thereby meet in the unique index (docs/adr/0009).
    """

    __tablename__ = "index_key"
    __table_args__ = (
        ExcludeConstraint(
            (column("is_current"), "="),
            using="btree",
            where=text("is_current"),
            name="one_current_index_key",
        ),
    )

    id: Mapped[bigint] = mapped_column(primary_key=True, autoincrement=False)
    is_current: Mapped[bool]
    since: Mapped[datetime]
