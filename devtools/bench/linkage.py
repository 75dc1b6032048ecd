"""Linkage alone, beside Splink as it is, on the same descriptions.

`python -m devtools.bench.linkage ours|bare RECORDS`, a process each, so that memory can be told
apart. `ours` is what a merge does; `bare` compares everyone with everyone in the same blocks, by
the same comparisons and weights, and clusters what is above the threshold. Reading and cleaning
the records is in neither.
"""

import json
import resource
import sys
import time
from pathlib import Path

import duckdb
import splink
from splink import DuckDBAPI, Linker

from relief.registry.matching import engine, linkage, preparing, specification
from relief.registry.matching.records import RECORD, open_records
from relief.registry.matching.specification import Specification

SPECIFICATION = "china-departments"


def main(way: str, path: str) -> None:
    """Link the records of a file in one of the two ways and print what it took."""
    spec = specification.load(specification.find(SPECIFICATION))
    with open_records(Path(path)) as records:
        connection = records.connection
        preparing.read(connection, spec, "source", record=RECORD)
        if way == "bare":
            preparing.settle(connection, spec)
            preparing.derive(connection, spec)
            engine.add_blocks(connection, "node", spec)
        started = time.perf_counter()
        pairs = _bare(connection, spec) if way == "bare" else linkage.link(connection, spec).edges
        seconds = time.perf_counter() - started
        [(descriptions,)] = connection.execute("SELECT count(*) FROM node").fetchall()
    figures = {
        "seconds": round(seconds, 2),
        "descriptions": descriptions,
        "pairs": pairs,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "splink": splink.__version__,
    }
    sys.stdout.write(f"{json.dumps(figures)}\n")


def _bare(connection: duckdb.DuckDBPyConnection, spec: Specification) -> int:
    """Let Splink predict and cluster; return how many pairs it kept."""
    api = DuckDBAPI(connection)
    linker = Linker(
        api.register("node"), engine.settings(spec), log_level=None, validate_settings=False
    )
    found = linker.inference.predict(
        threshold_match_weight=spec.thresholds.review, warning_mode="never"
    )
    linker.clustering.cluster_pairwise_predictions_at_threshold(
        found, threshold_match_weight=spec.thresholds.link
    )
    [(pairs,)] = connection.execute(f"SELECT count(*) FROM {found.physical_name}").fetchall()  # noqa: S608  # a table of Splink's
    return int(pairs)


if __name__ == "__main__":
    main(*sys.argv[1:])
