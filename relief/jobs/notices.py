"""Who hears of a task's end, and in which words."""

import uuid
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from relief.accounts.types import Role
from relief.jobs.queries import holders_of
from relief.notifications.service import notify
from relief.tasks.models import Task, TaskStatus

NAMES: Mapping[str, str] = {
    "decision-list": "清单办理",
    "export": "名单导出",
    "helper-file": "帮扶安排文件办理",
    "import": "数据导入",
    "merge": "数据归并",
    "quality-faults": "问题清单生成",
    "register-file": "登记数据入库",
    "roster-entry": "批量补办",
    "standard-rise": "提标",
}
OTHER = "后台任务"
# By what the result of the task counts.
_SAID: Mapping[str, str] = {
    "decision-list": (
        "已作出决定 {decided} 件，未决定 {not_decided} 件，尚未办理 {listed} 件。每件的结果见清单。"
    ),
    "standard-rise": (
        "已提标 {decided} 份，未能提标 {not_decided} 份，待签署或待办理 {listed} 份，"
        "须由人逐件办理或金额不变 {left_out} 份。每份的情况见差异清单。"
    ),
    "roster-entry": (
        "已录入 {entered} 人，未录入 {not_entered} 人，尚未录入 {listed} 人。"
        "每个人的情况见批量补办。"
    ),
    "helper-file": "收到 {received} 行，已安排 {assigned} 行，退回 {rejected} 行。",
    "register-file": "收到 {received} 行，入库 {loaded} 行，退回 {rejected} 行。",
    "quality-faults": "数据质量问题清单已生成，共 {lines} 条，请在七天内下载。",
}
# Kind → the page of all, and that of one batch.
_FILES: Mapping[str, tuple[str, str]] = {
    "import": ("/batches", "/batches"),
    "register-file": ("/registers", "/registers/batches"),
}
# Kind → the page, and which argument of the task names the one that it is about.
_OF_ONE: Mapping[str, tuple[str, str]] = {
    "decision-list": ("/decision-lists", "list_id"),
    "quality-faults": ("/quality", "scheme"),
    "roster-entry": ("/cases/roster-acts", "act_id"),
    "standard-rise": ("/standard-rises", "rise_id"),
}


def tell_the_end(session: Session, task: Task, now: datetime) -> None:
    """Tell whoever waits for a task that it is done or has failed.

    That is who asked for it and who else its arguments name under `notify`; of a failure that
    nobody waits for, the system administrators hear.
    """
    failed = task.status is TaskStatus.FAILED
    _tell_of_held(session, task, now)
    waiting = {uuid.UUID(account) for account in task.arguments.get("notify", ())}
    if task.created_by is not None:
        waiting.add(task.created_by)
    if failed and not waiting:
        waiting.update(holders_of(session, (Role.SYSTEM_ADMIN,)))
    name = NAMES.get(task.kind, OTHER)
    for account in sorted(waiting):
        notify(
            session,
            recipient_id=account,
            title=f"{name}{_how(task)}",
            body=_reason(name, task.message) if failed else _outcome(task),
            link=_link(task),
            dedupe_key=f"task-ended:{task.id}:{account}",
            now=now,
        )


def _tell_of_held(session: Session, task: Task, now: datetime) -> None:
    """Tell the stewards which rolls a merge did not let have their effect."""
    for roll in (task.result or {}).get("held", ()):
        for account in holders_of(session, (Role.STEWARD,)):
            notify(
                session,
                recipient_id=account,
                title="名册待确认",
                body=(
                    f"“{roll['file']}”将使在册的 {roll['people']} 人中 {roll['removed']} 人离开，"
                    "没有生效。请与报送部门核对后确认或不采用。"
                ),
                link=f"/batches/{roll['batch']}",
                dedupe_key=f"roll-held:{roll['batch']}:{account}",
                now=now,
            )


def _how(task: Task) -> str:
    if task.status is TaskStatus.FAILED:
        return "未成功"
    return "已停止" if (task.result or {}).get("status") == "stopped" else "已完成"


def _reason(name: str, message: str | None) -> str:
    said = (message or "").rstrip("。")
    return f"{name}未成功：{said}。"


def _outcome(task: Task) -> str:
    result: dict[str, Any] = task.result or {}
    if task.kind in {"import", "register-file"} and result.get("status") == "repeated":
        return "这个文件此前已经导入，本次没有重复入库。"
    if task.kind == "import":
        return (
            f"收到 {result.get('received', 0)} 行，入库 {result.get('loaded', 0)} 行，"
            f"退回 {result.get('rejected', 0)} 行。"
        )
    if task.kind == "export":
        return f"文件已生成，共 {result.get('rows', 0)} 户。请在有效期内到“我的导出”下载。"
    if task.kind == "merge":
        # A merge of some parts counts these, and not the whole registry.
        counted = "共" if result.get("whole", True) else "本次涉及"
        return (
            f"困难群众库已更新：{counted} {result.get('households', 0)} 户、"
            f"{result.get('persons', 0)} 人。"
        )
    return _SAID.get(task.kind, "任务已处理完毕。").format_map(defaultdict(int, result))


def _link(task: Task) -> str | None:
    if task.kind == "export":
        return "/exports"
    if task.kind in _OF_ONE:
        page, named = _OF_ONE[task.kind]
        return f"{page}/{task.arguments[named]}"
    if task.kind == "helper-file":
        return f"/helper-files/{task.id}"
    if task.kind in _FILES:
        page, batches = _FILES[task.kind]
        batch = (task.result or {}).get("batch")
        return f"{batches}/{batch}" if batch else page
    return "/households" if task.kind == "merge" else None
