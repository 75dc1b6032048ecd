"""Loads an uploaded file of a register, as a task of the queue."""

import uuid
from typing import Any

from relief.attachments import queries as attachments
from relief.registers.intake import layouts, service
from relief.registers.intake.service import RegisterReport
from relief.registers.types import Register, RegisterBatchStatus
from relief.registry.intake import folders, places, reading
from relief.registry.intake.limits import DEFAULT_LIMITS
from relief.registry.intake.types import Arrival
from relief.tasks.errors import TaskRefused
from relief.tasks.worker import TaskContext

_SHOWN, _ENDING = 60, 15  # characters of a file's name, and those of its end


def run(context: TaskContext) -> dict[str, Any]:
    """Handle a task of the kind `register-file`: `file_id`, and `register` and `rows` or None.

    Raises TaskRefused with the fault of a file that is refused whole, by its name: whoever sent
    several reads which it was.
    """
    report = _load(context)
    if report.status is RegisterBatchStatus.FAILED:
        raise TaskRefused(_told(report))
    return report.as_json()


def _told(report: RegisterReport) -> str:
    """Return which file is refused, of which register as far as that is known, and why."""
    title = layouts.of_register(report.register)[0].layout.title if report.register else None
    of = f"（{title}）" if title else ""
    name = report.file_name
    if len(name) > _SHOWN:  # a message has an end, and the reason is to be read
        name = f"{name[: _SHOWN - _ENDING]}…{name[-_ENDING:]}"
    return f"“{name}”{of}：{report.fault}"


def _load(context: TaskContext) -> RegisterReport:
    now, storage = context.clock(), context.config.storage_dir
    said = context.arguments["register"]
    register = Register(said) if said else None
    with folders.private(storage) as folder:
        with context.unit_of_work() as session:
            stored = attachments.get(session, uuid.UUID(context.arguments["file_id"]))
            arrival = Arrival(
                path=folder / "original",
                file_name=stored.name,
                sha256=stored.sha256,
                stored_id=stored.id,
            )
            with arrival.path.open("wb") as file:
                pieces = attachments.pieces(stored, cipher=context.cipher, storage=storage)
                file.writelines(pieces)
            city = places.load(session)
        context.progress(0, 2, "正在读取文件")
        job = service.job_of(
            arrival.path, register=register, folder=folder, city=city, now=now,
            limits=DEFAULT_LIMITS, expected_rows=context.arguments["rows"],
        )  # fmt: skip
        found = reading.run_child(service.READER, job, folder=folder, limits=DEFAULT_LIMITS)
        context.progress(1, 2, "正在入库")
        with context.unit_of_work() as session:
            report = service.settle(
                session, arrival, found, folder, register=register, actor_id=context.actor_id,
                cipher=context.cipher, storage=storage, now=now,
            )  # fmt: skip
            if report.status is RegisterBatchStatus.FAILED:
                context.fence(session)
            else:
                context.complete(session, report.as_json())
    return report
