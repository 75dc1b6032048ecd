"""The answers to repeated requests as a holder of sealed values."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relief.core.privacy.holders import IN_CLEAR, Keys, KeyUse, SealedColumn, Step
from relief.web.idempotency import bound
from relief.web.models import IdempotencyRecord

_SEALED = SealedColumn(IdempotencyRecord.sealed, bound)


class Answers:
    """Sealed answers, and those kept in the clear from before answers were sealed."""

    name = _SEALED.name
    columns = _SEALED.columns

    def usage(self, session: Session, keys: Keys) -> Mapping[KeyUse, int]:
        """Count the answers under each key, and those in the clear."""
        clear = session.scalar(
            select(func.count())
            .select_from(IdempotencyRecord)
            .where(IdempotencyRecord.sealed.is_(None))
        )
        return {**_SEALED.usage(session, keys), **({IN_CLEAR: clear} if clear else {})}

    def turn(self, session: Session, keys: Keys, *, after: Any, limit: int) -> Step:
        """Seal what is in the clear, then turn the rest."""
        if after is None and (sealed := _seal_clear(session, keys, limit)):
            return Step(sealed, ())
        return _SEALED.turn(session, keys, after=after or None, limit=limit)


def _seal_clear(session: Session, keys: Keys, limit: int) -> int:
    records = session.scalars(
        select(IdempotencyRecord)
        .where(IdempotencyRecord.sealed.is_(None))
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for record in records:
        plain = json.dumps(record.body, ensure_ascii=False).encode()
        associated = bound(record.actor_id, record.key)
        record.sealed = keys.cipher.seal_bytes(plain, associated=associated)
        record.body = None
    session.flush()
    return len(records)
