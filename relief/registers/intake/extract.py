"""The child process that takes the rejected rows out of an original file of a register.

What it writes is as of a department's file (`registry.intake.extract`): the original's own form,
with the reasons behind the last column, and no cell that a spreadsheet would run.
"""

import json
import resource
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from relief.registers.intake import layouts
from relief.registers.types import Register
from relief.registry.intake import extract
from relief.registry.intake.child import guarded, open_with
from relief.registry.intake.limits import Limits


def main(source: TextIO, target: TextIO) -> None:  # pragma: no cover  # as in child
    """Limit this process, do the job, tell that it is done."""
    job = json.load(source)
    limits = Limits(**job["limits"])
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 5))
    json.dump(run(job), target)


def run(job: Mapping[str, Any]) -> dict[str, Any]:
    """Write the file named `rejected` in the job's folder."""
    return guarded(_extract, dict(job))


def _extract(job: dict[str, Any], _found: dict[str, Any]) -> None:
    register = Register(job["register"])
    table, match = open_with(
        Path(job["path"]), Limits(**job["limits"]), lambda rows: layouts.find(rows, register)
    )
    extract.write(table, match, Path(job["folder"]))
