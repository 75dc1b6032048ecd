"""Opens a file of records for linking, in a database of its own that leaves nothing behind.

What does not fit in memory is spilled into a private folder, which goes at the end; that of a
process which was killed goes when the next one begins. (DuckDB encrypts what it spills only with a
cipher of an extension that it would fetch from elsewhere.)
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from relief.core.errors import Invalid
from relief.registry.intake import folders

RECORD = "record"
_MEMORY, _SPILL = "6GB", "20GB"
_PARQUET, _TEXT = (".parquet", ".pq"), (".csv", ".tsv", ".txt", ".gz")


class BadRecords(Invalid):
    """The file of records cannot be used."""

    code = "bad-records"
    title = "记录文件有误"


@dataclass(frozen=True, slots=True)
class Records:
    """The file as the table `source`: its columns, and `record`, a UUID for each row."""

    connection: duckdb.DuckDBPyConnection
    folder: Path
    name: str
    headings: tuple[str, ...]

    def need(self, *headings: str) -> None:
        """Raise BadRecords if one of the columns is missing, or empty in every row."""
        for heading in headings:
            if heading not in self.headings:
                there = "、".join(self.headings)
                raise BadRecords(f"{self.name} 没有“{heading}”列（有：{there}）")
            [(filled,)] = self.connection.execute(
                f"SELECT count({quoted(heading)}) FROM source"
            ).fetchall()
            if not filled:
                raise BadRecords(f"{self.name} 的“{heading}”列全是空值")


@contextmanager
def open_records(path: Path) -> Iterator[Records]:
    """Open a CSV or Parquet file.

    Raises BadRecords if it cannot be read or holds no record, or if the work on it needs more
    than the memory and the spill that it may take.
    """
    with folders.private(folders.own()) as folder:
        connection = duckdb.connect(
            config={
                "memory_limit": _MEMORY,
                "temp_directory": f"{folder}/spill",
                "max_temp_directory_size": _SPILL,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )
        try:
            yield _read(connection, folder, path)
        except duckdb.OutOfMemoryException as error:
            said = str(error).partition("\n")[0]
            raise BadRecords(f"{path.name} 太大，内存或临时空间不足：{said}") from None
        finally:
            connection.close()


def quoted(name: str) -> str:
    """Return a heading as SQL names it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def _read(connection: duckdb.DuckDBPyConnection, folder: Path, path: Path) -> Records:
    file = str(path).replace("'", "''")
    if path.suffix.lower() in _PARQUET:
        reader = f"read_parquet('{file}')"
    elif path.suffix.lower() in _TEXT:
        reader = f"read_csv('{file}', all_varchar = true, header = true)"
    else:
        raise BadRecords(f"{path.name}：只能读取 CSV 和 Parquet 文件")
    if not path.stat().st_size:
        raise BadRecords(f"{path.name} 是空文件")
    try:
        # A heading of the same name keeps its column: DuckDB then names it `record_1`.
        connection.execute(
            f"CREATE TABLE source AS SELECT md5((row_number() OVER ())::VARCHAR)::UUID"
            f" AS {RECORD}, * FROM {reader}"
        )
    except duckdb.Error as error:
        raise BadRecords(f"{path.name} 无法读取：{str(error).partition(chr(10))[0]}") from None
    [(count,)] = connection.execute("SELECT count(*) FROM source").fetchall()
    if not count:
        raise BadRecords(f"{path.name} 里没有记录")
    described = connection.execute("DESCRIBE source").fetchall()
    return Records(connection, folder, path.name, tuple(row[0] for row in described[1:]))
