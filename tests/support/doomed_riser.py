"""A worker process for a test that kills it: `python -m tests.support.doomed_riser URL STORAGE`.

It works on a rise, two entitlements at once, says so on standard output in the middle of the second
transaction, and waits for ever.
"""

import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from relief.jobs.process import unit_of_work_of
from relief.review.rising import service, task
from relief.tasks.worker import TaskContext, Worker, run_one
from relief.web import frame
from tests.support.settings import FakeClock, make_config

AT_ONCE = 2


def work(context: TaskContext) -> dict[str, Any]:
    """Draw or decide, and never end."""
    fences = iter((context.fence,))

    def fence(session: Session) -> None:
        if (real := next(fences, None)) is not None:
            real(session)
            return
        sys.stdout.write("begun\n")
        sys.stdout.flush()
        threading.Event().wait()

    return task.run(replace(context, fence=fence), draw_at_once=AT_ONCE, at_once=AT_ONCE)


def main(url: str, storage: str) -> None:
    """Take one task."""
    config = make_config(url, Path(storage))
    clock = FakeClock()
    app = frame.build("relief", config=config, clock=clock)
    run_one(
        Worker(
            handlers={service.KIND: work},
            unit_of_work=unit_of_work_of(app),
            cipher=config.cipher,
            config=config,
            clock=clock,
            ended=lambda *_: None,
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
