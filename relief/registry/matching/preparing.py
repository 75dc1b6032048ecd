"""Brings records into the form that is compared: clean columns, one row for what is equal.

Makes `node`, one row for each distinct description, numbered by content, so that no order of
arrival and no id can change what is linked; and `node_row(record, node)`.
"""

from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa

from relief.registry.matching.cleaning import CLEANERS
from relief.registry.matching.faults import blamed
from relief.registry.matching.parts import BadSpecification
from relief.registry.matching.records import quoted
from relief.registry.matching.specification import OTHERS, Specification

# The names that the SQL of a specification gives to the two sides of a pair.
_LEFT, _RIGHT = "_l", "_r"


def read(
    connection: duckdb.DuckDBPyConnection,
    spec: Specification,
    source: str,
    *,
    record: str,
    clean: bool = True,
) -> None:
    """Make `node` and `node_row` from a table of records whose ids stand in the column `record`.

    With `clean` false the columns are there already under the specification's names.
    Raises BadSpecification where a file has none of a column's headings at all.
    """
    if clean:
        _clean(connection, spec, source, record)
        source = "cleaned"
    names = [column.name for column in spec.columns]
    listed = ", ".join(names)
    # The records stay with what they share: nothing has to find them again by all the columns.
    with blamed(spec, "columns"):
        connection.execute(
            "CREATE OR REPLACE TABLE node AS SELECT row_number() OVER"
            f" (ORDER BY {', '.join(f'{name} NULLS FIRST' for name in names)}) AS node, {listed},"
            f" count(*) AS records, list({record}) AS held FROM {source} GROUP BY {listed}"
        )
    connection.execute(
        "CREATE OR REPLACE TABLE node_row AS SELECT unnest(held) AS record, node FROM node"
    )
    connection.execute("ALTER TABLE node DROP held")
    if clean:
        connection.execute("DROP TABLE cleaned")


def settle(connection: duckdb.DuckDBPyConnection, spec: Specification) -> None:
    """Add to `node`: `value`, of those with an exclusive value that is theirs, and `disowned`."""
    if spec.exclusive is None:
        connection.execute(
            "CREATE OR REPLACE TABLE node AS SELECT *, NULL::BIGINT AS value, false AS settled,"
            " false AS disowned FROM node"
        )
        return
    column = spec.exclusive.column
    names = [one.name for one in spec.columns]
    left = ", ".join(f"{name} AS {name}{_LEFT}" for name in names)
    right = ", ".join(f"o.{name} AS {name}{_RIGHT}" for name in names)
    owner = ", ".join(f"n.{name} AS {name}{_LEFT}" for name in names)
    together = "".join(f", {name}{_LEFT} AS said_{name}" for name in spec.exclusive.together)
    said = "".join(f", said_{name}" for name in spec.exclusive.together)
    # Among a value's descriptions: those that are sure, then what most records say, by content.
    with blamed(spec, "exclusive：sure"):
        connection.execute(f"""
            CREATE OR REPLACE TABLE owner AS
            SELECT {column}, first(node ORDER BY surely DESC, voices DESC, sure DESC, node) AS node
            FROM (
                SELECT *, max(sure) OVER same AS surely, sum(records) OVER same AS voices
                FROM (
                    SELECT {column}_l AS {column}, node, records{together},
                           coalesce(({spec.exclusive.sure})::INT, 0) AS sure
                    FROM (SELECT {left}, node, records FROM node WHERE {column} IS NOT NULL)
                )
                WINDOW same AS (PARTITION BY {column}{said})
            ) GROUP BY {column}
        """)
    with blamed(spec, "exclusive：agree"):
        connection.execute(f"""
            CREATE OR REPLACE TABLE agreeing AS
            SELECT node, value, coalesce(({spec.exclusive.agree}), false) OR node = value AS agrees
            FROM (
                SELECT n.node, o.node AS value, {owner}, {right}
                FROM node n JOIN owner w ON w.{column} = n.{column} JOIN node o ON o.node = w.node
            )
        """)
    connection.execute("""
        CREATE OR REPLACE TABLE node AS
        SELECT n.*, CASE WHEN a.agrees THEN a.value END AS value,
               coalesce(a.agrees, false) AS settled, coalesce(NOT a.agrees, false) AS disowned
        FROM node n LEFT JOIN agreeing a USING (node)
    """)
    connection.execute("DROP TABLE owner")


