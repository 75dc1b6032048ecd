"""The least that loading the same rows can cost: bare COPY into bare tables, and their indexes."""

import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

# What an import and merge must store whatever it does between.
TABLES = ("source_record", "source_identity")


@dataclass(frozen=True, slots=True)
class Baseline:
    """Seconds for COPY and for the indexes, and how many rows."""

    rows: int
    copy_seconds: float
    index_seconds: float

    @property
    def seconds(self) -> float:
        """Both together."""
        return self.copy_seconds + self.index_seconds


def bare_copy(url: str, folder: Path) -> Baseline:
    """Copy the loaded rows out, and in again into tables without checks; then build indexes."""
    rows, copying, indexing = 0, 0.0, 0.0
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        for table in TABLES:
            file = folder / f"{table}.copy"
            _out(connection, table, file)
            bare = sql.Identifier(f"bare_{table}")
            connection.execute(
                sql.SQL("CREATE TABLE {} (LIKE {})").format(bare, sql.Identifier(table))
            )
            started = time.perf_counter()
            rows += _in(connection, bare, file)
            copied = time.perf_counter()
            for definition in _indexes(connection, table):
                connection.execute(definition.encode())
            indexing += time.perf_counter() - copied
            copying += copied - started
            connection.execute(sql.SQL("DROP TABLE {}").format(bare))
            file.unlink()
    return Baseline(rows, copying, indexing)


def _out(connection: psycopg.Connection, table: str, file: Path) -> None:
    statement = sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(sql.Identifier(table))
    with file.open("wb") as out, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for block in copy:
            out.write(block)


def _in(connection: psycopg.Connection, table: sql.Identifier, file: Path) -> int:
    statement = sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(table)
    with connection.cursor() as cursor:
        with cursor.copy(statement) as copy, file.open("rb") as data:
            while block := data.read(1 << 20):
                copy.write(block)
        return cursor.rowcount


def _indexes(connection: psycopg.Connection, table: str) -> list[str]:
    """Return the table's own index definitions, made out to the bare table."""
    found = connection.execute(
        "SELECT indexdef FROM pg_indexes WHERE tablename = %s AND schemaname = 'public'", [table]
    ).fetchall()
    return [
        definition.replace(" INDEX ", " INDEX bare_", 1).replace(f".{table} ", f".bare_{table} ", 1)
        for (definition,) in found
    ]
