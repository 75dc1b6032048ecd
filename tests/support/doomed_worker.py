"""A worker process for tests that kill it: `python -m tests.support.doomed_worker URL STORAGE`.

Its task leaves one row in the table `effect`. With `wait` in its arguments it says on standard
output that it is in the middle of its transaction, and tells its progress for ever.
"""

import sys
import threading
from pathlib import Path
from typing import Any

from sqlalchemy import text

from relief.core.clock import system_clock
from relief.jobs import worker
from relief.jobs.process import Pulse, stop_on_signals, unit_of_work_of
from relief.tasks.worker import TaskContext, Worker
from relief.web import frame
from tests.support.settings import make_config

TABLE = "CREATE TABLE effect (task_id uuid NOT NULL)"
A_WHILE = 0.02


def leave_a_row(context: TaskContext) -> dict[str, Any]:
    """Have one effect, completed in its own transaction."""
    with context.unit_of_work() as session:
        session.execute(text("INSERT INTO effect VALUES (:id)"), {"id": context.task_id})
        if context.arguments.get("wait"):
            sys.stdout.write("begun\n")
            sys.stdout.flush()
            while not threading.Event().wait(A_WHILE):
                context.progress(0, 1, "…")
        threading.Event().wait(A_WHILE)
        context.progress(1, 1, "…")
        context.complete(session, {})
    return {}


def main(url: str, storage: str) -> None:
    """Work until told to stop, or killed."""
    config = make_config(url, Path(storage))
    app = frame.build("relief", config=config, clock=system_clock)
    doing = Worker(
        handlers={"effect": leave_a_row},
        unit_of_work=unit_of_work_of(app),
        cipher=config.cipher,
        config=config,
        clock=system_clock,
        ended=lambda *_: None,
    )
    worker.serve(app, doing, stop=stop_on_signals(), pulse=Pulse())


if __name__ == "__main__":
    main(*sys.argv[1:])