def derive(connection: duckdb.DuckDBPyConnection, spec: Specification) -> None:
    """Add the derived and the collected columns to `node`, and the frequencies of common values."""
    if spec.derived:
        _derive_all(connection, spec)
    for name, one in spec.collected.items():
        connection.execute(f"""
            CREATE OR REPLACE TABLE together AS
            SELECT {one.by}, list_sort(list(DISTINCT {one.of})) AS everyone
            FROM node WHERE {one.by} IS NOT NULL AND {one.of} IS NOT NULL GROUP BY 1
        """)
        connection.execute(f"""
            CREATE OR REPLACE TABLE node AS
            SELECT n.*, CASE WHEN len(others) BETWEEN 1 AND {one.largest} THEN others END AS {name}
            FROM (
                SELECT n.*, list_filter(t.everyone, lambda one: one <> n.{one.of}) AS others
                FROM node n LEFT JOIN together t ON t.{one.by} = n.{one.by}
            ) n
        """)
        connection.execute("ALTER TABLE node DROP others")
        connection.execute("DROP TABLE together")
    for column in spec.frequency_columns():
        _frequencies(connection, column, spec.term_frequencies.get(column, {}))


def _derive_all(connection: duckdb.DuckDBPyConnection, spec: Specification) -> None:
    """Add the derived columns, each of which may name those before it."""
    listed = ", ".join(f"({expression}) AS {name}" for name, expression in spec.derived.items())
    try:
        connection.execute(f"CREATE OR REPLACE TABLE node AS SELECT *, {listed} FROM node")
    except duckdb.Error:
        # One by one, only to tell which of them the database does not understand.
        for name, expression in spec.derived.items():
            with blamed(spec, f"derived：{name}"):
                connection.execute(
                    f"CREATE OR REPLACE TABLE node AS SELECT *, ({expression}) AS {name} FROM node"
                )


def _frequencies(
    connection: duckdb.DuckDBPyConnection, column: str, known: Mapping[str, float]
) -> None:
    """Make `frequency_COLUMN`, in which values that are not listed have the share of `OTHERS`."""
    lookup = pa.table(
        {
            "listed": pa.array(list(known), pa.string()),
            "frequency": pa.array(list(known.values()), pa.float64()),
        }
    )
    connection.register("lookup", lookup)
    connection.execute(
        f"CREATE OR REPLACE TABLE frequency_{column} AS SELECT n.{column},"
        f" coalesce(k.frequency, ?) AS tf_{column} FROM"
        f" (SELECT DISTINCT {column} FROM node WHERE {column} IS NOT NULL) n"
        f" LEFT JOIN lookup k ON k.listed = n.{column}",
        [known.get(OTHERS)],
    )
    connection.unregister("lookup")


def _clean(
    connection: duckdb.DuckDBPyConnection, spec: Specification, source: str, record: str
) -> None:
    """Make `cleaned` from the texts of a file: each distinct text of a column is read once."""
    there = {
        row[0].strip().lower(): row[0]
        for row in connection.execute(f"DESCRIBE {source}").fetchall()
    }
    chosen: dict[str, str | None] = {}
    for column in spec.columns:
        if column.cleaning not in CLEANERS:
            raise BadSpecification(f"列“{column.name}”：没有“{column.cleaning}”这种清洗")
        chosen[column.name] = next(
            (there[name.lower()] for name in column.sources if name.lower() in there), None
        )
    if not any(chosen.values()):
        expected = "、".join(column.name for column in spec.columns)
        raise BadSpecification(f"文件里没有规格“{spec.name}”的任何一列（应有：{expected}）")
    made = []
    for column in spec.columns:
        heading = chosen[column.name]
        if heading is None:
            made.append(f"NULL::VARCHAR AS {column.name}")
            continue
        table = f"clean_{column.name}"
        texts = [
            row[0]
            for row in connection.execute(
                f"SELECT DISTINCT {quoted(heading)}::VARCHAR FROM {source}"
                f" WHERE {quoted(heading)} IS NOT NULL"
            ).fetchall()
        ]
        _map(connection, table, texts, [CLEANERS[column.cleaning](text) for text in texts])
        made.append(f"{table}.cleaned AS {column.name}")
    joins = " ".join(
        f"LEFT JOIN clean_{column.name}"
        f" ON clean_{column.name}.written = s.{quoted(heading)}::VARCHAR"
        for column in spec.columns
        if (heading := chosen[column.name]) is not None
    )
    connection.execute(
        f"CREATE OR REPLACE TABLE cleaned AS SELECT s.{record}, {', '.join(made)}"
        f" FROM {source} s {joins}"
    )
    for column in spec.columns:
        connection.execute(f"DROP TABLE IF EXISTS clean_{column.name}")


def _map(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    written: Sequence[str],
    cleaned: Sequence[str | None],
) -> None:
    pairs = pa.table(
        {"written": pa.array(written, pa.string()), "cleaned": pa.array(cleaned, pa.string())}
    )
    connection.register("pairs", pairs)
    connection.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM pairs")
    connection.unregister("pairs")
