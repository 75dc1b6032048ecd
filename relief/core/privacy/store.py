"""Puts distinct personal values into `secret_value`, and takes them out again."""

import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, CursorResult, Uuid, any_, func, literal, select, text
from sqlalchemy.orm import Session

from relief.core.db import driver
from relief.core.ids import new_id
from relief.core.privacy import index_keys
from relief.core.privacy.cipher import Cipher
from relief.core.privacy.models import IndexKey, SecretKind, SecretValue


def put_many(
    session: Session, cipher: Cipher, kind: SecretKind, values: Collection[str], *, now: datetime
) -> dict[str, uuid.UUID]:
    """Return the row id of each distinct value, adding those that are new.

    Two COPYs and a few statements, however many values. Two writers with the same new value
    end with the same row: the unique blind index decides, also while its key is being changed
    (`index_keys`). Raises KeyMissing.
    """
    texts = list(set(values))
    if not texts:
        return {}
    keys = index_keys.for_writing(session, cipher, now=now)
    indexes = {
        key_id: [cipher.blind_index(kind, value, key_id=key_id) for value in texts]
        for key_id in keys.live
    }
    _bring_in(session, indexes.values())
    known = _known(session, kind)
    fresh = [place for place in range(len(texts)) if place not in known]
    if fresh:
        ids = {place: new_id(now) for place in fresh}
        with _copy(session, "id, blind_index, ciphertext", ["uuid", "bytea", "bytea"]) as write:
            fresh_indexes = indexes[keys.current]
            for place, row_id in ids.items():
                write((row_id, fresh_indexes[place], cipher.seal(texts[place], row_id=row_id)))
        added = session.execute(
            text(
                "INSERT INTO secret_value"
                " (id, kind, blind_index, index_key_id, ciphertext, created_at)"
                " SELECT id, :kind, blind_index, :key, ciphertext, :now FROM incoming_secret"
                " WHERE id IS NOT NULL ORDER BY blind_index"
                " ON CONFLICT (kind, blind_index) DO NOTHING"
            ),
            {"kind": kind.value, "key": keys.current, "now": now},
        )
        assert isinstance(added, CursorResult)  # noqa: S101  # narrows for the type checker
        # Fewer rows than values: another writer was first with some of them.
        known |= ids if added.rowcount == len(fresh) else _known(session, kind)
    return {value: known[place] for place, value in enumerate(texts)}


def find(session: Session, cipher: Cipher, kind: SecretKind, value: str) -> uuid.UUID | None:
    """Return the row id of a value that is already stored, for a search by it.

    One statement, so that a value whose key is being changed is seen under one key or the
    other. Raises KeyMissing where a value may be stored under a key that is not here.
    """
    indexes = [cipher.blind_index(kind, value, key_id=key_id) for key_id in cipher.index_keys]
    stored = select(SecretValue.id).where(
        SecretValue.kind == kind, SecretValue.blind_index.in_(indexes)
    )
    live = select(func.array_agg(IndexKey.id))
    found = session.execute(select(live.scalar_subquery(), stored.scalar_subquery())).one()
    for key_id in found[0] or ():
        cipher.index_key(key_id)
    row_id: uuid.UUID | None = found[1]
    return row_id


def reveal(
    session: Session, cipher: Cipher, ids: Iterable[uuid.UUID | None]
) -> Mapping[uuid.UUID, str]:
    """Return the plain values of some rows, in one query. Callers mask or audit."""
    wanted = {row_id for row_id in ids if row_id is not None}
    if not wanted:
        return {}
    rows = session.execute(
        select(SecretValue.id, SecretValue.ciphertext).where(
            # One array, however many: an export asks for thousands at once.
            SecretValue.id == any_(literal(list(wanted), ARRAY(Uuid())))
        )
    )
    return {row_id: cipher.open(bytes(envelope), row_id=row_id) for row_id, envelope in rows}


def _bring_in(session: Session, indexes: Iterable[Sequence[bytes]]) -> None:
    """Lay the blind indexes by each key into a temporary table, each with its value's place."""
    session.execute(
        text(
            "CREATE TEMPORARY TABLE IF NOT EXISTS incoming_secret"
            " (place int, id uuid, blind_index bytea, ciphertext bytea) ON COMMIT DROP"
        )
    )
    session.execute(text("TRUNCATE incoming_secret"))
    with _copy(session, "place, blind_index", ["int4", "bytea"]) as write:
        for by_one_key in indexes:
            for row in enumerate(by_one_key):
                write(row)


@contextmanager
def _copy(session: Session, columns: str, types: list[str]) -> Iterator[Callable[[Any], None]]:
    statement = f"COPY incoming_secret ({columns}) FROM STDIN (FORMAT binary)".encode()
    with driver(session).cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(types)
        yield copy.write_row


def _known(session: Session, kind: SecretKind) -> dict[int, uuid.UUID]:
    """Return place → row id of those values brought in that are stored."""
    with driver(session).cursor(binary=True) as cursor:
        cursor.execute(
            "SELECT i.place, s.id FROM incoming_secret i JOIN secret_value s"
            " ON s.kind = %s AND s.blind_index = i.blind_index WHERE i.place IS NOT NULL",
            [kind.value],
        )
        return dict(cursor.fetchall())
