"""What every store of sealed values can do: say which keys it uses, and turn to the present ones.

`relief/wiring.py` lists the holders. A column of sealed bytes that none of them names is found
by a test.
"""

import enum
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Table, bindparam, func, select, tuple_, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from relief.core.db import driver
from relief.core.privacy.cipher import Cipher
from relief.core.privacy.models import SecretKind, SecretValue


class Use(enum.StrEnum):
    """What a key is for; each has its own setting."""

    DATA = "data"
    INDEX = "index"
    NONE = "none"


# A key's use and number. Values in the clear, from before they were sealed, are IN_CLEAR.
KeyUse = tuple[Use, int]
IN_CLEAR: KeyUse = (Use.NONE, 0)


@dataclass(frozen=True, slots=True)
class Keys:
    """What a rotation works with."""

    cipher: Cipher
    storage: Path

    def present(self) -> set[KeyUse]:
        """Return the keys that everything shall have in the end."""
        return {(Use.DATA, self.cipher.current_key), (Use.INDEX, self.cipher.current_index_key)}

    def known(self) -> set[KeyUse]:
        """Return all keys of the settings."""
        data = {(Use.DATA, key_id) for key_id in self.cipher.data_keys}
        return data | {(Use.INDEX, key_id) for key_id in self.cipher.index_keys}


@dataclass(frozen=True, slots=True)
class Step:
    """One committed step: how many values it turned, and where the next one begins.

    `after` None: the walk is at its end.
    """

    turned: int
    after: Any


class Holder(Protocol):
    """One store of sealed values."""

    @property
    def name(self) -> str:
        """Return what it is called in the output and in the audit trail."""
        ...

    @property
    def columns(self) -> frozenset[tuple[str, str]]:
        """Return the (table, column) pairs of sealed bytes that it looks after."""
        ...

    def usage(self, session: Session, keys: Keys) -> Mapping[KeyUse, int]:
        """Count the values under each key."""
        ...

    def turn(self, session: Session, keys: Keys, *, after: Any, limit: int) -> Step:
        """Turn the next `limit` values, in the caller's transaction; wait for nobody.

        What another transaction has in hand is left for a later walk. Raises CannotOpen.
        """
        ...


def data_key_of(sealed: InstrumentedAttribute[Any]) -> ColumnElement[int]:
    """Return the SQL of the data key's number in an envelope."""
    return func.get_byte(sealed, 2) * 256 + func.get_byte(sealed, 3)


class SecretValues:
    """The personal values: their ciphertext and their blind index, turned together."""

    name = "secret_value"
    columns = frozenset({("secret_value", "ciphertext")})

    def usage(self, session: Session, keys: Keys) -> Mapping[KeyUse, int]:  # noqa: ARG002
        """Count the values under each key; each counts under two, of data and of index."""
        data, index = data_key_of(SecretValue.ciphertext), SecretValue.index_key_id
        found: Counter[KeyUse] = Counter()
        counts = session.execute(select(data, index, func.count()).group_by(data, index))
        for data_key, index_key, count in counts:
            found[Use.DATA, data_key] += count
            found[Use.INDEX, index_key] += count
        return found

    def turn(self, session: Session, keys: Keys, *, after: Any, limit: int) -> Step:
        """Turn values in the order of their ids."""
        cipher = keys.cipher
        stale = (data_key_of(SecretValue.ciphertext) != cipher.current_key) | (
            SecretValue.index_key_id != cipher.current_index_key
        )
        rows = session.execute(
            select(SecretValue.id, SecretValue.kind, SecretValue.ciphertext)
            .where(stale, SecretValue.id > (after or uuid.UUID(int=0)))
            .order_by(SecretValue.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).all()
        fresh = [_turned(cipher, *row) for row in rows]
        with driver(session).cursor() as cursor:
            cursor.execute(
                "UPDATE secret_value s SET blind_index = n.blind_index, ciphertext = n.ciphertext,"
                " index_key_id = %s FROM unnest(%s::uuid[], %s::bytea[], %s::bytea[])"
                " AS n (id, blind_index, ciphertext) WHERE s.id = n.id",
                [cipher.current_index_key, *([row[place] for row in fresh] for place in range(3))],
            )
        return Step(len(rows), rows[-1].id if rows else None)


def _turned(
    cipher: Cipher, row_id: uuid.UUID, kind: SecretKind, envelope: bytes
) -> tuple[uuid.UUID, bytes, bytes]:
    value = cipher.open(bytes(envelope), row_id=row_id)
    index = cipher.blind_index(kind, value, key_id=cipher.current_index_key)
    return row_id, index, cipher.seal(value, row_id=row_id)


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """One column of envelopes that nothing is looked up by.

    `bound` gives an envelope's associated data from the row's primary key.
    """

    column: InstrumentedAttribute[Any]
    bound: Callable[..., bytes]

    @property
    def name(self) -> str:
        """Return the table's name."""
        return self._table.name

    @property
    def columns(self) -> frozenset[tuple[str, str]]:
        """Return the one column."""
        return frozenset({(self._table.name, self.column.key)})

    @property
    def _table(self) -> Table:
        table = self.column.class_.__table__
        assert isinstance(table, Table)  # noqa: S101  # narrows for the type checker
        return table

    def usage(self, session: Session, keys: Keys) -> Mapping[KeyUse, int]:  # noqa: ARG002
        """Count the envelopes under each key."""
        key = data_key_of(self.column)
        counts = session.execute(
            select(key, func.count()).where(self.column.is_not(None)).group_by(key)
        )
        return {(Use.DATA, key_id): count for key_id, count in counts}

    def turn(self, session: Session, keys: Keys, *, after: Any, limit: int) -> Step:
        """Turn envelopes in the order of the primary key."""
        identity = list(self._table.primary_key.columns)
        stale = (
            select(*identity, self.column)
            .where(self.column.is_not(None), data_key_of(self.column) != keys.cipher.current_key)
            .order_by(*identity)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        if after is not None:
            stale = stale.where(tuple_(*identity) > tuple_(*after))
        rows = session.execute(stale).all()
        self._write(session, [self._turned_row(keys.cipher, row) for row in rows])
        return Step(len(rows), tuple(rows[-1][:-1]) if rows else None)

    def _turned_row(self, cipher: Cipher, row: Sequence[Any]) -> dict[str, Any]:
        *identity, envelope = row
        associated = self.bound(*identity)
        plain = cipher.open_bytes(bytes(envelope), associated=associated)
        names = [f"of_{column.name}" for column in self._table.primary_key.columns]
        return dict(zip(names, identity, strict=True)) | {
            "fresh": cipher.seal_bytes(plain, associated=associated)
        }

    def _write(self, session: Session, fresh: list[dict[str, Any]]) -> None:
        if not fresh:
            return
        own = [column == bindparam(f"of_{column.name}") for column in self._table.primary_key]
        session.connection().execute(
            update(self._table).where(*own).values({self.column.key: bindparam("fresh")}), fresh
        )
