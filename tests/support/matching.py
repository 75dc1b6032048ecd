"""A small specification of a club's members, and how tests link a few invented ones by it."""

import copy
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import yaml

from relief.registry.matching import linkage, preparing
from relief.registry.matching import specification as specifications
from relief.registry.matching.specification import Specification

COLUMNS = ("name", "born", "card", "city", "family")

MEMBERS: dict[str, Any] = {
    "name": "members",
    "summary": "the members of a club",
    "columns": {
        "name": {"from": ["full name"], "clean": "latin"},
        "born": {"clean": "day"},
        "card": {"clean": "number"},
        "city": {"clean": "latin"},
        "family": {"clean": "latin"},
    },
    "exclusive": {"column": "card", "sure": "born_l IS NOT NULL", "agree": "name_l = name_r"},
    "derived": {"initial": "substr(name, 1, 1)"},
    "collected": {"relatives": {"of": "name", "by": "family", "largest": 4}},
    "comparisons": [
        {
            "name": "name",
            "label": "Name",
            "levels": [
                {"match": "exact", "label": "the same", "term_frequency": True},
                {"match": "jaro_winkler", "limit": 0.9, "label": "alike"},
                {"match": "else", "label": "another"},
            ],
        },
        {
            "name": "born",
            "levels": [
                {"match": "exact"},
                {"match": "levenshtein", "limit": 1},
                {"match": "damerau_levenshtein", "limit": 1},
                {"match": "sql", "sql": "substr(born_l, 1, 4) = substr(born_r, 1, 4)"},
                {"match": "else", "expected": 0.01},
            ],
        },
        {
            "name": "home",
            "needs": ["city", "relatives"],
            "levels": [
                {"match": "shared", "column": "relatives", "limit": 1, "label": "a relative"},
                {"match": "exact", "column": "city"},
                {"match": "else"},
            ],
        },
    ],
    "blocks": [
        {"name": "names", "equal": ["name"], "largest": 50},
        {"name": "births", "equal": ["born", "initial"], "largest": 50},
    ],
    "thresholds": {"link": 5.0, "review": 0.0, "lead": 2.0},
    "training": {"sure": ["name, born"], "em": [["born"], ["name"]], "pairs": 100000},
    "learned": {
        "prior": 0.01,
        "weights": {
            "name": [[0.8, 0.01], [0.15, 0.01], [0.05, 0.98]],
            "born": [[0.9, 0.001], [0.04, 0.002], [0.01, 0.001], [0.02, 0.03], [0.03, 0.966]],
            "home": [[0.3, 0.001], [0.5, 0.1], [0.2, 0.899]],
        },
        "term_frequencies": {"name": {"ann lee": 0.04, "*": 0.0025}},
    },
}


def write(folder: Path, change: Callable[[dict[str, Any]], object] | None = None) -> Path:
    """Write the specification, changed, into a file."""
    data = copy.deepcopy(MEMBERS)
    if change is not None:
        change(data)
    path = folder / "members.yml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), "utf-8")
    return path


def load(folder: Path, change: Callable[[dict[str, Any]], object] | None = None) -> Specification:
    return specifications.load(write(folder, change))


def member(name="bob ray", born="1980-03-04", card=None, city="ayr", family=None):
    """One row, in the order of COLUMNS."""
    return (name, born, card, city, family)


def prepare(spec: Specification, rows: Sequence[tuple]) -> duckdb.DuckDBPyConnection:
    """Make `node` of the rows; `record` is a row's place in the list unless it gives its own."""
    connection = duckdb.connect()
    columns = [pa.array([row[i] for row in rows], pa.string()) for i in range(len(COLUMNS))]
    numbers = [row[len(COLUMNS)] if len(row) > len(COLUMNS) else i for i, row in enumerate(rows)]
    made = pa.table(
        {"record": pa.array(numbers, pa.int64()), **dict(zip(COLUMNS, columns, strict=True))}
    )
    connection.register("made", made)
    connection.execute("CREATE TABLE source AS SELECT * FROM made")
    preparing.read(connection, spec, "source", record="record")
    return connection


def link(spec: Specification, rows: Sequence[tuple]):
    """Link the rows; return the connection and what was linked."""
    connection = prepare(spec, rows)
    return connection, linkage.link(connection, spec)


def groups(connection: duckdb.DuckDBPyConnection) -> list[set[int]]:
    """Which rows are one, in the order of their first."""
    found: dict[int, set[int]] = {}
    for record, cluster in connection.execute(
        "SELECT record, cluster FROM node_row JOIN grouped USING (node)"
    ).fetchall():
        found.setdefault(cluster, set()).add(record)
    return sorted(found.values(), key=min)


def people(count: int) -> list[tuple]:
    """Twice `count` invented members, the second time with slips; the last value says who."""
    first = ["ann", "bob", "cid", "dora", "eve", "finn", "gus", "hal", "ida", "jon"]
    last = ["lee", "ray", "moss", "hill", "west", "king", "page", "dean", "ford", "cole", "shaw"]
    rows = []
    for i in range(count):
        name = f"{first[i % 10]} {last[(i * 7) % 11]}"
        born = f"{1930 + (i * 13) % 80}-{1 + i % 12:02d}-{1 + (i * 5) % 28:02d}"
        city = ("ayr", "ely", "rye")[i % 3]
        slip = born[:-1] + str((int(born[-1]) + 1) % 10) if i % 7 == 0 else born
        rows.append((name, born, None, city, f"f{i // 3}", i))
        rows.append((name[:-1] if i % 5 == 0 else name, slip, None, city, None, i))
    return rows
