"""The DuckDB in which one merge works: opened in a private folder, gone when it ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from relief.registry.intake import folders

MEMORY_LIMIT = "3GB"


@dataclass(frozen=True)
class Workbench:
    """A DuckDB connection and a folder for files on their way in and out."""

    connection: duckdb.DuckDBPyConnection
    folder: Path

    def run(self, sql: str, parameters: object = None) -> duckdb.DuckDBPyConnection:
        """Execute one statement."""
        return self.connection.execute(sql, parameters)

    def count(self, table: str) -> int:
        """Return the number of rows of a table of ours."""
        row = self.run(f"SELECT count(*) FROM {table}").fetchone()
        return int(row[0]) if row else 0

    def plan_little(self) -> None:
        """Let queries run as they are written: of few rows, planning takes longer than doing."""
        self.run("PRAGMA disable_optimizer")
        self.run("SET threads = 1")

    def clear(self) -> None:
        """Drop everything that was made, and plan again."""
        self.run("PRAGMA enable_optimizer")
        self.run("RESET threads")
        made = self.run(
            "SELECT view_name, 'VIEW' FROM duckdb_views() WHERE NOT internal"
            " UNION ALL SELECT table_name, 'TABLE' FROM duckdb_tables()"
        )
        for name, kind in made.fetchall():
            self.run(f'DROP {kind} IF EXISTS "{name}"')


@contextmanager
def open_workbench() -> Iterator[Workbench]:
    """Open an empty workbench; everything in it is removed at the end, also after an error.

    What a killed merge left is removed first: it names everyone in the registry.
    """
    with folders.private(folders.own()) as folder:
        connection = duckdb.connect(
            config={
                "memory_limit": MEMORY_LIMIT,
                "temp_directory": f"{folder}/spill",
            }
        )
        try:
            yield Workbench(connection, folder)
        finally:
            connection.close()
