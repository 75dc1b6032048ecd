"""Puts distinct personal values into `secret_value`, and takes them out again."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from relief.core.db import driver
from relief.core.ids import new_id
from relief.core.privacy.cipher import Cipher
from relief.core.privacy.models import SecretKind, SecretValue


def put_many(
    session: Session, cipher: Cipher, kind: SecretKind, values: Collection[str], *, now: datetime
) -> dict[str, uuid.UUID]:
    """Return the row id of each distinct value, adding those that are new.

    One COPY and two statements, however many values. Two writers with the same new value
    end with the same row: the unique blind index decides.
    """
    index_of = {value: cipher.blind_index(kind, value) for value in set(values)}
    if not index_of:
        return {}
    session.execute(
        text(
            "CREATE TEMPORARY TABLE IF NOT EXISTS incoming_secret"
            " (id uuid, blind_index bytea, ciphertext bytea) ON COMMIT DROP"
        )
    )
    session.execute(text("TRUNCATE incoming_secret"))
    known = _known(session, kind, index_of.values())
    fresh = [(value, index) for value, index in index_of.items() if index not in known]
    if fresh:
        with (
            driver(session).cursor() as cursor,
            cursor.copy("COPY incoming_secret FROM STDIN (FORMAT binary)") as copy,
        ):
            copy.set_types(["uuid", "bytea", "bytea"])
            for value, index in fresh:
                row_id = new_id(now)
                copy.write_row((row_id, index, cipher.seal(value, row_id=row_id)))
        session.execute(
            text(
                "INSERT INTO secret_value (id, kind, blind_index, ciphertext, created_at)"
                " SELECT id, :kind, blind_index, ciphertext, :now FROM incoming_secret"
                " ORDER BY blind_index ON CONFLICT (kind, blind_index) DO NOTHING"
            ),
            {"kind": kind.value, "now": now},
        )
        known |= _known(session, kind, [index for _, index in fresh])
    return {value: known[index] for value, index in index_of.items()}


def find(session: Session, cipher: Cipher, kind: SecretKind, value: str) -> uuid.UUID | None:
    """Return the row id of a value that is already stored, for a search by it."""
    return session.scalar(
        select(SecretValue.id).where(
            SecretValue.kind == kind, SecretValue.blind_index == cipher.blind_index(kind, value)
        )
    )


def reveal(
    session: Session, cipher: Cipher, ids: Iterable[uuid.UUID | None]
) -> Mapping[uuid.UUID, str]:
    """Return the plain values of some rows, in one query. Callers mask or audit."""
    wanted = {row_id for row_id in ids if row_id is not None}
    if not wanted:
        return {}
    rows = session.execute(
        select(SecretValue.id, SecretValue.ciphertext).where(SecretValue.id.in_(wanted))
    )
    return {row_id: cipher.open(bytes(envelope), row_id=row_id) for row_id, envelope in rows}


def _known(session: Session, kind: SecretKind, indexes: Iterable[bytes]) -> dict[bytes, uuid.UUID]:
    """Look up many blind indexes at once, through an array: one statement."""
    rows = session.execute(
        select(SecretValue.blind_index, SecretValue.id).where(
            SecretValue.kind == kind,
            SecretValue.blind_index == text("ANY(:indexes)").bindparams(indexes=list(indexes)),
        )
    )
    return {bytes(index): row_id for index, row_id in rows}
