"""Who answers which hook: what each kind of task does, and who hears of its end."""

import threading
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from relief.accounts.types import Role
from relief.jobs import scheduler, worker
from relief.jobs.process import Pulse, stop_on_signals, unit_of_work_of
from relief.jobs.queries import holders_of
from relief.notifications.service import notify
from relief.registry.intake import task as intake
from relief.registry.merging import service as merging
from relief.tasks.models import Task, TaskStatus
from relief.tasks.worker import Handler, TaskContext, Worker


def merge(context: TaskContext) -> dict[str, Any]:
    """Bring the registry to what the live batches say, in one transaction."""
    with context.unit_of_work() as session:
        report = merging.merge(
            session, actor_id=context.actor_id, now=context.clock(), progress=context.progress
        )
        result = report.as_json()
        context.complete(session, result)
    return result


HANDLERS: Mapping[str, Handler] = {
    "import": intake.run,
    "merge": merge,
}

# kind → what it is called in a notice, and where its fruit is seen
TITLES = {"import": "数据导入", "merge": "数据归并"}
LINKS = {"import": "/batches", "merge": "/households"}


def tell_the_end(session: Session, task: Task, now: datetime) -> None:
    """Tell whoever waits for a task that it is done or has failed.

    That is who asked for it and who else its arguments name; of a failure that nobody waits
    for, the system administrators hear.
    """
    done = task.status is TaskStatus.DONE
    waiting = {uuid.UUID(account) for account in task.arguments.get("notify", ())}
    if task.created_by is not None:
        waiting.add(task.created_by)
    if not waiting and not done:
        waiting.update(holders_of(session, (Role.SYSTEM_ADMIN,)))
    title = TITLES.get(task.kind, "后台任务")
    for account in sorted(waiting):
        notify(
            session,
            recipient_id=account,
            title=f"{title}已完成" if done else f"{title}未成功",
            body=f"{title}任务已处理完毕。" if done else f"{title}任务未成功:{task.message}。",
            link=LINKS.get(task.kind),
            dedupe_key=f"task-ended:{task.id}:{account}",
            now=now,
        )


def worker_of(app: Flask, handlers: Mapping[str, Handler] = HANDLERS) -> Worker:
    """Return what a worker of this application works with."""
    return Worker(
        handlers=handlers,
        unit_of_work=unit_of_work_of(app),
        cipher=app.extensions["relief.cipher"],
        config=app.extensions["relief.config"],
        clock=app.extensions["relief.clock"],
        ended=tell_the_end,
    )


def serve_worker(
    app: Flask, *, stop: threading.Event | None = None, pulse: Pulse | None = None
) -> None:
    """Be a worker process until told to stop; without `stop`, by SIGTERM or SIGINT."""
    worker.serve(app, worker_of(app), stop=stop or stop_on_signals(), pulse=pulse or Pulse())


def serve_scheduler(
    app: Flask, *, stop: threading.Event | None = None, pulse: Pulse | None = None
) -> None:
    """Be a scheduler process until told to stop; without `stop`, by SIGTERM or SIGINT."""
    scheduler.serve(app, stop=stop or stop_on_signals(), pulse=pulse or Pulse())
