"""The fingerprints of loaded rows: they hang on the index key, one batch at a time.

A batch says which key made its fingerprints, so its rows and that number change in one
transaction, and an import that looks for known rows sees the whole batch by one key or the other.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from relief.core.db import driver
from relief.core.privacy.cipher import Cipher
from relief.core.privacy.holders import Keys, KeyUse, Step, Use
from relief.registry.intake import fingerprints
from relief.registry.models import ImportBatch

_ROWS = 100_000


class RecordFingerprints:
    """What repeated rows are known by."""

    name = "source_record"
    columns: frozenset[tuple[str, str]] = frozenset()

    def usage(self, session: Session, keys: Keys) -> Mapping[KeyUse, int]:  # noqa: ARG002
        """Count the rows under each key, by their batches."""
        counts = session.execute(
            select(ImportBatch.fingerprint_key_id, func.sum(ImportBatch.loaded))
            .where(ImportBatch.fingerprint_key_id.is_not(None))
            .group_by(ImportBatch.fingerprint_key_id)
        )
        return {(Use.INDEX, key_id): int(count) for key_id, count in counts if key_id}

    def turn(self, session: Session, keys: Keys, *, after: Any, limit: int) -> Step:  # noqa: ARG002
        """Turn the rows of the next batch."""
        cipher = keys.cipher
        batch = session.scalars(
            select(ImportBatch)
            .where(
                ImportBatch.fingerprint_key_id != cipher.current_index_key,
                ImportBatch.id > (after or uuid.UUID(int=0)),
            )
            .order_by(ImportBatch.id)
            .limit(1)
            .with_for_update(skip_locked=True, key_share=True)
        ).one_or_none()
        if batch is None:
            return Step(0, None)
        assert batch.fingerprint_key_id is not None  # noqa: S101  # the query asks for one
        session.execute(text("SET LOCAL statement_timeout = 0"))
        _turn_rows(session, cipher, batch.id, batch.fingerprint_key_id)
        batch.fingerprint_key_id = cipher.current_index_key
        session.flush()
        return Step(batch.loaded, batch.id)


def _turn_rows(session: Session, cipher: Cipher, batch_id: uuid.UUID, old: int) -> None:
    """Read, turn and write the fingerprints of one batch, a hundred thousand at a time."""
    new, last = cipher.current_index_key, -1
    with driver(session).cursor(binary=True) as cursor:
        while True:
            cursor.execute(
                "SELECT row_number, fingerprint FROM source_record WHERE batch_id = %s"
                " AND row_number > %s ORDER BY row_number LIMIT %s",
                [batch_id, last, _ROWS],
            )
            rows = cursor.fetchall()
            if not rows:
                return
            numbers, prints = zip(*rows, strict=True)
            plain = b"".join(one.bytes for one in prints)
            turned = fingerprints.turned(cipher, plain, old=old, new=new)
            size = fingerprints.SIZE
            fresh = [uuid.UUID(bytes=turned[at : at + size]) for at in range(0, len(turned), size)]
            cursor.execute(
                "UPDATE source_record r SET fingerprint = n.fingerprint"
                " FROM unnest(%s::int[], %s::uuid[]) AS n (row_number, fingerprint)"
                " WHERE r.batch_id = %s AND r.row_number = n.row_number",
                [list(numbers), fresh, batch_id],
            )
            last = numbers[-1]
