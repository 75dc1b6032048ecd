"""Imports changed files by the way of `relief import`, and says what became of them."""

import re
import resource
import shutil
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from flask import Flask
from sqlalchemy import func, select

from relief.jobs.process import unit_of_work_of
from relief.registry.intake import driver
from relief.registry.intake.types import BatchReport
from relief.registry.models import ImportBatch, RejectedRow, SourceRecord
from relief.registry.types import BatchStatus
from tests.support import mutants
from tests.support.files import small_limits

LIMITS = small_limits(memory_bytes=1 << 30, cpu_seconds=20, wall_seconds=30)
_AT_ONCE = 250
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
UNEXPECTED = "读取文件时出现意外错误，请联系系统管理员。"


@dataclass
class Outcome:
    """What became of the files."""

    files: int = 0
    seconds: float = 0.0
    statuses: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def tell(self, target: TextIO) -> None:
        """Write the figures."""
        target.write(f"\n{self.files} files in {self.seconds:.0f} s: {dict(self.statuses)}\n")
        target.writelines(f"{times:6} {fault}\n" for fault, times in self.faults.most_common())

    def note(self, path: Path, report: BatchReport) -> None:
        """Count one report, and what is wrong with it."""
        self.files += 1
        self.statuses[report.status.value] += 1
        if report.received != report.loaded + report.rejected:
            self.wrong.append(f"{path.name}: {report}")
        if report.status is BatchStatus.FAILED:
            fault = report.fault or ""
            self.faults[re.sub(r"[0-9]+", "N", fault)] += 1
            if not _CHINESE.search(fault) or "\n" in fault or report.received:
                self.wrong.append(f"{path.name}: {fault!r}")
            if fault == UNEXPECTED:
                self.wrong.append(f"{path.name}: a bug of the reader")


def run(app: Flask, folder: Path, seeds: range) -> Outcome:
    """Import a file for each seed, and compare what was told with what stands in the database."""
    outcome = Outcome()
    opened = unit_of_work_of(app)
    config = app.extensions["relief.config"]
    job = driver.Import(
        unit_of_work=opened,
        scheme_code=None,
        actor_id=None,
        cipher=app.extensions["relief.cipher"],
        storage=config.storage_dir,
        clock=app.extensions["relief.clock"],
        limits=LIMITS,
    )
    begun = time.monotonic()
    for first in range(0, len(seeds), _AT_ONCE):
        part = folder / str(first)
        part.mkdir(parents=True)
        paths = mutants.write(part, seeds[first : first + _AT_ONCE])
        for path, report in zip(paths, driver.import_paths(paths, job), strict=True):
            outcome.note(path, report)
        shutil.rmtree(part)
    outcome.seconds = time.monotonic() - begun
    with opened() as session:
        sums = session.execute(
            select(func.sum(ImportBatch.loaded), func.sum(ImportBatch.rejected)).where(
                ImportBatch.status == BatchStatus.LOADED
            )
        ).one()
        records = session.scalar(select(func.count()).select_from(SourceRecord))
        reasons = session.scalars(select(RejectedRow.reason)).all()
    if (sums[0] or 0, sums[1] or 0) != (records, len(reasons)):
        outcome.wrong.append(f"told {tuple(sums)}, kept {(records, len(reasons))}")
    outcome.wrong += [f"reason {reason!r}" for reason in reasons if not _CHINESE.search(reason)]
    left = [*(config.storage_dir / "work").iterdir()]
    outcome.wrong += [f"left {path.name}" for path in left]
    return outcome


def own_size() -> int:
    """Bytes of memory that this process has ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def largest_child() -> int:
    """Bytes of memory that the largest child of this process held."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
