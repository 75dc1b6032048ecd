"""Measures a linkage against the truth: how right, how complete, how fast; its worst mistakes."""

import resource
import time
from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from relief.registry.matching import engine, linkage, preparing
from relief.registry.matching.records import RECORD, quoted
from relief.registry.matching.specification import Specification

_WORST = 10
_MB = 1024


@dataclass(frozen=True, slots=True)
class Quality:
    """How a grouping compares with the true one. All figures are shares from 0 to 1."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was measured. `pairs` counts pairs of records; `clusters` counts whole groups.

    `unidentified` counts only the pairs in which at least one record has no exclusive value.
    """

    records: int
    descriptions: int
    compared: int
    true_entities: int
    found_entities: int
    pairs: Quality
    unidentified: Quality | None
    clusters: Quality
    forbidden: int
    left_out: list[dict[str, Any]]
    asked: dict[str, int]
    seconds: float
    peak_mb: int
    mistakes: list[dict[str, Any]]

    def as_json(self) -> dict[str, Any]:
        """Return it as one JSON object, with the chief figures on top."""
        found = asdict(self)
        return {
            "precision": self.pairs.precision,
            "recall": self.pairs.recall,
            "f1": self.pairs.f1,
            "cluster_f1": self.clusters.f1,
            "seconds": self.seconds,
            "peak_mb": self.peak_mb,
            **found,
        }


def say_who(connection: duckdb.DuckDBPyConnection, truth: str) -> None:
    """Make `truth(node, entity)` for training: whom most records of a description speak of."""
    connection.execute(f"""
        CREATE OR REPLACE TABLE truth AS
        SELECT node, arg_max(entity, (n, entity)) AS entity FROM (
            SELECT r.node, s.{quoted(truth)} AS entity, count(*) AS n
            FROM source s JOIN node_row r USING (record) GROUP BY ALL
        ) WHERE entity IS NOT NULL GROUP BY node
    """)


def evaluate(
    connection: duckdb.DuckDBPyConnection, spec: Specification, *, truth: str
) -> Evaluation:
    """Link the records of `source` by the specification and compare with the column `truth`.

    Leaves the tables of `linkage.link` behind. Raises BadSpecification.
    """
    spec.need_weights()
    started = time.perf_counter()
    preparing.read(connection, spec, "source", record=RECORD)
    linked = linkage.link(connection, spec)
    seconds = time.perf_counter() - started
    connection.execute(f"""
        CREATE OR REPLACE TABLE judged AS
        SELECT s.record, r.node, g.cluster, s.{quoted(truth)} AS entity, n.settled
        FROM source s JOIN node_row r USING (record) JOIN grouped g USING (node)
        JOIN node n USING (node) WHERE s.{quoted(truth)} IS NOT NULL
    """)
    counts = _numbers(
        connection,
        "SELECT count(*), count(DISTINCT entity), count(DISTINCT cluster) FROM judged",
    )
    [(forbidden,)] = connection.execute(
        "SELECT count(*) FROM (SELECT cluster FROM grouped JOIN node USING (node)"
        " WHERE value IS NOT NULL GROUP BY cluster HAVING count(DISTINCT value) > 1)"
    ).fetchall()
    asked = dict(connection.execute("SELECT kind, count(*) FROM asked GROUP BY 1").fetchall())
    return Evaluation(
        records=counts[0],
        descriptions=linked.nodes,
        compared=linked.edges,
        true_entities=counts[1],
        found_entities=counts[2],
        pairs=_pairs(connection, "n * (n - 1) / 2"),
        unidentified=(
            _pairs(connection, "n * (n - 1) / 2 - settled * (settled - 1) / 2")
            if spec.exclusive
            else None
        ),
        clusters=_clusters(connection),
        forbidden=int(forbidden),
        left_out=[one.as_json() for one in linked.left_out],
        asked=asked,
        seconds=round(seconds, 2),
        peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // _MB,
        mistakes=_mistakes(connection, spec),
    )


