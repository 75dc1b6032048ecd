"""Brings department files into one table of descriptions, without a database, for evaluation.

One row for each distinct way in which one file describes one person, cleaned as intake cleans
it, with the number of its rows; and, where the files come from the sample generator, who it
truly is.
"""

import contextlib
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb

from relief.core.progress import Progress, silent
from relief.organisation import seeding
from relief.registry.intake import folders, reading
from relief.registry.intake.limits import DEFAULT_LIMITS
from relief.registry.intake.normalise import IDENTITIES, RECORDS
from relief.registry.intake.places import Places
from relief.registry.intake.reading import Reading

TRUTH, PEOPLE = "truth.csv", "people.tsv"
_READERS = 2


def flatten(
    source: Path, target: Path, *, today: date, progress: Progress = silent
) -> tuple[int, list[str]]:
    """Write the descriptions of all files in `source` to the Parquet file `target`.

    Regions and departments are those of the seeds. Returns how many rows were written, and the
    names of the files that are no department's; where all are such, nothing is written. Raises
    OSError if the target cannot be written.
    """
    places = Places(*seeding.places())
    departments = {one["code"]: one["lead"] for one in seeding.read_catalogue()["schemes"]}
    files = sorted(path for path in source.iterdir() if path.suffix in (".csv", ".xlsx"))
    passed: list[str] = []
    with (
        _whole(target) as partial,
        folders.private(folders.own()) as folder,
        contextlib.closing(_duck(folder)) as duck,
    ):

        def read(number: int, path: Path) -> Reading:
            place = folder / str(number)
            place.mkdir()
            return reading.read(
                path, scheme=None, places=places, today=today, folder=place, limits=DEFAULT_LIMITS
            )

        with ThreadPoolExecutor(_READERS, thread_name_prefix="reader") as pool:
            found = pool.map(read, range(len(files)), files)
            for number, (path, one) in enumerate(zip(files, found, strict=True)):
                progress(number, len(files), path.name)
                if one.scheme is None or one.fault is not None:
                    passed.append(path.name)
                    continue
                _add(duck, path.name, one, departments[one.scheme])
        rows = _write(duck, source, partial)
    return rows, passed


@contextmanager
def _whole(target: Path) -> Iterator[Path]:
    """Give a file beside the target that takes its place at the end, if anything is in it."""
    with tempfile.NamedTemporaryFile(
        dir=target.parent, prefix=f".{target.name}.", delete=False
    ) as made:
        partial = Path(made.name)
    try:
        yield partial
        if partial.stat().st_size:
            partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _duck(folder: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"memory_limit": "2GB", "temp_directory": f"{folder}/spill"})


def _text(path: Path) -> str:
    """Return a path as SQL writes a text."""
    return "'" + str(path).replace("'", "''") + "'"


def _add(duck: duckdb.DuckDBPyConnection, name: str, found: Reading, department: str) -> None:
    """Add the descriptions of one file; each remembers the rows it stands in."""
    head = "CREATE TABLE described AS" if not _has(duck, "described") else "INSERT INTO described"
    duck.execute(
        f"{head} SELECT ? AS file, ? AS scheme, ? AS department, i.* EXCLUDE (identity_no),"
        " min(r.period) AS first_on, max(r.period) AS last_on, count(*) AS record_count,"
        " list(r.row_number) AS rows"
        f" FROM read_parquet({_text(found.folder / IDENTITIES)}) i"
        f" JOIN read_parquet({_text(found.folder / RECORDS)}) r USING (identity_no) GROUP BY ALL",
        [name, found.scheme, department],
    )


def _write(duck: duckdb.DuckDBPyConnection, source: Path, target: Path) -> int:
    if not _has(duck, "described"):
        return 0
    truth = ""
    columns = "d.* EXCLUDE (rows)"
    if (source / TRUTH).is_file() and (source / PEOPLE).is_file():
        _read_truth(duck, source)
        columns += ", t.person_id, t.household_id"
        truth = "LEFT JOIN true_of t ON t.id = d.rowid"
    duck.execute(
        f"COPY (SELECT {columns} FROM described d {truth} ORDER BY d.file, d.rows[1])"
        f" TO {_text(target)} (FORMAT parquet, USE_TMP_FILE false)"
    )
    [(count,)] = duck.execute("SELECT count(*) FROM described").fetchall()
    return int(count)


def _read_truth(duck: duckdb.DuckDBPyConnection, source: Path) -> None:
    """Say who each description truly is: whom most of its rows were written for."""
    duck.execute(
        "CREATE TABLE truth AS SELECT file, row::INTEGER AS row, person_id"
        f" FROM read_csv({_text(source / TRUTH)}, header = true, all_varchar = true)"
    )
    duck.execute(
        "CREATE TABLE people AS SELECT person_id, household_id"
        f" FROM read_csv({_text(source / PEOPLE)}, header = true, all_varchar = true, delim = '\t')"
    )
    duck.execute("""
        CREATE TABLE true_of AS
        SELECT id, arg_max(person_id, (rows, person_id)) AS person_id,
               any_value(household_id) AS household_id
        FROM (
            SELECT d.id, t.person_id, count(*) AS rows
            FROM (SELECT rowid AS id, file, unnest(rows) AS row FROM described) d
            JOIN truth t ON t.file = d.file AND t.row = d.row GROUP BY ALL
        ) JOIN people USING (person_id) GROUP BY id
    """)


def _has(duck: duckdb.DuckDBPyConnection, table: str) -> bool:
    sql = "SELECT 1 FROM duckdb_tables() WHERE table_name = ?"
    return bool(duck.execute(sql, [table]).fetchall())
