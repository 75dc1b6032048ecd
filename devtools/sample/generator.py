"""Makes the department files of a city that does not exist."""

import math
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

import seeds
from devtools.sample import (
    faces,
    files,
    layouts,
    places,
    planted,
    population,
    registers,
    rows,
    spells,
    timeline,
    truth,
)
from relief.core.progress import Progress

_STEPS_BEFORE_FILES = 5
# What the rows of one city need; more records need as much again for each such number.
_MEMORY_MB, _MEMORY_FOR = 1200, 3_000_000
_SCRATCH = ".sample-"


@dataclass(frozen=True, slots=True)
class _Order:
    """What is asked for."""

    households: int
    records: int
    seed: int
    layouts: tuple[layouts.Layout, ...]


@dataclass(frozen=True, slots=True)
class SampleReport:
    """What was made."""

    households: int
    persons: int
    records: int
    files: dict[str, int]
    registers: dict[str, int]
    seconds: float
    seed: int


def generate(
    out_dir: Path, *, households: int, records: int, seed: int, progress: Progress
) -> SampleReport:
    """Write 33 department files, truth.csv, people.tsv and irregularities.csv into `out_dir`.

    The files of the outside registers, and planted.csv, go into its folder `registers`.

    The same arguments give the same bytes. Raises rows.CannotMakeSoMany if so many records do
    not fit so many households.
    """
    started = time.perf_counter()
    order = _Order(households, records, seed, layouts.load_all())
    total = _STEPS_BEFORE_FILES + len(order.layouts) + 1
    out_dir.mkdir(parents=True, exist_ok=True)
    for left_behind in out_dir.glob(f"{_SCRATCH}*"):  # by a run that was killed
        shutil.rmtree(left_behind)
    # Written aside and then moved: `out_dir` never holds half a file.
    with tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=out_dir) as scratch:
        ready = Path(scratch, "ready")
        ready.mkdir()
        with duckdb.connect(f"{scratch}/sample.duckdb") as con:
            # No progress bar of its own: it would write into what the command prints.
            memory = _MEMORY_MB * max(1, math.ceil(records / _MEMORY_FOR))
            con.execute(f"SET memory_limit = '{memory}MB'; SET enable_progress_bar = false")
            _prepare(con, order, lambda done, what: progress(done, total, what))
            counts = {}
            for done, layout in enumerate(order.layouts, _STEPS_BEFORE_FILES):
                progress(done, total, f"正在写出{layout.file_name}")
                counts[layout.file_name] = files.write(con, layout, ready)
            progress(total - 1, total, "正在写出对照表")
            persons = truth.write(con, ready)
            outside = registers.write(
                con, ready / registers.FOLDER, households=households, seed=seed
            )
        (out_dir / registers.FOLDER).mkdir(exist_ok=True)
        for file in sorted(path for path in ready.rglob("*") if path.is_file()):
            file.replace(out_dir / file.relative_to(ready))
    progress(total, total, "示例数据已生成")
    return SampleReport(
        households=households, persons=persons, records=sum(counts.values()), files=counts,
        registers=dict(outside),
        seconds=round(time.perf_counter() - started, 1), seed=seed,
    )  # fmt: skip


def _prepare(
    con: duckdb.DuckDBPyConnection, order: _Order, tell: Callable[[int, str], None]
) -> None:
    """Make all tables; what is left is to write them out."""
    tell(0, "正在生成人口和家庭")
    rng = np.random.default_rng(order.seed)
    where = places.load(seeds.path("reference/regions.csv"), rng)
    people = population.people(rng, where, order.households, seed=order.seed)
    tables = {"persons": people.persons, "households": people.households, "place": where.table}
    for name, table in tables.items():
        con.register("given", table)
        con.execute(f"CREATE TABLE {name} AS FROM given")
        con.unregister("given")
    timeline.build(con, seed=order.seed)
    tell(1, "正在分配救助项目")
    spells.build(con)
    tell(2, "正在埋设异常线索")
    planted.build(con, households=order.households)
    tell(3, "正在生成各部门的登记")
    faces.build(con, counties=np.unique(where.county), seed=order.seed)
    tell(4, "正在展开历年记录")
    rows.build(con, layouts=order.layouts, records=order.records)
