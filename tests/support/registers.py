"""Entries of outside registers in the database, without reading any file."""

import itertools
import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from relief.core.ids import new_id
from relief.core.privacy import store
from relief.core.privacy.cipher import Cipher
from relief.core.privacy.models import SecretKind
from relief.registers.models import RegisterBatch, StoredEntry
from relief.registers.types import Content, Register, RegisterBatchStatus, State

_files = itertools.count()


def deliver(
    session: Session,
    cipher: Cipher,
    register: Register,
    *rows: dict[str, Any],
    now: datetime,
    day: date | None = None,
    content: Content = Content.WHOLE,
) -> uuid.UUID:
    """Load one batch of a register with these entries; return its id.

    A row has the columns of `StoredEntry`, and in clear: `number` (18 characters; or
    `number_id`), `key` (what the entry is of; the number, if not given), `group`, `account`,
    `other_number`. `state` is valid and `name` invented, if not given. A marriage is two rows.
    """
    batch_id = new_id(now)
    session.add(
        RegisterBatch(
            id=batch_id, register=register, department_code="D01", layout="R00@1",
            content=content, file_name="test.csv", sha256=b"%d" % next(_files),
            status=RegisterBatchStatus.LOADED, received=len(rows), loaded=len(rows), rejected=0,
            data_on=day or now.date(), created_at=now,
        )
    )  # fmt: skip
    session.flush()

    def keep(row: dict[str, Any], column: str, kind: SecretKind) -> None:
        if (value := row.pop(column, None)) is not None:
            row[f"{column}_id"] = store.put_many(session, cipher, kind, [value], now=now)[value]

    for place, given in enumerate(rows, start=2):
        row = {"state": State.VALID, "name": "某某", "side": 0, "removed": False} | given
        thing = row.get("key") or row.get("number") or row["number_id"]
        row["entry_key"] = f"{register}|{thing}|{row['side']}"
        row.pop("key", None)
        keep(row, "entry_key", SecretKind.REGISTER_KEY)
        keep(row, "group", SecretKind.REGISTER_KEY)
        keep(row, "account", SecretKind.BANK_ACCOUNT)
        keep(row, "number", SecretKind.CITIZEN_ID)
        keep(row, "other_number", SecretKind.CITIZEN_ID)
        row.setdefault("row_number", place)
        session.add(StoredEntry(batch_id=batch_id, register=register, **row))
    session.flush()
    return batch_id
