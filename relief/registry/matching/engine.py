"""Compares records by a specification, with Splink on DuckDB.

The one module that knows which linkage library and which database do the work: for a province,
Splink's Spark backend takes its place here. What a specification declares goes through Splink's
own level library, which speaks each database's dialect.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb
import splink.comparison_level_library as cll
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.comparison_library import CustomComparison
from splink.internals.comparison_level_creator import ComparisonLevelCreator
from splink.internals.exceptions import SplinkException

from relief.registry.matching.faults import blamed, first_line
from relief.registry.matching.parts import BadSpecification
from relief.registry.matching.specification import Comparison, Level, Specification

NODE = "node"
_UNTRAINED = 0.0001
_LEAST = 1e-7  # a level that training never saw still has a finite weight


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Blocks that were too large to compare, as one block rule has them."""

    block: str
    count: int
    largest: int

    def as_json(self) -> dict[str, Any]:
        """Return it as one JSON object."""
        return {"block": self.block, "left_out": self.count, "largest": self.largest}


# Of a block rule, by its number, and the SQL of a block's text: the SQL that tells a block of which
# it is known that it is too big.
IsCrowded = Callable[[int, str], str]


def name_blocks(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    spec: Specification,
    *,
    is_crowded: IsCrowded | None = None,
) -> None:
    """Add the columns `block_1 …` to a table of records: the text that equal records share.

    NULL where a part of it is missing, and in blocks that are known to be too big.
    """
    parts = []
    for number, block in enumerate(spec.blocks, start=1):
        whole = " AND ".join(f"{column} IS NOT NULL" for column in block.equal)
        text = f"concat_ws('|', {', '.join(f'{column}::VARCHAR' for column in block.equal)})"
        if is_crowded is not None:
            whole += f" AND NOT {is_crowded(number, text)}"
        parts.append(f"CASE WHEN {whole} THEN {text} END AS block_{number}")
    connection.execute(
        f"CREATE OR REPLACE TABLE {table} AS SELECT *, {', '.join(parts)} FROM {table}"
    )


def add_blocks(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    spec: Specification,
    *,
    is_crowded: IsCrowded | None = None,
) -> list[LeftOut]:
    """Add the blocks to a table of records, without those that are too big, which are reported.

    One crowded house or one phone must not compare everyone with everyone. Makes
    `crowd(number, block, size)`; `is_crowded` tells of more, whose records are not all here.
    """
    name_blocks(connection, table, spec, is_crowded=is_crowded)
    sizes = " UNION ALL ".join(
        f"SELECT {number} AS number, block_{number} AS block, count(*) AS size FROM {table}"
        f" WHERE block_{number} IS NOT NULL GROUP BY ALL HAVING size > {block.largest}"
        for number, block in enumerate(spec.blocks, start=1)
    )
    connection.execute(f"CREATE OR REPLACE TABLE crowd AS {sizes}")
    crowded = connection.execute(
        "SELECT number, count(*), max(size) FROM crowd GROUP BY 1 ORDER BY 1"
    ).fetchall()
    for number, _, _ in crowded:
        connection.execute(
            f"UPDATE {table} SET block_{number} = NULL"
            f" WHERE block_{number} IN (SELECT block FROM crowd WHERE number = {number})"
        )
    return [
        LeftOut(spec.blocks[number - 1].name, int(count), int(largest))
        for number, count, largest in crowded
    ]


def check(connection: duckdb.DuckDBPyConnection, spec: Specification) -> None:
    """Try each level on the columns of `node`; what Splink makes of all of them says no place.

    Raises BadSpecification, which names the first that the database does not understand.
    """
    columns = [row[0] for row in connection.execute("DESCRIBE node").fetchall()]
    sides = ", ".join(f"{side}.{name} AS {name}_{side}" for name in columns for side in "lr")
    for comparison in spec.comparisons:
        for number, level in enumerate(comparison.levels, start=1):
            if level.match != "else":
                sql = _match(level).get_comparison_level("duckdb").sql_condition
                with blamed(spec, f"comparisons：{comparison.name} 第 {number} 级"):
                    connection.execute(
                        f"SELECT 1 FROM (SELECT {sides} FROM node l, node r) WHERE ({sql}) LIMIT 0"
                    )


