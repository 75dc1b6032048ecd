"""Bringing a table into step with its seed rows, in one or two statements."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import CursorResult, Table, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from relief.core.db import Base

Row = dict[str, Any]
_quote = postgresql.dialect().identifier_preparer.quote  # type: ignore[no-untyped-call]  # SQLAlchemy's


def synchronise(
    session: Session,
    model: type[Base],
    rows: Sequence[Row],
    *,
    prune_within: Sequence[str] | None = None,
) -> int:
    """Insert or update `rows`, and tell how many rows of the table changed.

    Rows that already stand there as given are left alone. Every row names the same columns.
    Rows of the table that `rows` does not name stay, because other tables may speak of them;
    `prune_within` deletes them where they agree with a given row in the columns it names (an
    empty list: all of them).
    """
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101  # narrows for the type checker
    payload = {"rows": json.dumps(rows, default=str, ensure_ascii=False)}
    changed = _affected(session, _upsert(table, list(rows[0])), payload)
    if prune_within is not None:
        changed += _affected(session, _prune(table, prune_within), payload)
    session.expire_all()
    return changed


def _upsert(table: Table, columns: list[str]) -> str:
    name = _quote(table.name)
    keys = [column.name for column in table.primary_key]
    values = [column for column in columns if column not in keys]
    assignments = ", ".join(f"{_quote(column)} = excluded.{_quote(column)}" for column in values)
    old = ", ".join(f"{name}.{_quote(column)}" for column in values)
    new = ", ".join(f"excluded.{_quote(column)}" for column in values)
    return (
        f"INSERT INTO {name} ({_listed(columns)}) "  # noqa: S608  # names come from the models
        f"SELECT {_listed(columns)} FROM jsonb_populate_recordset(NULL::{name}, :rows) "
        f"ON CONFLICT ({_listed(keys)}) DO "
        + (
            f"UPDATE SET {assignments} WHERE ({old}) IS DISTINCT FROM ({new})"
            if values
            else "NOTHING"
        )
    )


def _prune(table: Table, within: Sequence[str]) -> str:
    name = _quote(table.name)
    keys = _listed([column.name for column in table.primary_key])
    given = f"FROM jsonb_populate_recordset(NULL::{name}, :rows)"
    statement = f"DELETE FROM {name} WHERE ({keys}) NOT IN (SELECT {keys} {given})"  # noqa: S608  # same
    if within:
        statement += f" AND ({_listed(within)}) IN (SELECT {_listed(within)} {given})"
    return statement


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(_quote(column) for column in columns)


def _affected(session: Session, statement: str, payload: dict[str, str]) -> int:
    result = session.execute(text(statement), payload)
    assert isinstance(result, CursorResult)  # noqa: S101  # narrows for the type checker
    return result.rowcount
