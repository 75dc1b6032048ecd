"""Pages by key: the next page starts after the last row of this one.

A page stays correct while rows are added, and its cost does not grow with its number.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute, Session

from relief.core.errors import Invalid

T = TypeVar("T")
S = TypeVar("S")


class BadCursor(Invalid):
    """The cursor is not one that we gave."""

    code = "bad-cursor"
    title = "翻页位置无效，请从第一页重新开始"


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page, and where the next begins, if there is one."""

    items: Sequence[T]
    next_cursor: str | None


def cut(
    rows: Sequence[S], *, limit: int, key: Callable[[S], str], make: Callable[[S], T]
) -> Page[T]:
    """Make a page of the `limit + 1` rows that were asked for."""
    kept = rows[:limit]
    return Page([make(row) for row in kept], key(kept[-1]) if len(rows) > limit and kept else None)


def newest_first(
    session: Session,
    query: "Select[*tuple[Any, ...]]",
    row_id: "InstrumentedAttribute[uuid.UUID]",
    *,
    limit: int,
    cursor: str | None,
    make: Callable[..., T],
) -> Page[T]:
    """Return one page in the order of ids that we made, which is that of creation. One query.

    The first column of `query` is the object that `row_id` belongs to; `make` takes all columns.
    """
    if cursor:
        query = query.where(row_id < id_after(cursor))
    rows = session.execute(query.order_by(row_id.desc()).limit(limit + 1)).all()
    return cut(rows, limit=limit, key=lambda row: str(row[0].id), make=lambda row: make(*row))


def id_after(cursor: str) -> uuid.UUID:
    """Return the id that a cursor names. Raises BadCursor."""
    try:
        return uuid.UUID(cursor)
    except ValueError:
        raise BadCursor from None


def number_and_id_after(cursor: str) -> tuple[int, uuid.UUID]:
    """Return the number and the id that a cursor `number.id` names. Raises BadCursor."""
    number, _, row_id = cursor.partition(".")
    return number_after(number), id_after(row_id)


def number_after(cursor: str) -> int:
    """Return the number that a cursor names. Raises BadCursor."""
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < len(str(2**63))):
        raise BadCursor
    return int(cursor)
