"""Locks by name, held until the transaction ends. The only module that knows how."""

from typing import Any

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from relief.core import reading_once

_LOCK_NOT_AVAILABLE = "55P03"


def is_waited_out(error: OperationalError) -> bool:
    """Tell whether someone waited for a lock as long as their account may (`lock_timeout`)."""
    return getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE


def hold(session: Session, name: str) -> None:
    """Wait until no other transaction holds `name`, and hold it until this one ends."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name}
    )
    reading_once.forget(session)


def share(session: Session, name: str) -> None:
    """Hold `name` together with others who share it; keep those out who hold it alone."""
    session.execute(
        text("SELECT pg_advisory_xact_lock_shared(hashtextextended(:name, 0))"), {"name": name}
    )


def try_hold(session: Session, name: str) -> bool:
    """Hold `name` until the transaction ends, unless another has it; tell which."""
    taken = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))")
    return bool(session.scalar(taken, {"name": name}))


def try_share(session: Session, name: str) -> bool:
    """Hold `name` with others until the transaction ends, unless one has it alone; tell which."""
    taken = text("SELECT pg_try_advisory_xact_lock_shared(hashtextextended(:name, 0))")
    return bool(session.scalar(taken, {"name": name}))


def hold_while_open(connection: "psycopg.Connection[Any]", name: str) -> None:
    """Wait until nobody holds `name`, and hold it until the connection ends."""
    connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name])
