"""Brings what was read of a register's file into the database, in the caller's transaction."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy.orm import Session

from relief.core.privacy.cipher import Cipher
from relief.core.privacy.models import SecretKind
from relief.registers.intake.child import ENTRIES, REJECTS
from relief.registers.types import Register
from relief.registry.intake.loading import copy_csv, put_column, with_constants

# Column in clear → kind. Numbers are put together, so that spouses meet in one row.
_SECRETS: Mapping[str, SecretKind] = {
    "number": SecretKind.CITIZEN_ID,
    "other_number": SecretKind.CITIZEN_ID,
    "account": SecretKind.BANK_ACCOUNT,
    "entry_key": SecretKind.REGISTER_KEY,
    "group": SecretKind.REGISTER_KEY,
}


def load(
    session: Session,
    folder: Path,
    batch_id: uuid.UUID,
    register: Register,
    *,
    cipher: Cipher,
    now: datetime,
) -> None:
    """Copy the entries and the rejected rows; personal values become their ids."""
    of_batch = {"batch_id": batch_id.hex}
    rejects = pq.read_table(folder / REJECTS)
    copy_csv(session, "register_rejected_row", with_constants(rejects, of_batch))
    entries = pq.read_table(folder / ENTRIES)
    for name, kind in _SECRETS.items():
        ids = put_column(session, cipher, kind, entries.column(name), now=now)
        place = entries.column_names.index(name)
        entries = entries.set_column(place, pa.field(f"{name}_id", pa.string()), ids)
    constants = of_batch | {"register": register.value}
    copy_csv(session, "register_entry", with_constants(entries, constants))
