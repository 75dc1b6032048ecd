"""Links records by a specification: the steps in their order.

In: `node`, as `preparing.read` makes it. Out: `grouped`, `edge` and `asked`.
"""

from dataclasses import dataclass

import duckdb
import pyarrow as pa

from relief.registry.matching import clusters, engine, preparing
from relief.registry.matching.engine import LeftOut
from relief.registry.matching.specification import Specification


@dataclass(frozen=True, slots=True)
class Linked:
    """How much was compared, and what was left out because a block was too large."""

    nodes: int
    settled: int
    edges: int
    left_out: list[LeftOut]


def link(
    connection: duckdb.DuckDBPyConnection,
    spec: Specification,
    *,
    known: str | None = None,
    is_crowded: engine.IsCrowded | None = None,
) -> Linked:
    """Group the descriptions of `node` (see `preparing.read`): make `grouped` and `asked`.

    `grouped(node, cluster, rule)`: `cluster` is the node that names the group; the rule is
    `exclusive`, `compared` or `alone`. `asked(kind, one, other, weight)` names nodes. `known`: a
    table of pairs `(one, other, weight)` of records that were found before; nothing is compared
    then. `is_crowded`: tells blocks that are too big, though only some of their records may be
    here. Raises BadSpecification if the weights are not learned yet, or an expression is wrong.
    """
    spec.need_weights()
    preparing.settle(connection, spec)
    preparing.derive(connection, spec)
    left_out: list[LeftOut] = []
    if known is None:
        left_out = engine.add_blocks(connection, "node", spec, is_crowded=is_crowded)
        _compare(connection, spec)
    else:
        engine.name_blocks(connection, "node", spec, is_crowded=is_crowded)
        connection.execute(f"""
            CREATE OR REPLACE TABLE edge AS
            SELECT DISTINCT least(a.node, b.node) AS one, greatest(a.node, b.node) AS other, weight
            FROM {known} k JOIN node_row a ON a.record = k.one JOIN node_row b ON b.record = k.other
        """)
    _group(connection, spec)
    [(nodes, settled)] = connection.execute(
        "SELECT count(*), count(*) FILTER (settled) FROM node"
    ).fetchall()
    return Linked(
        nodes=int(nodes),
        settled=int(settled),
        edges=_count(connection, "edge"),
        left_out=left_out,
    )


def _compare(connection: duckdb.DuckDBPyConnection, spec: Specification) -> None:
    """Make `edge`: everyone without a number of their own is compared with all in their blocks."""
    # The library looks at each column it is given, and in a small merge takes its time for it.
    blocks = [f"block_{number}" for number in range(1, len(spec.blocks) + 1)]
    there = {row[0] for row in connection.execute("DESCRIBE node").fetchall()}
    # What an expression names and does not exist is for the engine to tell, with its place.
    compared = [name for name in spec.compared_columns() if name in there]
    columns = ", ".join((engine.NODE, *compared, *blocks))
    for table, which in (("rest", "NOT settled"), ("known", "settled")):
        connection.execute(
            f"CREATE OR REPLACE TABLE {table} AS SELECT {columns} FROM node WHERE {which}"
        )
    has_known = _count(connection, "known") > 0
    engine.score(connection, spec, records="rest", others="known" if has_known else None)


def _group(connection: duckdb.DuckDBPyConnection, spec: Specification) -> None:
    edges = connection.execute("SELECT one, other, weight FROM edge").fetchall()
    values = dict(
        connection.execute("SELECT node, value FROM node WHERE value IS NOT NULL").fetchall()
    )
    groups = clusters.group(edges, values, spec.thresholds)
    nodes = [row[0] for row in connection.execute("SELECT node FROM node ORDER BY 1").fetchall()]
    made = pa.table(
        {
            "node": pa.array(nodes, pa.int64()),
            "cluster": pa.array([groups.of(node) for node in nodes], pa.int64()),
        }
    )
    connection.register("made", made)
    connection.execute("""
        CREATE OR REPLACE TABLE grouped AS
        SELECT m.node, m.cluster,
               CASE WHEN n.settled THEN 'exclusive'
                    WHEN count(*) OVER (PARTITION BY m.cluster) > 1 THEN 'compared'
                    ELSE 'alone' END AS rule
        FROM made m JOIN node n USING (node)
    """)
    connection.unregister("made")
    doubts = pa.table(
        {
            "kind": pa.array([one[0] for one in groups.doubts], pa.string()),
            "one": pa.array([one[1] for one in groups.doubts], pa.int64()),
            "other": pa.array([one[2] for one in groups.doubts], pa.int64()),
            "weight": pa.array([one[3] for one in groups.doubts], pa.float64()),
        }
    )
    connection.register("made", doubts)
    connection.execute("CREATE OR REPLACE TABLE asked AS SELECT * FROM made")
    connection.unregister("made")


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    [(count,)] = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
    return int(count)
