"""Which blind-index keys are in use, and which one makes new blind indexes.

The settings say which keys a process has; the database says which are used. A writer shares a
lock and takes the current number from the table; the change of the number takes the lock alone.
So after the change every value that an older key wrote is committed, and a writer that looks
under all the keys in use before it adds finds it.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from relief.core import locks
from relief.core.privacy.cipher import Cipher
from relief.core.privacy.models import IndexKey

_LOCK = "the current index key"


@dataclass(frozen=True, slots=True)
class KeysInUse:
    """The numbers of the keys in use, and of the one for new values."""

    current: int
    live: tuple[int, ...]


def for_writing(session: Session, cipher: Cipher, *, now: datetime) -> KeysInUse:
    """Return the keys to look under, and to write with until this transaction ends.

    The first writer of a database makes its own current key the database's. Raises KeyMissing.
    """
    locks.share(session, _LOCK)
    found = _read(session)
    if not found:
        # Another first writer may have named its key meanwhile; then that one counts.
        session.execute(
            insert(IndexKey)
            .values(id=cipher.current_index_key, is_current=True, since=now)
            .on_conflict_do_nothing()
        )
        found = _read(session)
    for key_id in found:
        cipher.index_key(key_id)
    current = next(key_id for key_id, is_current in found.items() if is_current)
    return KeysInUse(current, tuple(found))


def make_current(session: Session, key_id: int, *, now: datetime) -> bool:
    """Let new values be found by this key from the end of the transaction on.

    Returns False, and changes nothing, while a writer is at work with the present one.
    """
    if _read(session).get(key_id):
        return True
    if not locks.try_hold(session, _LOCK):
        return False
    session.execute(update(IndexKey).values(is_current=False).where(IndexKey.is_current))
    session.execute(
        insert(IndexKey)
        .values(id=key_id, is_current=True, since=now)
        .on_conflict_do_update(index_elements=[IndexKey.id], set_={"is_current": True})
    )
    return True


def retire(session: Session, used: set[int]) -> list[int]:
    """Forget the keys that nothing is found by any more, and return their numbers."""
    return list(
        session.scalars(
            delete(IndexKey)
            .where(IndexKey.is_current.is_(False), IndexKey.id.not_in(used))
            .returning(IndexKey.id)
        )
    )


def _read(session: Session) -> dict[int, bool]:
    rows = session.execute(select(IndexKey.id, IndexKey.is_current).order_by(IndexKey.id))
    return {row.id: row.is_current for row in rows}
