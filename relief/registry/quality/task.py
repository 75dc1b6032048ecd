"""Makes the file of a scheme's faults as a task of the queue."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from relief.accounts import queries as accounts
from relief.attachments import service as attachments
from relief.audit import service as audit
from relief.core.clock import CHINA
from relief.organisation import queries as organisation
from relief.registry.intake import folders
from relief.registry.merging.workbench import open_workbench
from relief.registry.quality import lines
from relief.registry.quality.service import PURPOSE
from relief.registry.quality.writing import MEDIA_TYPES, Form, write
from relief.schemes import queries as schemes
from relief.tasks.worker import TaskContext

_LIMIT = 1 << 30
_STEPS = 3


def run(context: TaskContext) -> dict[str, Any]:
    """Handle a task of the kind `quality-faults`: arguments `scheme` and `form`.

    The file and the task's end are one transaction: a task done twice leaves one file.
    """
    code, form = context.arguments["scheme"], Form(context.arguments["form"])
    now, storage = context.clock(), context.config.storage_dir
    with (
        folders.private(storage) as folder,
        open_workbench() as bench,
        context.unit_of_work() as session,
    ):
        # The web's limit on a statement is not meant for it.
        session.execute(text("SET LOCAL statement_timeout = 0"))
        scheme = schemes.get_scheme(session, code=code)
        context.progress(0, _STEPS, "正在查找问题")
        count, found = lines.find(session, bench, code)
        context.progress(1, _STEPS, "正在写入文件")
        path = folder / "faults"
        mark = _mark(session, context, scheme.department_code, now)
        write(path, form, mark=mark, count=count, lines=found)
        context.progress(2, _STEPS, "正在加密保存")
        with path.open("rb") as stream:
            stored = attachments.store(
                session,
                stream,
                name=f"{scheme.short_name}_数据质量问题_{now.astimezone(CHINA):%Y%m%d}.{form.value}",
                media_type=MEDIA_TYPES[form],
                purpose=PURPOSE,
                actor_id=context.actor_id,
                cipher=context.cipher,
                storage=storage,
                now=now,
                limit=_LIMIT,
            )
        audit.record(
            session,
            "fault_file:made",
            subject_type="fault_file",
            subject_id=stored.id,
            actor_id=context.actor_id,
            now=now,
            details={"scheme": code, "lines": count},
        )
        result = {"file": str(stored.id), "scheme": code, "lines": count}
        context.complete(session, result)
    return result


def _mark(session: Session, context: TaskContext, department_code: str, now: datetime) -> str:
    """Return what every file says at its head: for whom, by whom, when, and for what."""
    department = organisation.department_names(session)[department_code]
    names = accounts.display_names(session, {context.actor_id} if context.actor_id else set())
    name = names.get(context.actor_id or uuid.UUID(int=0), "系统")
    return (
        f"供{department}核改数据，不得外传。{name} 于 {now.astimezone(CHINA):%Y-%m-%d %H:%M} 导出，"
        f"编号 {context.task_id}。行号与原文件中显示的一致。"
    )
