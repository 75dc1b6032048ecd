"""The account of an openid."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from relief.bindings import presenting
from relief.bindings.holding import KIND
from relief.bindings.models import MiniAccount
from relief.core.ids import new_id
from relief.core.privacy import index_keys
from relief.core.privacy.cipher import Cipher


def account_of(
    session: Session, *, openid: str, cipher: Cipher, now: datetime, also: Sequence[bytes] = ()
) -> tuple[MiniAccount, bool]:
    """Return the locked account of an openid, made when it is new, and whether it is new.

    Two sign-ins of a new openid at once end with one account: the unique index decides, also
    while its key is being changed. `also`: digests to be seen beside. Raises KeyMissing.
    """
    keys = index_keys.for_writing(session, cipher, now=now)
    indexes = {key: cipher.blind_index(KIND, openid, key_id=key) for key in keys.live}
    presenting.show(session, [*indexes.values(), *also])
    found = _find(session, list(indexes.values()))
    if found is not None:
        return found, False
    account_id = new_id(now)
    made = session.scalar(
        insert(MiniAccount)
        .values(
            id=account_id,
            openid_index=indexes[keys.current],
            index_key_id=keys.current,
            openid=cipher.seal(openid, row_id=account_id),
            signed_in_at=now,
            created_at=now,
        )
        .on_conflict_do_nothing()
        .returning(MiniAccount.id)
    )
    account = _find(session, list(indexes.values()))
    assert account is not None  # noqa: S101  # this transaction or another one has made it
    return account, made is not None


def openid_of(session: Session, *, account_id: uuid.UUID, cipher: Cipher) -> str:
    """Return the openid of an account, for a call to WeChat; it is never sent to a phone."""
    account = session.get_one(MiniAccount, account_id)
    return cipher.open(account.openid, row_id=account.id)


def _find(session: Session, indexes: Sequence[bytes]) -> MiniAccount | None:
    return session.scalars(
        select(MiniAccount).where(MiniAccount.openid_index.in_(indexes)).with_for_update()
    ).one_or_none()