def score(
    connection: duckdb.DuckDBPyConnection,
    spec: Specification,
    *,
    records: str,
    others: str | None = None,
) -> None:
    """Make `edge(one, other, weight)`: pairs within `records`, and between them and `others`.

    Both are tables with the specification's columns, `node` and the blocks. Only pairs from the
    review threshold upward are kept; `one` < `other`. Raises BadSpecification for a wrong level.
    """
    connection.execute("CREATE OR REPLACE TABLE edge (one BIGINT, other BIGINT, weight DOUBLE)")
    if not _has_pairs(connection, spec, records, others):
        return  # to set the library up costs more than most small merges
    check(connection, spec)
    with _linker(connection, spec, [records, *([others] if others else [])]) as linker:
        tables = linker.frames
        found = [
            linker.splink.inference.predict_within(
                tables[0], threshold_match_weight=spec.thresholds.review, warning_mode="never"
            ).physical_name
        ]
        if others is not None:
            found.append(
                linker.splink.inference.predict_between(
                    tables[0],
                    tables[1],
                    threshold_match_weight=spec.thresholds.review,
                    warning_mode="never",
                ).physical_name
            )
        connection.execute(
            "INSERT INTO edge "
            + " UNION ALL ".join(
                f"SELECT least({NODE}_l, {NODE}_r) AS one, greatest({NODE}_l, {NODE}_r) AS other,"
                f" match_weight AS weight FROM {table}"
                for table in found
            )
        )


def explain(
    connection: duckdb.DuckDBPyConnection, spec: Specification, pairs: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], dict[str, Any]]:
    """Say of pairs of `node`, also of some that no block compares, what speaks for and against.

    Returns `weight` and `comparisons`, each with its name, label, level and weight in bits.
    """
    if not pairs:
        return {}
    connection.execute(
        "CREATE OR REPLACE TABLE pair_list"
        " (match_key VARCHAR, join_key_l BIGINT, join_key_r BIGINT)"
    )
    connection.execute(
        "INSERT INTO pair_list SELECT '0', unnest(?), unnest(?)",
        [[min(pair) for pair in pairs], [max(pair) for pair in pairs]],
    )
    levels = ", ".join(f"gamma_{one.name}, {_weight(one)}" for one in spec.comparisons)
    with _linker(connection, spec, ["node"]) as linker:
        table = linker.splink._db_api.register("pair_list")  # noqa: SLF001  # as its guide does
        linker.splink.table_management.register_blocked_pairs_for_predict(table)
        scored = linker.splink.inference.predict(warning_mode="never").physical_name
        rows = connection.execute(
            f"SELECT least({NODE}_l, {NODE}_r), greatest({NODE}_l, {NODE}_r), match_weight,"
            f" {levels} FROM {scored}"
        ).fetchall()
    connection.execute("DROP TABLE pair_list")
    return {(one, other): _evidence(spec, weight, rest) for one, other, weight, *rest in rows}


def _weight(comparison: Comparison) -> str:
    adjusted = any(level.term_frequency for level in comparison.levels)
    return f"mw_{comparison.name}" + (f" + mw_tf_adj_{comparison.name}" if adjusted else "")


def _evidence(spec: Specification, weight: float, found: Sequence[Any]) -> dict[str, Any]:
    comparisons = []
    for comparison, gamma, bits in zip(spec.comparisons, found[::2], found[1::2], strict=True):
        # Splink counts levels from the weakest, 0, and says -1 where a side is missing.
        level = comparison.levels[-1 - gamma] if gamma >= 0 else None
        comparisons.append(
            {
                "column": comparison.name,
                "name": comparison.label,
                "label": level.label if level else None,
                "weight": round(bits, 1),
            }
        )
    return {"weight": round(weight, 1), "comparisons": comparisons}


def _has_pairs(
    connection: duckdb.DuckDBPyConnection, spec: Specification, records: str, others: str | None
) -> bool:
    """Tell whether any block holds two records of which one is of `records`."""
    everyone = records if others is None else f"{records} UNION ALL SELECT * FROM {others}"
    shared = " UNION ALL ".join(
        f"SELECT 1 FROM (SELECT block_{number} AS block FROM {records}"
        f" WHERE block_{number} IS NOT NULL) JOIN (SELECT block_{number} AS block, count(*) AS n"
        f" FROM (SELECT * FROM {everyone}) GROUP BY 1 HAVING n > 1) USING (block)"
        for number in range(1, len(spec.blocks) + 1)
    )
    return bool(connection.execute(f"SELECT 1 FROM ({shared}) LIMIT 1").fetchall())


