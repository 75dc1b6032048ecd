"""A worker process for a test that kills it: `python -m tests.support.doomed_exporter URL STORAGE`.

It makes an export up to its last statement, says so on standard output, and waits for ever.
"""

import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from relief import wiring
from relief.core.clock import system_clock
from relief.jobs.process import unit_of_work_of
from relief.tasks.worker import TaskContext, Worker, run_one
from relief.web import frame
from tests.support.settings import make_config


def wait(*_: Any) -> None:
    """Stand still in the middle of the last transaction."""
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    threading.Event().wait()


def make(context: TaskContext) -> dict[str, Any]:
    """Make the export, and never end."""
    return wiring.HANDLERS["export"](replace(context, complete=wait))


def main(url: str, storage: str) -> None:
    """Take one task."""
    config = make_config(url, Path(storage))
    app = frame.build("relief", config=config, clock=system_clock)
    run_one(
        Worker(
            handlers={"export": make},
            unit_of_work=unit_of_work_of(app),
            cipher=config.cipher,
            config=config,
            clock=system_clock,
            ended=lambda *_: None,
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
