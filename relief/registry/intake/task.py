"""Imports an uploaded file as a task of the queue, and queues the merge that follows."""

import uuid
from typing import Any

from relief.attachments import queries as attachments
from relief.core.clock import local_date
from relief.registry.intake import folders, places, reading, service
from relief.registry.intake.limits import DEFAULT_LIMITS
from relief.registry.intake.types import Arrival, BatchReport
from relief.registry.types import BatchStatus
from relief.tasks import service as tasks
from relief.tasks.errors import TaskRefused
from relief.tasks.worker import TaskContext

_MERGE_KIND, _MERGE_KEY = "merge", "registry"


def run(context: TaskContext) -> dict[str, Any]:
    """Handle a task of the kind `import`: arguments `file_id`, and `scheme` and `rows` or None.

    Raises TaskRefused with the fault of a file that is refused whole; its batch is recorded.
    """
    report = _import(context)
    if report.status is BatchStatus.FAILED:
        raise TaskRefused(report.fault)
    return report.as_json()


def _import(context: TaskContext) -> BatchReport:
    now, storage = context.clock(), context.config.storage_dir
    scheme = context.arguments["scheme"]
    with folders.private(storage) as folder:
        with context.unit_of_work() as session:
            stored = attachments.get(session, uuid.UUID(context.arguments["file_id"]))
            arrival = Arrival(
                path=folder / "original",
                file_name=stored.name,
                sha256=stored.sha256,
                stored_id=stored.id,
                region_code=context.arguments.get("region"),
            )
            with arrival.path.open("wb") as file:
                pieces = attachments.pieces(stored, cipher=context.cipher, storage=storage)
                file.writelines(pieces)
            city = places.load(session)
        context.progress(0, 2, "正在读取文件")
        found = reading.read(
            arrival.path,
            scheme=scheme,
            places=city,
            today=local_date(now),
            folder=folder,
            limits=DEFAULT_LIMITS,
            expected_rows=context.arguments.get("rows"),  # absent in tasks queued before
        )
        context.progress(1, 2, "正在入库")
        with context.unit_of_work() as session:
            report = service.settle(
                session,
                arrival,
                found,
                actor_id=context.actor_id,
                cipher=context.cipher,
                storage=storage,
                now=now,
            )
            if report.status is BatchStatus.LOADED:
                tasks.enqueue(
                    session,
                    kind=_MERGE_KIND,
                    key=_MERGE_KEY,
                    arguments={"notify": [str(context.actor_id)] if context.actor_id else []},
                    actor_id=None,
                    now=now,
                )
            context.fence(session)
    return report