def train(
    connection: duckdb.DuckDBPyConnection, spec: Specification, *, records: str, truth: str | None
) -> tuple[float, Mapping[str, Sequence[tuple[float | None, float | None]]]]:
    """Learn the weights from a table of records.

    With `truth`, a column that says who a record speaks of, agreement among true pairs is
    counted; without, it is estimated by expectation maximisation in the rounds the specification
    names. Returns the prior, and (m, u) of each level of each comparison.
    """
    with _linker(connection, spec, [records], blocked=False) as linker:
        training = linker.splink.training
        if spec.training.sure:
            try:
                training.estimate_probability_two_random_records_match(
                    [_rule(one) for one in spec.training.sure], recall=spec.training.recall_of_sure
                )
            except ValueError as error:  # more sure matches than the declared recall allows
                said = first_line(error)
                raise BadSpecification(f"{spec.path.name}：training：sure：{said}") from None
        training.estimate_u_using_random_sampling(
            max_pairs=spec.training.pairs, seed=1, min_count_per_level=None, num_chunks=1
        )
        if truth is not None:
            training.estimate_m_from_label_column(truth)
        else:
            for one in spec.training.em:
                training.estimate_parameters_using_expectation_maximisation(block_on(*one))
        learned = linker.splink.misc.save_model_to_json()
    return (
        float(learned["probability_two_random_records_match"]),
        {
            comparison["output_column_name"]: [
                (level.get("m_probability"), level.get("u_probability"))
                for level in comparison["comparison_levels"]
                if not level.get("is_null_level")
            ]
            for comparison in learned["comparisons"]
        },
    )


def _rule(names: str) -> str:
    """Return `a, b` as the rule that both are equal."""
    return " and ".join(f"l.{one.strip()} = r.{one.strip()}" for one in names.split(","))


@dataclass(frozen=True, slots=True)
class _Open:
    splink: Linker
    frames: list[Any]


@contextmanager
def _linker(
    connection: duckdb.DuckDBPyConnection,
    spec: Specification,
    tables: Sequence[str],
    *,
    blocked: bool = True,
) -> Iterator[_Open]:
    """Open Splink over our tables; what it made in the database goes at the end."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    api = DuckDBAPI(connection)
    frames = [api.register(table, dataset_display_name=table) for table in tables]
    linker = Linker(
        frames[0], settings(spec, blocked=blocked), log_level=None, validate_settings=False
    )
    there = _tables(connection)
    for column in spec.frequency_columns():
        if f"frequency_{column}" in there:
            lookup = api.register(f"frequency_{column}")
            linker.table_management.register_term_frequency_lookup(lookup, column)
    before = _tables(connection)
    try:
        yield _Open(linker, frames)
    except SplinkException as error:
        said = first_line(error.__cause__ or error)
        raise BadSpecification(f"{spec.path.name}：无法比对：{said}") from None
    finally:
        for name in _tables(connection) - before:
            if name.startswith("__splink"):
                connection.execute(f'DROP TABLE IF EXISTS "{name}"')


def _tables(connection: duckdb.DuckDBPyConnection) -> set[str]:
    return {
        row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    }


def settings(spec: Specification, *, blocked: bool = True) -> SettingsCreator:
    """Return what a specification declares, in Splink's words; its blocks have columns already."""
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name=NODE,
        probability_two_random_records_match=spec.prior or _UNTRAINED,
        comparisons=[_comparison(one) for one in spec.comparisons],
        blocking_rules_to_generate_predictions=[
            block_on(f"block_{number}") for number in range(1, len(spec.blocks) + 1) if blocked
        ],
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=True,
        max_iterations=100,
    )


def _comparison(comparison: Comparison) -> CustomComparison:
    nothing: list[ComparisonLevelCreator] = [cll.NullLevel(one) for one in comparison.needs]
    null = nothing[0] if len(nothing) == 1 else cll.Or(*nothing)
    return CustomComparison(
        output_column_name=comparison.name,
        comparison_levels=[
            null.configure(is_null_level=True),
            *(_level(level) for level in comparison.levels),
        ],
    )


def _level(level: Level) -> ComparisonLevelCreator:
    made = _match(level).configure(label_for_charts=level.label)
    if level.m is not None:
        made = made.configure(m_probability=max(level.m, _LEAST))
    if level.u is not None:
        made = made.configure(u_probability=max(level.u, _LEAST))
    return made


def _match(level: Level) -> ComparisonLevelCreator:
    column, limit = level.column or "", level.limit or 0
    made: Mapping[str, Callable[[], ComparisonLevelCreator]] = {
        "exact": lambda: cll.ExactMatchLevel(
            column, term_frequency_adjustments=level.term_frequency
        ),
        "levenshtein": lambda: cll.LevenshteinLevel(column, int(limit)),
        "damerau_levenshtein": lambda: cll.DamerauLevenshteinLevel(column, int(limit)),
        "jaro_winkler": lambda: cll.JaroWinklerLevel(column, limit),
        "shared": lambda: cll.ArrayIntersectLevel(column, min_intersection=int(limit)),
        "sql": lambda: cll.CustomLevel(level.sql or "", level.label),
        "else": cll.ElseLevel,
    }
    return made[level.match]()
