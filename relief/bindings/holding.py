"""The openids and session keys as holders of sealed values."""

import uuid
from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from relief.bindings.models import MiniAccount
from relief.core.privacy.holders import Keys, KeyUse, SealedColumn, Step, Use, data_key_of

KIND = "wechat_openid"  # part of the keyed index, so that equal texts of two kinds differ


def session_key_bound(account_id: uuid.UUID) -> bytes:
    """Return what a sealed session key is bound to."""
    return b"mini_session_key|" + account_id.bytes


SESSION_KEYS = SealedColumn(MiniAccount.session_key, session_key_bound)


class Openids:
    """Openids: their envelope and the index they are found by, turned together."""

    name = "mini_account.openid"
    columns = frozenset({("mini_account", "openid")})

    def usage(self, session: Session, keys: Keys) -> Mapping[KeyUse, int]:  # noqa: ARG002
        """Count the openids under each key; each counts under two, of data and of index."""
        data, index = data_key_of(MiniAccount.openid), MiniAccount.index_key_id
        found: Counter[KeyUse] = Counter()
        counts = session.execute(select(data, index, func.count()).group_by(data, index))
        for data_key, index_key, count in counts:
            found[Use.DATA, data_key] += count
            found[Use.INDEX, index_key] += count
        return found

    def turn(self, session: Session, keys: Keys, *, after: Any, limit: int) -> Step:
        """Turn openids in the order of their accounts' ids."""
        cipher = keys.cipher
        stale = (data_key_of(MiniAccount.openid) != cipher.current_key) | (
            MiniAccount.index_key_id != cipher.current_index_key
        )
        rows = session.execute(
            select(MiniAccount.id, MiniAccount.openid)
            .where(stale, MiniAccount.id > (after or uuid.UUID(int=0)))
            .order_by(MiniAccount.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).all()
        fresh = []
        for account_id, envelope in rows:
            openid = cipher.open(bytes(envelope), row_id=account_id)
            fresh.append(
                {
                    "id": account_id,
                    "openid": cipher.seal(openid, row_id=account_id),
                    "openid_index": cipher.blind_index(
                        KIND, openid, key_id=cipher.current_index_key
                    ),
                    "index_key_id": cipher.current_index_key,
                }
            )
        if fresh:
            session.execute(update(MiniAccount), fresh)
        return Step(len(rows), rows[-1].id if rows else None)
