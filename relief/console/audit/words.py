"""Audit events and findings in Chinese."""

import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from flask import url_for

from relief.accounts.permissions import Permission
from relief.audit import checks
from relief.audit.verifying import Fault, Finding
from relief.console.labels import label
from relief.web.context import current_actor

if TYPE_CHECKING:
    from relief.audit.models import AuditEvent

SYSTEM, GONE, MINI_USER = "系统", "已删除的账号", "小程序用户"
_PAGES = {
    "household": ("console.audit.household", "household_id"),
    "person": ("console.audit.person", "person_id"),
    "account": ("console.audit.account", "account_id"),
    "case": ("console.cases.show", "case_id"),
}


def actor(event: "AuditEvent", names: Mapping[uuid.UUID, str]) -> str:
    """Return who did it, and for whom."""
    if event.actor_id is None:
        return SYSTEM
    name = names.get(event.actor_id, GONE)
    other = acting_for(event)
    return name if other is None else f"{name}（代{names.get(other, GONE)}）"


def acting_for(event: "AuditEvent") -> uuid.UUID | None:
    """Return for whom somebody stood in who did it."""
    other = event.details.get("acting_for")
    return uuid.UUID(other) if other else None


def notes(event: "AuditEvent", purposes: Mapping[str, str]) -> list[str]:
    """Return the ground, purpose, fields and like facts of an event, as far as it has them."""
    details = event.details
    told = [words(details[name], purposes) for name, words in _TOLD.items() if details.get(name)]
    if event.action.endswith(":viewed"):
        count = len(details.get("grounds", ()))
        told.append(f"有效事由 {count} 项" if count else "无查询事由（只见遮盖信息）")
    if "whole" in details:
        told.append(finding(details.get("finding")) or "完好")
    return told


_TOLD: Mapping[str, Callable[[Any, Mapping[str, str]], str]] = {
    "purpose": lambda code, purposes: f"目的：{purposes.get(code, code)}",
    "remark": lambda remark, _: f"备注：{remark}",
    "fields": lambda fields, _: f"查看项：{'、'.join(label(name, 'field') for name in fields)}",
    "ground": lambda ground, _: f"事由编号：{ground}",
    "by": lambda names, _: f"检索条件：{'、'.join(_condition(name) for name in names)}",
    "rows": lambda rows, _: f"共 {rows} 户",
    "role": lambda role, _: f"角色：{label(role, 'role')}",
    "region": lambda code, _: f"区划代码：{code}",
    "true_on": lambda day, _: f"查看的日期：{day}",
    "refused": lambda _code, _: "没有受理",
    "believed_on": lambda day, _: f"按 {day} 所知",
}


def finding(found: Mapping[str, Any] | None) -> str | None:
    """Return a stored finding in words."""
    if not found:
        return None
    event_id = found.get("event_id")
    return checks.told(
        Finding(
            fault=Fault(found["fault"]),
            seq=found.get("seq"),
            position=found.get("position"),
            event_id=uuid.UUID(event_id) if event_id else None,
            anchor=found.get("anchor"),
        )
    )


def page_of(event: "AuditEvent") -> str | None:
    """Return the address of the history of an event's subject, if there is one."""
    if event.subject_type not in _PAGES or not event.subject_id.int:
        return None
    if event.subject_type == "case" and not current_actor().may(Permission.SEE_CASES):
        return None  # the administrator of the trail opens no case
    endpoint, argument = _PAGES[event.subject_type]
    values: dict[str, Any] = {argument: event.subject_id}
    return url_for(endpoint, **values)


def _condition(name: str) -> str:
    return {"region": "区划", "scheme": "救助项目", "category": "困难类别"}.get(
        name, label(name, "field")
    )
