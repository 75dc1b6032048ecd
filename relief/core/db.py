"""The database handle, the model base class and the transaction boundary."""

import enum
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import psycopg
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    Date,
    DateTime,
    Enum,
    LargeBinary,
    MetaData,
    Uuid,
    create_engine,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session

from relief.core.config import normalise_url
from relief.core.errors import Held

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class bigint(int):  # noqa: N801  # reads as the SQL type it stands for
    """A column type marker: an integer stored in 64 bits (region codes, fen)."""


class Base(DeclarativeBase):
    """Base class of every model. Use this and not `db.Model`, which has no types."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy's form
        datetime: DateTime(timezone=True),
        date: Date(),
        uuid.UUID: Uuid(),
        bytes: LargeBinary(),
        bigint: BigInteger(),
        dict[str, Any]: JSONB(),
        list[Any]: JSONB(),
        enum.StrEnum: Enum(
            enum.StrEnum,
            native_enum=False,
            length=40,
            values_callable=lambda kind: [member.value for member in kind],
        ),
    }


db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """Commit once, when the block ends; roll back if it raises.

    Routes, jobs and commands open one. Services never commit. What a refusal keeps (`Held`) is
    committed after the rollback, by itself.
    """
    session = db.session()
    try:
        with _whole(session):
            yield session
    except Held as refusal:
        if refusal.keep is not None:
            with _whole(session):
                refusal.keep(session)
        raise


@contextmanager
def _whole(session: Session) -> Iterator[None]:
    try:
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise


@contextmanager
def session_on(url: str) -> Iterator[Session]:
    """Give one transaction on a database named by its URL, outside any application."""
    engine = create_engine(normalise_url(url))
    try:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session
    finally:
        engine.dispose()


@contextmanager
def snapshot_on(url: str) -> Iterator[Session]:
    """Give one transaction that only reads, and reads the same throughout."""
    with session_on(url) as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        session.execute(text("SET TRANSACTION READ ONLY"))
        yield session


def driver(session: Session) -> "psycopg.Connection[Any]":
    """Return the psycopg connection of the session's transaction, for COPY."""
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)  # noqa: S101  # narrows for the type checker
    return connection