def _pairs(connection: duckdb.DuckDBPyConnection, count: str) -> Quality:
    """Count pairs through the sizes of groups: no pair is ever made."""
    cells = (
        "SELECT cluster, entity, count(*) AS n, count(*) FILTER (settled) AS settled FROM judged"
    )
    both, found, true = (
        _numbers(connection, f"SELECT coalesce(sum({count}), 0) FROM ({cells} GROUP BY ALL)")[0]
        if by is None
        else _numbers(
            connection,
            f"SELECT coalesce(sum({count}), 0) FROM (SELECT {by}, count(*) AS n,"
            f" count(*) FILTER (settled) AS settled FROM judged GROUP BY 1)",
        )[0]
        for by in (None, "cluster", "entity")
    )
    return quality(both, found, true)


def _clusters(connection: duckdb.DuckDBPyConnection) -> Quality:
    """Count the groups that hold all records of one entity and no others."""
    connection.execute(
        "CREATE OR REPLACE TABLE cell AS SELECT *, sum(n) OVER (PARTITION BY cluster)"
        " AS of_cluster, sum(n) OVER (PARTITION BY entity) AS of_entity"
        " FROM (SELECT cluster, entity, count(*) AS n FROM judged GROUP BY ALL)"
    )
    right, found, true = _numbers(
        connection,
        "SELECT count(*) FILTER (n = of_cluster AND n = of_entity), count(DISTINCT cluster),"
        " count(DISTINCT entity) FROM cell",
    )
    return quality(right, found, true)


def quality(right: float, found: float, true: float) -> Quality:
    """Return precision, recall and F1; where there is nothing to find, nothing is missed."""
    precision = right / found if found else 1.0
    recall = right / true if true else 1.0
    both = precision + recall
    f1 = 2 * precision * recall / both if both else 0.0
    return Quality(round(precision, 6), round(recall, 6), round(f1, 6))


def _mistakes(connection: duckdb.DuckDBPyConnection, spec: Specification) -> list[dict[str, Any]]:
    """Return the worst: pairs linked wrongly by the heaviest evidence, and pairs missed."""
    wrong = connection.execute(f"""
        SELECT e.one, e.other FROM edge e
        JOIN (SELECT DISTINCT node, cluster, entity FROM judged) a ON a.node = e.one
        JOIN (SELECT DISTINCT node, cluster, entity FROM judged) b ON b.node = e.other
        WHERE a.cluster = b.cluster AND a.entity <> b.entity
        ORDER BY e.weight DESC, e.one, e.other LIMIT {_WORST}
    """).fetchall()
    missed = connection.execute(f"""
        SELECT one, other FROM (
            SELECT entity, cluster, min(node) AS one,
                   first_value(min(node)) OVER (PARTITION BY entity ORDER BY count(*) DESC, cluster)
                       AS other
            FROM judged GROUP BY entity, cluster
        ) WHERE one <> other ORDER BY hash(one), one LIMIT {_WORST}
    """).fetchall()
    pairs = [(min(pair), max(pair)) for pair in (*wrong, *missed)]
    evidence = engine.explain(connection, spec, pairs)
    names = [column.name for column in spec.columns]
    shown = {
        row[0]: dict(zip(names, row[1:], strict=True))
        for row in connection.execute(
            f"SELECT node, {', '.join(names)} FROM node WHERE node IN (SELECT unnest(?))",
            [[node for pair in pairs for node in pair]],
        ).fetchall()
    }
    return [
        {
            "kind": "wrongly linked" if number < len(wrong) else "missed",
            **evidence[pair],
            "one": shown[pair[0]],
            "other": shown[pair[1]],
        }
        for number, pair in enumerate(pairs)
    ]


def _numbers(connection: duckdb.DuckDBPyConnection, sql: str) -> list[int]:
    [row] = connection.execute(sql).fetchall()
    return [int(value) for value in row]
