"""Learns a specification's weights from records, and writes them into its file.

The key `learned` is written here; what is declared stays as it is.
"""

import math
import os
import re
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import yaml

from relief.registry.matching import engine, preparing
from relief.registry.matching.parts import BadSpecification
from relief.registry.matching.specification import OTHERS, Specification

# From the line `learned:` to the next key of the file, or its end.
_LEARNED = re.compile(r"^learned:.*?(?=^[^\s#]|\Z)", re.MULTILINE | re.DOTALL)
# Rarer values are not listed one by one: they would say who lives here.
_COMMON = 20
_DIGITS = 4  # significant ones of a probability


def train(
    connection: duckdb.DuckDBPyConnection, spec: Specification, *, truth: str | None
) -> dict[str, Any]:
    """Return what `learned:` shall hold, from `node` as `preparing.read` makes it.

    With `truth`, the table `truth(node, entity)` tells who is who. The frequencies of common
    values are taken over records with different exclusive values, else over all.
    """
    preparing.settle(connection, spec)
    preparing.derive(connection, spec)
    engine.check(connection, spec)
    connection.execute(
        "CREATE OR REPLACE TABLE trained AS SELECT n.*"
        + (", t.entity FROM node n JOIN truth t USING (node)" if truth else " FROM node n")
    )
    pairs = _pairs(connection)
    prior, weights = engine.train(
        connection, spec, records="trained", truth="entity" if truth else None
    )
    if truth is not None:
        prior = _match_rate(connection, pairs)
    sampled = min(spec.training.pairs, pairs)
    return {
        "prior": _short(prior),
        "weights": {
            comparison.name: [
                _pair(m, u, prior, 0.5 / sampled, level.expected)
                for (m, u), level in zip(weights[comparison.name], comparison.levels, strict=True)
            ]
            for comparison in spec.comparisons
        },
        "term_frequencies": {
            column: _frequencies(connection, spec, column) for column in spec.frequency_columns()
        },
    }


def write(path: Path, learned: dict[str, Any]) -> None:
    """Put what was learned at the end of a specification's file, in the place of what was there.

    The file is the old one or the new one, whenever the process dies. Raises BadSpecification if
    it cannot be written.
    """
    declared = _LEARNED.sub("", path.read_text("utf-8")).rstrip()
    made = yaml.safe_dump(learned, allow_unicode=True, sort_keys=False, default_flow_style=None)
    indented = "".join(f"  {line}\n" for line in made.splitlines())
    whole = path.resolve()  # a link stays a link
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=whole.parent, prefix=f".{whole.name}.", delete=False
        ) as file:
            partial = Path(file.name)
            file.write(f"{declared}\n\nlearned:\n{indented}")
            file.flush()
            os.fsync(file.fileno())
        partial.chmod(whole.stat().st_mode)
        partial.replace(whole)
    except OSError as error:
        raise BadSpecification(f"无法写入 {path}：{error.strerror}") from None


def _pair(
    m: float | None, u: float | None, prior: float, least: float, expected: float | None
) -> list[float]:
    """Return (m, u) of a level.

    Random pairs hold `prior` true ones; what these show is no coincidence and is taken out of u.
    A level has at least the declared `expected` share: other records err where these do not.
    """
    seen = max(m or 0.0, expected or 0.0)
    chance = max(((u or 0.0) - prior * (m or 0.0)) / (1 - prior), least)
    return [_short(max(seen, least)), _short(min(chance, 1.0))]


def _match_rate(connection: duckdb.DuckDBPyConnection, pairs: float) -> float:
    [(true_pairs,)] = connection.execute(
        "SELECT coalesce(sum(n * (n - 1) / 2), 0) FROM"
        " (SELECT count(*) AS n FROM trained GROUP BY entity)"
    ).fetchall()
    return float(true_pairs) / pairs


def _pairs(connection: duckdb.DuckDBPyConnection) -> float:
    [(count,)] = connection.execute("SELECT count(*) FROM trained").fetchall()
    if count < 2:  # noqa: PLR2004  # a pair
        raise BadSpecification("记录太少，无法训练")
    pairs: float = count * (count - 1) / 2
    return pairs


def _frequencies(
    connection: duckdb.DuckDBPyConnection, spec: Specification, column: str
) -> dict[str, float]:
    who = spec.exclusive.column if spec.exclusive else "node"
    connection.execute(
        f"CREATE OR REPLACE TABLE common AS SELECT {column} AS value,"
        f" count(DISTINCT {who}) AS people FROM trained"
        f" WHERE {column} IS NOT NULL AND {who} IS NOT NULL GROUP BY 1"
    )
    [(total, rare, kinds)] = connection.execute(
        f"SELECT sum(people), sum(people) FILTER (people < {_COMMON}),"
        f" count(*) FILTER (people < {_COMMON}) FROM common"
    ).fetchall()
    rows = connection.execute(
        f"SELECT value, people FROM common WHERE people >= {_COMMON} ORDER BY people DESC, 1"
    ).fetchall()
    found = {value: _short(people / total) for value, people in rows}
    if kinds:
        found[OTHERS] = _short(float(rare) / float(kinds) / float(total))
    return found


def _short(value: float) -> float:
    if value <= 0:
        return 0.0
    return float(round(value, _DIGITS - 1 - math.floor(math.log10(value))))


def learned_in(spec: Specification, learned: dict[str, Any]) -> Specification:
    """Return the specification with what was learned, without writing it."""
    return replace(
        spec,
        prior=learned["prior"],
        term_frequencies=learned["term_frequencies"],
        comparisons=tuple(
            replace(
                comparison,
                levels=tuple(
                    replace(level, m=m, u=u)
                    for level, (m, u) in zip(
                        comparison.levels, learned["weights"][comparison.name], strict=True
                    )
                ),
            )
            for comparison in spec.comparisons
        ),
    )
